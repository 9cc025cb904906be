"""What the trainings of models share that name a class."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

import keras
import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets import check_labels, check_repeating, with_known_labels
from kerasrnn.files import CONFIG, number_text, read_config, write_sealed
from kerasrnn.metrics import Perplexity, TokenAccuracy, best_threshold
from kerasrnn.options.folds import fold_name
from kerasrnn.options.words import ThresholdRule, words
from kerasrnn.tasks.class_metrics import draw_confusion
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.text.as_written import as_written

__all__ = ["ClassJob", "kept"]

READ_AT_ONCE, MIDDLE = 1024, 0.5
RULES = words(ThresholdRule)


class ClassJob(Job):
    """A `Job` whose raw examples are an input and the name of its class."""

    # How columns are named, for an error.
    naming = "text=2,label=1 or text=NAME,label=NAME"
    curve = "accuracy"
    judges_rows = True

    def __init__(self, options: Any):
        super().__init__(options)
        self._counts: dict[str, int] = {}

    def positive(self) -> str | None:
        """Returns the label of two that a threshold is about; `None` for the rarer one."""
        return None

    def metrics(self, task: Any) -> list[keras.metrics.Metric]:
        return [Perplexity(ignore_class=None), TokenAccuracy("accuracy", ignore_class=None)]

    def names_of_classes(self, counts: Counter[bytes]) -> tuple[str, ...]:
        """Returns the labels of the training split, those that all others must have, but for folds.

        Args:
            counts: How often each of them occurs.
        """
        self.count_classes(counts)
        labels = tuple(self._counts)
        check_repeating(labels, counts.total(), self.naming)
        if len(labels) < 2:
            raise UserError(f"Expected at least two labels to tell apart. Received: {labels}")
        self.check_class_weights(labels)
        # A label that a fold lacks is an error in its test, and does not steer it.
        for split in () if fold_name(self.options) else ("validation", "test"):
            names = self.read(split).map(as_written(lambda _, name: name))
            check_labels(names.batch(READ_AT_ONCE), labels, split)
        return labels

    def count_classes(self, counts: Counter[bytes]) -> None:
        """Keeps how often each label occurs in training, by name and sorted."""
        found = {label.decode("utf-8"): number for label, number in counts.items()}
        self._counts = dict(sorted(found.items()))

    def validated(self, task: Any, validation: Any) -> Any:
        fold = fold_name(self.options)
        return with_known_labels(validation, task.labels, fold) if fold else validation

    def with_positive(self, task: Any) -> Any:
        """Returns a new task with the threshold of the options, that in the middle for a rule."""
        threshold = self.options.threshold
        if threshold in (None, MIDDLE) and self.positive() is None:
            return task
        numbers = [self._counts[label] for label in task.labels]
        rarer = task.labels[0] if numbers[0] < numbers[-1] else task.labels[-1]
        positive = self.positive() or rarer
        task = task.with_threshold(
            MIDDLE if threshold is None or threshold in RULES else threshold, positive
        )
        share = self._counts[positive] / sum(numbers)
        print_wrapped(
            f"threshold {threshold}: {positive} is the positive class, {share:.1%} of training"
        )
        return task

    def decided(self, task: Any, validation: Any, folder: pathlib.Path) -> Any:
        if self.options.threshold not in RULES:
            return task
        _, targets, answers = task.answered(validation)
        probabilities = np.array([each.probabilities[task.positive] for each in answers])
        right = np.array(targets) == task.positive
        threshold, f1 = best_threshold(probabilities, right)
        print_wrapped(
            f"threshold of {task.positive}: {number_text(threshold, 6)}, chosen on validation, "
            f"where F1 is {f1:.4f}"
        )
        return kept(task.with_threshold(threshold), folder)

    def decided_as(self, task: Any, folds: Sequence[pathlib.Path], folder: pathlib.Path) -> Any:
        if self.options.threshold not in RULES:
            return task
        configs = [read_config(place) for place in folds]
        found = [each["threshold"] for each in configs if each["positive"] == task.positive]
        return kept(task.with_threshold(median(found) if found else MIDDLE), folder)

    def counted_labels(self, task: Any) -> dict[str, int]:
        return self._counts

    def measure(self, task: Any, test: Any, folder: pathlib.Path) -> dict[str, Any]:
        """Evaluates on the test split, and draws which classes are taken for which."""
        counts = task.confusion(test)
        draw_confusion(folder, counts, task.labels)
        return task.figures(counts)


def kept(task: Any, folder: pathlib.Path) -> Any:
    """Writes the thresholds of a task into the folder of its run, in place of the one there."""
    write_sealed(folder / CONFIG, {**read_config(folder), **task.decision_parts()})
    return task
