"""Decoding: from a step function to sequences, with the whole loop in the graph."""

from kerasrnn.decoding.greedy import decode, greedy
from kerasrnn.decoding.step_function import step_function

__all__ = ["decode", "greedy", "step_function"]
