"""Decoding: from a step function to sequences, with the whole loop in the graph."""

from kerasrnn.decoding.crf import log_partition, marginals, viterbi
from kerasrnn.decoding.greedy import decode, greedy
from kerasrnn.decoding.step_function import step_function

__all__ = ["decode", "greedy", "log_partition", "marginals", "step_function", "viterbi"]
