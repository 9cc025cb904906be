"""What the trainings of models share that name a class."""

from __future__ import annotations

import pathlib
from collections import Counter
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.datasets import check_labels, check_repeating, with_known_labels
from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.options.folds import fold_name
from kerasrnn.tasks.class_metrics import class_metrics, draw_confusion
from kerasrnn.tasks.job import Job

__all__ = ["ClassJob"]

READ_AT_ONCE = 1024


class ClassJob(Job):
    """A `Job` whose raw examples are an input and the name of its class."""

    curve = "accuracy"
    judges_rows = True

    def __init__(self, options: Any):
        super().__init__(options)
        self._counts: dict[str, int] = {}

    def metrics(self, task: Any) -> list[keras.metrics.Metric]:
        return [Perplexity(ignore_class=None), TokenAccuracy("accuracy", ignore_class=None)]

    def names_of_classes(self, counts: Counter[bytes]) -> tuple[str, ...]:
        """Returns the labels of the training split, those that all others must have, but for folds.

        Args:
            counts: How often each of them occurs.
        """
        self._counts = {label.decode("utf-8"): counts[label] for label in sorted(counts)}
        labels = tuple(sorted(self._counts))
        check_repeating(labels, counts.total())
        if len(labels) < 2:
            raise UserError(f"Expected at least two labels to tell apart. Received: {labels}")
        self.check_class_weights(labels)
        # A label that a fold lacks is an error in its test, and does not steer it.
        for split in () if fold_name(self.options) else ("validation", "test"):
            others = self.read(split).batch(READ_AT_ONCE)
            check_labels((names for _, names in others), labels, split)
        return labels

    def validated(self, task: Any, validation: Any) -> Any:
        fold = fold_name(self.options)
        return with_known_labels(validation, task.labels, fold) if fold else validation

    def counted_labels(self, task: Any) -> dict[str, int]:
        return self._counts

    def measure(self, task: Any, test: Any, folder: pathlib.Path) -> dict[str, Any]:
        """Evaluates on the test split, and draws which classes are taken for which."""
        counts = task.confusion(test)
        draw_confusion(folder, counts, task.labels)
        return {**class_metrics(counts, task.labels), "examples": int(counts.sum())}
