"""Language models of all kinds under one contract, and what is done with their probabilities."""

from kerasrnn.language_modeling.cache import Cache
from kerasrnn.language_modeling.hypotheses import (
    Hypothesis,
    NBestList,
)
from kerasrnn.language_modeling.lattice import (
    Arc,
    Lattice,
)
from kerasrnn.language_modeling.log_linear import LogLinearMixture, log_linear_weights
from kerasrnn.language_modeling.mixture import Mixture
from kerasrnn.language_modeling.nbest import (
    read_nbest,
    read_texts,
    write_nbest,
    write_texts,
)
from kerasrnn.language_modeling.next_token_model import NextTokenModel, Session
from kerasrnn.language_modeling.perplexity import (
    TextReport,
    rank,
    sentence_log_probs,
    stream_report,
    text_report,
)
from kerasrnn.language_modeling.rare_words import Expanded
from kerasrnn.language_modeling.rescoring import (
    RescoringWeights,
    first_best,
    hypothesis_errors,
    oracle,
    reorder,
    rescore,
    score_nbest,
)
from kerasrnn.language_modeling.rescoring_weights import (
    tune_rescoring,
)
from kerasrnn.language_modeling.simulated_nbest import (
    SpellingConfusions,
    simulate_lattice,
    simulate_nbest,
)
from kerasrnn.language_modeling.slf import (
    read_slf,
)
from kerasrnn.language_modeling.streams import em_weights, mix_streams, token_stream, tune_weights
from kerasrnn.language_modeling.uniform import UniformModel
from kerasrnn.language_modeling.word_errors import (
    Comparison,
    WordErrors,
    bootstrap_interval,
    compare,
    word_errors,
)

__all__ = [
    "Arc",
    "Cache",
    "Comparison",
    "Expanded",
    "Hypothesis",
    "Lattice",
    "LogLinearMixture",
    "Mixture",
    "NBestList",
    "NextTokenModel",
    "RescoringWeights",
    "Session",
    "SpellingConfusions",
    "TextReport",
    "UniformModel",
    "WordErrors",
    "bootstrap_interval",
    "compare",
    "em_weights",
    "first_best",
    "hypothesis_errors",
    "log_linear_weights",
    "mix_streams",
    "oracle",
    "rank",
    "read_nbest",
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
    "write_nbest",
    "write_texts",
]
