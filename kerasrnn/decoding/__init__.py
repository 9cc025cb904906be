"""Decoding: from a step function to sequences, with the whole loop in the graph."""

from kerasrnn.decoding.beam_search import beam_search
from kerasrnn.decoding.constraints import ban, force_prefix, min_length, no_repeat_ngram
from kerasrnn.decoding.crf import log_partition, marginals, viterbi
from kerasrnn.decoding.ensemble import ensemble
from kerasrnn.decoding.greedy import decode, greedy
from kerasrnn.decoding.sampling import sampling
from kerasrnn.decoding.step_function import repeat_rows, step_function

__all__ = [
    "ban",
    "beam_search",
    "decode",
    "ensemble",
    "force_prefix",
    "greedy",
    "log_partition",
    "marginals",
    "min_length",
    "no_repeat_ngram",
    "repeat_rows",
    "sampling",
    "step_function",
    "viterbi",
]
