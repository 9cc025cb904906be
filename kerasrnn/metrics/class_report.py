"""Precision, recall and F1 of each class, and of each type of entity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasrnn.metrics.entities import entities, label_rows

__all__ = ["class_report", "entity_counts", "entity_report", "scores_of_counts"]


def class_report(counts: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
    """Sums up what `confusion_counts` returned, for each label.

    Args:
        counts: `(L, L)` int, a row for each true label and a column for each predicted one.
        labels: The names of the L labels, or of the first of them.

    Returns:
        By label `precision`, `recall` and `f1` from 0 to 1, 0 where there is nothing to divide by,
        and `support`, how often the label is the true one.

    Example:

    >>> class_report(np.array([[2, 1], [0, 1]]), ["no", "yes"])["yes"]
    {'precision': 0.5, 'recall': 1.0, 'f1': 0.6666666666666666, 'support': 1}
    """
    counts = np.asarray(counts)
    rows = np.stack([np.diag(counts), counts.sum(0), counts.sum(1)], axis=1).tolist()
    return {label: scores_of_counts(*row) for label, row in zip(labels, rows, strict=False)}


def entity_report(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Compares entities as `entity_scores` does, for each type.

    Args:
        gold: The true labels of each sentence.
        predicted: The labels that a model gave, of the same lengths.

    Returns:
        By type, sorted, what `class_report` has for a label.

    Example:

    >>> entity_report([["B-PER", "O", "B-LOC"]], [["B-PER", "B-LOC", "B-LOC"]])["LOC"]
    {'precision': 0.5, 'recall': 1.0, 'f1': 0.6666666666666666, 'support': 1}
    """
    counts = entity_counts(gold, predicted)
    return {kind: scores_of_counts(*counts[kind]) for kind in sorted(counts)}


def entity_counts(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> dict[str, list[int]]:
    """Counts entities; the counts of parts add up to those of the whole.

    Args:
        gold: The true labels of each sentence.
        predicted: The labels that a model gave, of the same lengths.

    Returns:
        By type how many entities are right, how many were answered and how many there are.

    Example:

    >>> entity_counts([["B-PER", "O", "B-LOC"]], [["B-PER", "B-LOC", "B-LOC"]])["LOC"]
    [1, 2, 1]
    """
    counts: dict[str, list[int]] = {}
    for true, answered in zip(*label_rows(gold, predicted), strict=True):
        true, answered = entities(true), entities(answered)
        for place, spans in enumerate((true & answered, answered, true)):
            for kind, *_ in spans:
                counts.setdefault(kind, [0, 0, 0])[place] += 1
    return counts


def scores_of_counts(hits: int, answered: int, support: int) -> dict[str, float]:
    """Returns what `class_report` has for a label.

    Args:
        hits: How often it was answered where it is right.
        answered: How often it was answered.
        support: How often it is right.
    """
    return {
        "precision": hits / max(answered, 1),
        "recall": hits / max(support, 1),
        "f1": 2 * hits / max(answered + support, 1),
        "support": support,
    }
