"""The confusion matrix, and macro F1, which weighs all classes alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, check_texts

__all__ = ["confusion_counts", "macro_f1"]


def confusion_counts(
    gold: Sequence[str], predicted: Sequence[str], labels: Sequence[str]
) -> np.ndarray:
    """Counts for each true label how often each label was predicted.

    The counts of parts add up to those of the whole, so that it does not matter how rows were
    put into batches.

    Args:
        gold: The N true labels.
        predicted: The N labels that a model gave.
        labels: The distinct names of the L labels.

    Returns:
        `(L, L)` int64, a row for each true label and a column for each predicted one.

    Raises:
        ValueError: For different numbers of labels, or one that is not among `labels`.

    Example:

    >>> confusion_counts(["no", "no", "yes"], ["no", "yes", "yes"], ["no", "yes"]).tolist()
    [[1, 1], [0, 1]]
    """
    gold = check_texts("gold", gold, "labels")
    predicted = check_texts("predicted", predicted, "labels")
    labels = check_texts("labels", labels, "labels")
    if len(gold) != len(predicted):
        raise UserError(
            f"Expected as many answers as right labels, {len(gold)}. Received: {len(predicted)}"
        )
    places = {label: i for i, label in enumerate(labels)}
    unknown = {*gold, *predicted} - places.keys()
    if unknown:
        shown = ", ".join(labels[:10]) + (", …" if len(labels) > 10 else "")
        raise UserError(
            f"Expected labels among the {len(labels)} known ones, {shown}. "
            f"Received: {min(unknown)!r}"
        )
    pairs = [places[g] * len(labels) + places[p] for g, p in zip(gold, predicted, strict=True)]
    counts = np.bincount(np.array(pairs, "int64"), minlength=len(labels) ** 2)
    return counts.reshape(len(labels), len(labels))


def macro_f1(counts: np.ndarray) -> float:
    """Returns the unweighted mean of the F1 of the labels.

    Args:
        counts: `(L, L)` what `confusion_counts` returned.

    Returns:
        The mean of 2 · hits / (times true + times predicted) over the labels that are true or
        predicted at least once, as scikit-learn's `f1_score(average="macro")` takes it; NaN
        where there is none.

    Example:

    >>> macro_f1(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]]))
    0.6666666666666666
    """
    counts = np.asarray(counts)
    seen = counts.sum(0) + counts.sum(1)
    if not seen.any():
        return float("nan")
    return float(np.mean(2 * np.diag(counts)[seen > 0] / seen[seen > 0]))
