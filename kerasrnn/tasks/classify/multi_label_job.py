"""Training a `MultiLabelClassifier` to a folder that holds everything."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

import keras
import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets import Examples, check_labels, label_weights, multi_label_examples
from kerasrnn.files import read_config, write_beside
from kerasrnn.losses import WeighedLabels
from kerasrnn.metrics import LabelF1, best_threshold
from kerasrnn.options.folds import fold_name
from kerasrnn.plotting import label_scores
from kerasrnn.tasks.classify.class_job import MIDDLE, READ_AT_ONCE, RULES, kept
from kerasrnn.tasks.classify.job import ClassificationJob
from kerasrnn.tasks.classify.multi_label_task import (
    SEPARATOR,
    MultiLabelClassifier,
    read_texts,
)
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.tallies.label_tally import places_of
from kerasrnn.text import Tokenizer

__all__ = ["MultiLabelJob"]

PICTURE = "labels.png"


class MultiLabelJob(ClassificationJob):
    """Trains and evaluates a multi-label classifier: `kerasrnn train classify` of such data."""

    monitor = "val_loss"
    curve = "micro_f1"

    def read(self, split: str) -> Any:
        return read_texts(self.source(split), self.options)

    def loss(self) -> keras.losses.Loss:
        smoothing = self.options.label_smoothing
        if self.options.class_weights:
            counts = self.counted_labels(None)
            weights = label_weights(
                self.options.class_weights, list(counts), list(counts.values()), self._texts
            )
            return WeighedLabels(*(each.tolist() for each in weights), label_smoothing=smoothing)
        return keras.losses.BinaryCrossentropy(
            from_logits=True, label_smoothing=smoothing, reduction="mean_with_sample_weight"
        )

    def weighed(self, batches: Any, wanted: str, task: Any, train: Any) -> Any:
        return batches  # the loss has the weights: a text has labels of several

    def metrics(self, task: Any) -> list[keras.metrics.Metric]:
        return [LabelF1("micro_f1")]

    def names_of_classes(self, counts: Counter[bytes]) -> tuple[str, ...]:
        self.count_classes(counts)
        labels = tuple(self.counted_labels(None))
        if not labels:
            raise UserError("Expected texts with labels. Received: none in the training split")
        self.check_class_weights(labels)
        for split in () if fold_name(self.options) else ("validation", "test"):
            others = self.read(split).ragged_batch(READ_AT_ONCE)
            check_labels((names.values for _, names in others), labels, split)
        return labels

    def model_of(self, examples: Examples, tokenizer: Tokenizer, outputs: int) -> keras.Model:
        self._texts = len(self.encoded(examples, "train").lengths())
        return super().model_of(examples, tokenizer, outputs)

    def encoded_texts(self, raw: Any, tokenizer: Tokenizer, labels: Sequence[str]) -> Examples:
        return multi_label_examples(raw, tokenizer, labels, self.options.max_length)

    def task_of(self, model: keras.Model, tokenizer: Tokenizer, labels: Sequence[str]) -> Any:
        length, record = self.options.max_length, self.options.record()
        given = self.options.threshold
        middle = MIDDLE if given is None or given in RULES else float(given)
        thresholds = [middle] * len(labels)
        return MultiLabelClassifier(model, tokenizer, labels, length, record, thresholds)

    def decided(self, task: Any, validation: Any, folder: pathlib.Path) -> Any:
        if self._fixed():
            return task
        rows = list(task.rows_of(validation))
        probabilities = task.probabilities([text.decode("utf-8") for text, _ in rows])
        names = [[label.decode("utf-8") for label in labels] for _, labels in rows]
        right = places_of(names, task.labels)
        columns = range(len(task.labels))
        found = [best_threshold(probabilities[:, i], right[:, i]) for i in columns]
        without = [task.labels[i] for i in columns if not right[:, i].any()]
        f1 = np.mean([score for _, score in found])
        print_wrapped(
            f"thresholds of {len(task.labels)} labels: chosen on validation, where their mean F1 "
            f"is {f1:.4f}"
        )
        if without:
            print_wrapped(
                f"threshold {MIDDLE} for labels that no validation text has: {first_of(without)}"
            )
        return kept(task.with_thresholds([threshold for threshold, _ in found]), folder)

    def decided_as(self, task: Any, folds: Sequence[pathlib.Path], folder: pathlib.Path) -> Any:
        if self._fixed():
            return task
        found: dict[str, list[float]] = {label: [] for label in task.labels}
        for config in map(read_config, folds):
            for label, threshold in zip(config["labels"], config["thresholds"], strict=True):
                found.get(label, []).append(threshold)
        medians = [median(each) if each else MIDDLE for each in found.values()]
        return kept(task.with_thresholds(medians), folder)

    def report(
        self, task: Any, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        rows = (
            (text.decode("utf-8"), SEPARATOR.join(label.decode("utf-8") for label in labels))
            for text, labels in test.as_numpy_iterator()
        )
        tallies = list(task.tallies(test))
        write_beside(folder / PICTURE, label_scores(task.report_of(tallies)).savefig)
        return task.figures_of(tallies), self.short(rows)

    def _fixed(self) -> bool:
        """Whether a number is the threshold of all labels, which is not chosen."""
        given = self.options.threshold
        return given is not None and given not in RULES
