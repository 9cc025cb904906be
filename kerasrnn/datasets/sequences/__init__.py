"""Sequences of vectors of a user's own: arrays with lengths, and long tables of sensors."""
