"""Types of options with the range that each has: `units: Size = 64` is checked by `check_size`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from kerasrnn.checks import (
    check_choice,
    check_integer,
    check_layers,
    check_length,
    check_number,
    check_order,
    check_share,
    check_size,
)
from kerasrnn.options.words import ThresholdRule, words

__all__ = [
    "Count",
    "Layers",
    "Length",
    "Megabytes",
    "Natural",
    "NonNegative",
    "Order",
    "Part",
    "Parts",
    "Port",
    "Positive",
    "Ratio",
    "Seed",
    "Several",
    "Share",
    "Size",
    "Threshold",
    "VocabularySize",
    "Weight",
    "Width",
]

# What NumPy takes for a seed, and what 64 bits hold behind a million of them.
MOST_SEED = 2**32 - 1
MOST_SEVERAL = 1_000_000
# Hypotheses of a beam: more are a slip, which memory would refuse late.
MOST_WIDTH = 10_000
MOST_PARTS = 1_024

# Whole numbers
Count = Annotated[int, check_integer]  # from 1
Natural = Annotated[int, partial(check_integer, least=0)]
Size = Annotated[int, check_size]  # of a layer
Layers = Annotated[int, check_layers]
Length = Annotated[int, check_length]  # of an answer or a window
Order = Annotated[int, check_order]  # of an n-gram
VocabularySize = Annotated[int, partial(check_integer, least=5)]  # four ids are reserved
Several = Annotated[int, partial(check_integer, most=MOST_SEVERAL)]
Parts = Annotated[int, partial(check_integer, most=MOST_PARTS)]  # of a batch, or processes
Width = Annotated[int, partial(check_integer, most=MOST_WIDTH)]  # of a beam
Seed = Annotated[int, partial(check_integer, least=0, most=MOST_SEED)]
Port = Annotated[int, partial(check_integer, least=0, most=2**16 - 1)]
Megabytes = Annotated[int, partial(check_integer, most=2**20)]

# Numbers
NonNegative = Annotated[float, check_number]
Positive = Annotated[float, partial(check_number, above=True)]
Share = Annotated[float, partial(check_number, below=1)]  # 0 for none
Part = Annotated[float, check_share]  # above 0, up to all
Ratio = Annotated[float, partial(check_number, least=1)]
Weight = Annotated[float, partial(check_number, least=-1e9)]


def _check_threshold(name: str, value: Any) -> float | str:
    if isinstance(value, str):
        return check_choice(name, value, words(ThresholdRule))
    return check_number(name, value, below=1, above=True)


Threshold = Annotated[float | ThresholdRule, _check_threshold]
