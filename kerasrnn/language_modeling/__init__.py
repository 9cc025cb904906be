"""Language models of all kinds under one contract, and what is done with their probabilities."""

from kerasrnn.language_modeling.add_k import add_k, impossible_sentences
from kerasrnn.language_modeling.arpa import write_arpa
from kerasrnn.language_modeling.backoff import BackoffModel
from kerasrnn.language_modeling.class_ngram import ClassNgramModel, class_ngram
from kerasrnn.language_modeling.good_turing import good_turing
from kerasrnn.language_modeling.kneser_ney import kneser_ney, kneser_ney_discounts
from kerasrnn.language_modeling.next_token_model import NextTokenModel
from kerasrnn.language_modeling.ngram_counts import NgramCounts, count_ngrams
from kerasrnn.language_modeling.read_arpa import read_arpa
from kerasrnn.language_modeling.sentence_file import read_sentences
from kerasrnn.language_modeling.word_classes import exchange_classes

__all__ = [
    "BackoffModel",
    "ClassNgramModel",
    "NextTokenModel",
    "NgramCounts",
    "add_k",
    "class_ngram",
    "count_ngrams",
    "exchange_classes",
    "good_turing",
    "impossible_sentences",
    "kneser_ney",
    "kneser_ney_discounts",
    "read_arpa",
    "read_sentences",
    "write_arpa",
]
