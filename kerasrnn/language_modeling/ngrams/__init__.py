"""Counted language models, smoothed in several ways, and the files that they are kept in."""
