"""How many entities of each type there are, were answered, and are right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from kerasrnn.metrics.class_report import scores_of_counts

__all__ = ["entity_totals", "scores_of_all"]


def entity_totals(tallies: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Adds up the entries `entities` of tallies.

    Args:
        tallies: Whose `entities` are what `entity_counts` of `metrics.class_report` returned.

    Returns:
        By type, sorted, the sums.

    Example:

    >>> entity_totals([{"entities": {"PER": [1, 2, 1]}}, {"entities": {"PER": [1, 1, 3]}}])
    {'PER': [2, 3, 4]}
    """
    counts: dict[str, list[int]] = {}
    for kind, numbers in (each for tally in tallies for each in tally["entities"].items()):
        before = counts.get(kind, [0, 0, 0])
        counts[kind] = [a + b for a, b in zip(before, numbers, strict=True)]
    return {kind: counts[kind] for kind in sorted(counts)}


def scores_of_all(tallies: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Returns `precision`, `recall` and `f1` over the entities of all types together."""
    hits, answered, support = np.sum([(0, 0, 0), *entity_totals(tallies).values()], axis=0).tolist()
    scores = scores_of_counts(hits, answered, support)
    return {name: scores[name] for name in ("precision", "recall", "f1")}
