"""What is measured, and drawn, where answers are classes."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.files import write_beside
from kerasrnn.metrics import confusion_counts, macro_f1
from kerasrnn.plotting import confusion_matrix

__all__ = [
    "answer_steps",
    "class_metrics",
    "count_confusion",
    "count_step_confusion",
    "draw_confusion",
]

PICTURE = "confusion.png"
MOST = 100  # labels in a picture


def count_confusion(
    right: Sequence[str], answers: Sequence[str], labels: Sequence[str]
) -> np.ndarray:
    """Counts for each right label how often each label was answered.

    Args:
        right: The N right labels.
        answers: The N labels that a model gave.
        labels: The L labels that the model was trained on.

    Returns:
        `(L + M, L + M)` int64, see `metrics.confusion_counts`: M right labels, sorted, that the
        training has never seen, come last.

    Raises:
        ValueError: Where the training has seen none of the right labels.
    """
    unseen = sorted(set(right) - set(labels))
    if right and len(unseen) == len(set(right)):
        raise UserError(
            f"Expected labels that were seen in training, {first_of(labels)}. "
            f"Received: {first_of(unseen)}"
        )
    return confusion_counts(right, answers, [*labels, *unseen])


def answer_steps(
    task: Any, examples: Any, batch_size: int
) -> tuple[list[list[str]], list[list[str]]]:
    """Answers examples with a label for each step.

    Args:
        task: A task whose `predict` gives a list of labels for each input.
        examples: A `tf.data.Dataset` of `(input, labels)`, the labels `(T,)` string.
        batch_size: Inputs in a batch.

    Returns:
        The right labels and the answers, of the same lengths.
    """
    pairs = list(examples.as_numpy_iterator())
    right = [[label.decode("utf-8") for label in labels] for _, labels in pairs]
    return right, task.predict([each for each, _ in pairs], batch_size)


def count_step_confusion(
    right: Sequence[Sequence[str]], answers: Sequence[Sequence[str]], labels: Sequence[str]
) -> np.ndarray:
    """Counts as `count_confusion` does, over all steps of what `answer_steps` returned."""
    flat, answered = ([label for row in rows for label in row] for rows in (right, answers))
    return count_confusion(flat, answered, labels)


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
