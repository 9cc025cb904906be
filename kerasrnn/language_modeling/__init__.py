"""Language models of all kinds under one contract, and what is done with their probabilities."""

from kerasrnn.language_modeling.backoff import BackoffModel
from kerasrnn.language_modeling.kneser_ney import kneser_ney, kneser_ney_discounts
from kerasrnn.language_modeling.next_token_model import NextTokenModel
from kerasrnn.language_modeling.ngram_counts import NgramCounts, count_ngrams

__all__ = [
    "BackoffModel",
    "NextTokenModel",
    "NgramCounts",
    "count_ngrams",
    "kneser_ney",
    "kneser_ney_discounts",
]
