"""Language models of all kinds under one contract, and what is done with their probabilities."""

from kerasrnn.language_modeling.cache import Cache
from kerasrnn.language_modeling.log_linear import LogLinearMixture, log_linear_weights
from kerasrnn.language_modeling.mixture import Mixture
from kerasrnn.language_modeling.next_token_model import NextTokenModel, Session
from kerasrnn.language_modeling.perplexity import (
    TextReport,
    rank,
    sentence_log_probs,
    stream_report,
    text_report,
)
from kerasrnn.language_modeling.rare_words import Expanded
from kerasrnn.language_modeling.streams import em_weights, mix_streams, token_stream, tune_weights
from kerasrnn.language_modeling.uniform import UniformModel

__all__ = [
    "Cache",
    "Expanded",
    "LogLinearMixture",
    "Mixture",
    "NextTokenModel",
    "Session",
    "TextReport",
    "UniformModel",
    "em_weights",
    "log_linear_weights",
    "mix_streams",
    "rank",
    "sentence_log_probs",
    "stream_report",
    "text_report",
    "token_stream",
    "tune_weights",
]
