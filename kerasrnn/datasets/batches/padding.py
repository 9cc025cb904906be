"""The fraction of the computed steps that is padding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kerasrnn.vocabulary import PADDING

__all__ = ["padding_waste"]

# Inputs that are ids of steps; `targets` are what `tokens` tell already.
IDS = ("tokens", "source", "target", "first", "second")


def padding_waste(batches: Iterable[Any]) -> float:
    """Measures the fraction of padding among all steps of some batches.

    A masked step is computed all the same, so this is the fraction of the work that is for nothing.
    Both sides of pairs of texts count; so do rows of weight 0, which only fill a batch up.

    Args:
        batches: Of `(x, y, sample_weight)`, as the loaders make them.

    Returns:
        From 0 to 1; 0 for no batch.

    Example:

    >>> padding_waste([(np.array([[7, 8, 9, 6], [5, 6, 0, 0]]), np.array([0, 1]), np.ones(2))])
    0.25
    """
    steps = real = 0
    for x, _, weights in batches:
        weights = np.asarray(weights)
        counts = np.any(weights.reshape(len(weights), -1), axis=1, keepdims=True)
        for is_real in _real_steps(x):
            steps += is_real.size
            real += int(np.count_nonzero(is_real & counts))
    return 1 - real / steps if steps else 0.0


def _real_steps(x) -> list[np.ndarray]:
    """Returns `(B, T)` bool for each input of steps."""
    x = x if isinstance(x, dict) else {"tokens": x}
    if "mask" in x:
        return [np.asarray(x["mask"])]
    return [np.asarray(x[name]) != PADDING for name in IDS if name in x]
