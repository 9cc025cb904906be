"""What the trainings of models share that name a class."""

from __future__ import annotations

import pathlib
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.datasets import check_labels, check_repeating, label_names
from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.tasks.class_metrics import class_metrics, draw_confusion
from kerasrnn.tasks.job import Job

__all__ = ["ClassJob"]

READ_AT_ONCE = 1024


class ClassJob(Job):
    """A `Job` whose raw examples are an input and the name of its class."""

    curve = "accuracy"

    def metrics(self, task: Any) -> list[keras.metrics.Metric]:
        return [Perplexity(ignore_class=None), TokenAccuracy("accuracy", ignore_class=None)]

    def names_of_classes(self, train: Any) -> list[str]:
        """Collects the labels of the training split, those that all others must have."""
        labels, number = set(), 0
        for _, names in train.batch(READ_AT_ONCE):
            labels.update(label_names([names]))
            number += int(names.shape[0])
        labels = tuple(sorted(labels))
        check_repeating(labels, number)
        if len(labels) < 2:
            raise UserError(f"Expected at least two labels to tell apart. Received: {labels}")
        self.check_class_weights(labels)
        for split in ("validation", "test"):
            others = self.read(split).batch(READ_AT_ONCE)
            check_labels((names for _, names in others), labels, split)
        return labels

    def measure(self, task: Any, test: Any, folder: pathlib.Path) -> dict:
        """Evaluates on the test split, and draws which classes are taken for which."""
        counts = task.confusion(test)
        draw_confusion(folder, counts, task.labels)
        return {**class_metrics(counts, task.labels), "examples": int(counts.sum())}
