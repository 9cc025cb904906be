"""Language models of all kinds under one contract, and what is done with their probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasrnn.language_modeling.mixing.log_linear import LogLinearMixture, log_linear_weights
from kerasrnn.language_modeling.mixing.log_prob_streams import (
    em_weights,
    mix_streams,
    token_stream,
    tune_weights,
)
from kerasrnn.language_modeling.mixing.mixture import Mixture
from kerasrnn.language_modeling.next_token_model import NextTokenModel, Session
from kerasrnn.language_modeling.ngrams.add_k import add_k, impossible_sentences
from kerasrnn.language_modeling.ngrams.arpa import write_arpa
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.language_modeling.ngrams.class_ngram import ClassNgramModel, class_ngram
from kerasrnn.language_modeling.ngrams.good_turing import good_turing
from kerasrnn.language_modeling.ngrams.kneser_ney import kneser_ney, kneser_ney_discounts
from kerasrnn.language_modeling.ngrams.ngram_cache import Cache
from kerasrnn.language_modeling.ngrams.ngram_counts import NgramCounts, count_ngrams
from kerasrnn.language_modeling.ngrams.read_arpa import read_arpa
from kerasrnn.language_modeling.ngrams.word_classes import exchange_classes
from kerasrnn.language_modeling.rare_words import Expanded
from kerasrnn.language_modeling.rescoring.hypotheses import Hypothesis, NBestList
from kerasrnn.language_modeling.rescoring.lattice import Arc, Lattice
from kerasrnn.language_modeling.rescoring.nbest import (
    nbest_form,
    read_nbest,
    read_texts,
    write_nbest,
    write_texts,
)
from kerasrnn.language_modeling.rescoring.reordering import (
    RescoringWeights,
    first_best,
    hypothesis_errors,
    oracle,
    reorder,
    rescore,
    score_nbest,
)
from kerasrnn.language_modeling.rescoring.rescoring_weights import tune_rescoring
from kerasrnn.language_modeling.rescoring.simulated_nbest import (
    SpellingConfusions,
    simulate_lattice,
    simulate_nbest,
)
from kerasrnn.language_modeling.rescoring.slf import read_slf
from kerasrnn.language_modeling.rescoring.word_errors import (
    Comparison,
    WordErrors,
    bootstrap_interval,
    compare,
    word_errors,
)
from kerasrnn.language_modeling.sentences import read_sentences
from kerasrnn.language_modeling.text_reports import (
    TextReport,
    rank,
    sentence_log_probs,
    stream_report,
    text_report,
)
from kerasrnn.language_modeling.uniform import UniformModel
from kerasrnn.lazy_names import resolver

# Resolved on first use, so that counted models need neither Keras nor TensorFlow: name → module.
if TYPE_CHECKING:  # what `__getattr__` finds
    from kerasrnn.language_modeling.neural.continuous_cache import ContinuousCacheModel
    from kerasrnn.language_modeling.neural.dynamic_evaluation import DynamicEvaluation, DynamicModel
    from kerasrnn.language_modeling.neural.neural_model import NeuralModel

_NEURAL = {
    "ContinuousCacheModel": "neural.continuous_cache",
    "DynamicEvaluation": "neural.dynamic_evaluation",
    "DynamicModel": "neural.dynamic_evaluation",
    "NeuralModel": "neural.neural_model",
}

__all__ = [
    "Arc",
    "BackoffModel",
    "Cache",
    "ClassNgramModel",
    "Comparison",
    "ContinuousCacheModel",
    "DynamicEvaluation",
    "DynamicModel",
    "Expanded",
    "Hypothesis",
    "Lattice",
    "LogLinearMixture",
    "Mixture",
    "NBestList",
    "NeuralModel",
    "NextTokenModel",
    "NgramCounts",
    "RescoringWeights",
    "Session",
    "SpellingConfusions",
    "TextReport",
    "UniformModel",
    "WordErrors",
    "add_k",
    "bootstrap_interval",
    "class_ngram",
    "compare",
    "count_ngrams",
    "em_weights",
    "exchange_classes",
    "first_best",
    "good_turing",
    "hypothesis_errors",
    "impossible_sentences",
    "kneser_ney",
    "kneser_ney_discounts",
    "log_linear_weights",
    "mix_streams",
    "oracle",
    "rank",
    "read_arpa",
    "nbest_form",
    "read_nbest",
    "read_sentences",
    "read_slf",
    "read_texts",
    "reorder",
    "rescore",
    "score_nbest",
    "sentence_log_probs",
    "simulate_lattice",
    "simulate_nbest",
    "stream_report",
    "text_report",
    "token_stream",
    "tune_rescoring",
    "tune_weights",
    "word_errors",
    "write_arpa",
    "write_nbest",
    "write_texts",
]


if not TYPE_CHECKING:  # or any name would count as a public one
    __getattr__ = resolver(
        __name__, {name: f"{__name__}.{place}" for name, place in _NEURAL.items()}
    )


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
