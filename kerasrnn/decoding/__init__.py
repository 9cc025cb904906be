"""Decoding: from a step function to sequences, with the whole loop in the graph."""

from kerasrnn.decoding.beam_search import beam_search
from kerasrnn.decoding.constraints import ban, force_prefix, min_length, no_repeat_ngram
from kerasrnn.decoding.crf import log_partition, marginals, path_log_probs, viterbi
from kerasrnn.decoding.ensemble import ensemble
from kerasrnn.decoding.greedy import decode, greedy
from kerasrnn.decoding.ranking import length_normalised
from kerasrnn.decoding.sampling import sampling
from kerasrnn.decoding.search import Search, search
from kerasrnn.decoding.step_function import repeat_rows, step_function

__all__ = [
    "Search",
    "ban",
    "beam_search",
    "decode",
    "ensemble",
    "force_prefix",
    "greedy",
    "length_normalised",
    "log_partition",
    "marginals",
    "min_length",
    "no_repeat_ngram",
    "path_log_probs",
    "repeat_rows",
    "sampling",
    "search",
    "step_function",
    "viterbi",
]
