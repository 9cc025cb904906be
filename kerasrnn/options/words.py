"""The words that options take: an alias of `Literal` for each kind, which all lists come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

__all__ = [
    "Architecture",
    "Attention",
    "BadNumbers",
    "BadRows",
    "Cell",
    "Context",
    "DType",
    "DecoderCell",
    "EntityScheme",
    "Join",
    "ForecastLoss",
    "ForecastMethod",
    "LanguageModelKind",
    "Level",
    "MATRICES",
    "MissingRule",
    "Normalization",
    "Offset",
    "Optimizer",
    "Pooling",
    "Recurrence",
    "RegressionLoss",
    "ScaleBy",
    "Schedule",
    "Scheme",
    "Score",
    "Softmax",
    "Strategy",
    "TagOutput",
    "ThresholdRule",
    "words",
]

DecoderCell = Literal["simple_rnn", "lstm", "gru", "min_gru", "min_lstm", "sru"]
Cell = Literal[DecoderCell, "elman"]
# By cell, how many matrices its inputs are multiplied by, and its states.
MATRICES: Mapping[str, tuple[int, int]] = {
    "simple_rnn": (1, 1),
    "elman": (1, 1),
    "gru": (3, 3),
    "lstm": (4, 4),
    "min_gru": (2, 0),
    "min_lstm": (3, 0),
    "sru": (3, 0),
}
Architecture = Literal["skip_gram", "cbow"]  # of word vectors
Score = Literal["dot", "scaled_dot", "general", "additive"]
Attention = Literal["none", Score]
Pooling = Literal["last", "mean", "max", "attention"]
Join = Literal["ordered", "symmetric"]
Recurrence = Literal["keras", "compiled"]
DType = Literal["float32", "mixed_bfloat16", "mixed_float16"]
Strategy = Literal["mirrored", "multi-worker"]
Level = Literal["character", "word", "subword", "whitespace"]
Normalization = Literal["none", "nfc", "nfc_width"]
BadRows = Literal["refuse", "skip", "keep"]
BadNumbers = Literal["refuse", "skip"]
Context = Literal["sentence", "stream"]
LanguageModelKind = Literal["recurrent", "fixed_window", "mean_window"]
Softmax = Literal["full", "tied", "class", "adaptive", "tied_adaptive"]
TagOutput = Literal["softmax", "crf"]
RegressionLoss = Literal["mse", "mae", "huber"]
ThresholdRule = Literal["f1"]
EntityScheme = Literal["iob1", "iob2", "bioes", "biluo", "bmes"]
Scheme = Literal["auto", EntityScheme, "none"]
Optimizer = Literal["adam", "lazy_adam", "sgd"]
Offset = Literal["last", "mean"]
ForecastMethod = Literal["direct", "recursive", "window"]
ForecastLoss = Literal["mse", "mae"]
MissingRule = Literal["refuse", "last", "linear", "zero"]
ScaleBy = Literal["changes", "values"]
Schedule = Literal["plateau", "mikolov"]


def words(alias: Any) -> tuple[str, ...]:
    """Returns the words of an alias, in their order.

    Example:

    >>> words(DecoderCell)
    ('simple_rnn', 'lstm', 'gru', 'min_gru', 'min_lstm', 'sru')
    """
    return get_args(alias)
