"""How often a label was answered where another one, or it, is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.tasks.class_metrics import count_confusion

__all__ = ["confusion_of", "pair_counts"]


def pair_counts(right: Iterable[str], answers: Iterable[str]) -> list[list[Any]]:
    """Counts pairs of labels.

    Args:
        right: The N right labels.
        answers: The N labels that a model gave.

    Returns:
        The right label, the answer, and how often they are a pair, for each pair there is, sorted.

    Example:

    >>> pair_counts(["no", "yes", "no"], ["no", "no", "no"])
    [['no', 'no', 2], ['yes', 'no', 1]]
    """
    counts = Counter(zip(right, answers, strict=True))
    return [[*pair, counts[pair]] for pair in sorted(counts)]


def confusion_of(tallies: Iterable[Mapping[str, Any]], labels: Sequence[str]) -> np.ndarray:
    """Adds up the entries `pairs` of tallies.

    Args:
        tallies: Whose `pairs` are what `pair_counts` returned.
        labels: The L labels that the model was trained on.

    Returns:
        What `class_metrics.count_confusion` returns for all of them.

    Raises:
        ValueError: Where the training has seen none of the right labels.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for tally in tallies:
        for right, answer, number in tally["pairs"]:
            counts[right, answer] += number
    return count_confusion(counts, labels)
