"""Rescoring of what a recogniser heard: n-best lists, lattices and word errors."""
