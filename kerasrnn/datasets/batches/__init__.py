"""Encoded examples, kept and put into batches."""
