"""What is measured, and drawn, where answers are classes."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.files import write_beside
from kerasrnn.metrics import macro_f1
from kerasrnn.plotting import confusion_matrix

__all__ = [
    "class_metrics",
    "count_confusion",
    "draw_confusion",
]

PICTURE = "confusion.png"
MOST = 100  # labels in a picture


def count_confusion(counts: Mapping[tuple[str, str], int], labels: Sequence[str]) -> np.ndarray:
    """Counts for each right label how often each label was answered.

    Args:
        counts: How often each pair of a right label and of the one that a model gave occurs.
        labels: The L labels that the model was trained on.

    Returns:
        `(L + M, L + M)` int64, see `metrics.confusion_counts`: M right labels, sorted, that the
        training has never seen, come last.

    Raises:
        ValueError: Where the training has seen none of the right labels.
    """
    right = {pair[0] for pair in counts}
    unseen = sorted(right - set(labels))
    if right and len(unseen) == len(right):
        raise UserError(
            f"Expected labels that were seen in training, {first_of(labels)}. "
            f"Received: {first_of(unseen)}"
        )
    names = [*labels, *unseen]
    places = {name: i for i, name in enumerate(names)}
    found = np.zeros((len(names), len(names)), "int64")
    for (true, answer), number in counts.items():
        found[places[true], places[answer]] += number
    return found


def class_metrics(counts: np.ndarray, labels: Sequence[str]) -> dict[str, float]:
    """Sums up what `count_confusion` returned.

    Args:
        counts: `(L + M, L + M)` counts.
        labels: The L labels that the model was trained on.

    Returns:
        `accuracy` and `macro_f1`, NaN for no answer; where M is above 0 also `unseen_labels`, the
        number of times that such a label was right, all of them counted as errors.
    """
    total, unseen = counts.sum(), int(counts[len(labels) :].sum())
    accuracy = float(np.trace(counts) / total) if total else float("nan")
    figures = {"accuracy": accuracy, "macro_f1": macro_f1(counts)}
    return {**figures, "unseen_labels": unseen} if unseen else figures


def draw_confusion(folder: pathlib.Path, counts: np.ndarray, labels: Sequence[str]) -> None:
    """Writes `confusion.png` into the folder of a run, unless there are too many labels."""
    if len(counts) <= MOST:
        names = [*labels, *["never seen"] * (len(counts) - len(labels))]
        write_beside(folder / PICTURE, confusion_matrix(counts, names).savefig)
