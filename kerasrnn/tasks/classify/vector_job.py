"""Training a `VectorClassifier` from arrays, or from a long table, of sequences of vectors."""

from __future__ import annotations

import pathlib
from collections import Counter
from typing import Any

from kerasrnn.datasets import labelled_vectors, vector_examples
from kerasrnn.options import Classify
from kerasrnn.tasks.classify.class_job import ClassJob
from kerasrnn.tasks.classify.vector_task import VectorClassifier
from kerasrnn.tasks.pretrained.starting_encoder import check_no_encoder
from kerasrnn.tasks.vectors.sequence_job import SequenceJob
from kerasrnn.tasks.vectors.training_vectors import TrainingVectors

__all__ = ["VectorClassificationJob"]


class VectorClassificationJob(SequenceJob, ClassJob):
    """Trains and evaluates a classifier of vectors: `kerasrnn train classify` of sequences."""

    options: Classify

    def __init__(self, options: Classify):
        super().__init__(options, TrainingVectors(labelled_vectors))

    def check(self) -> None:
        check_no_encoder(self.options, "sequences of vectors are")
        super().check()

    def new_task(self, train: Any) -> VectorClassifier:
        counts: Counter[bytes] = Counter()
        steps = 0
        for features, name in train.as_numpy_iterator():
            counts[name] += 1
            steps += len(features)
        labels = self.names_of_classes(counts)
        model, scale = self.model_of(train, counts.total(), steps, len(labels))
        columns, record = self.vectors.columns, self.options.record()
        return self.with_positive(VectorClassifier(model, labels, scale, columns, record))

    def examples(self, task: VectorClassifier, raw: Any) -> Any:
        return vector_examples(raw, task.labels, task.scale)

    def names(self, task: VectorClassifier) -> dict[str, Any]:
        return {"labels": task.labels}

    def report(
        self, task: VectorClassifier, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        lines = self.written(test, folder, lambda label: label.decode("utf-8"))
        return self.measure(task, test, folder), lines
