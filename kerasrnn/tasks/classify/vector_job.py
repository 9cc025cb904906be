"""Training a `VectorClassifier` from arrays, or from a long table, of sequences of vectors."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
from collections import Counter
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.datasets import vector_examples
from kerasrnn.models import many_to_one
from kerasrnn.options import Classify, DataSize
from kerasrnn.tasks.classify.class_job import ClassJob
from kerasrnn.tasks.classify.vector_task import VectorClassifier
from kerasrnn.tasks.pretrained.starting_encoder import check_no_encoder
from kerasrnn.tasks.vectors.training_vectors import TrainingVectors
from kerasrnn.tasks.vectors.vector_input import write_sequence

__all__ = ["VectorClassificationJob"]

SHOWN = 3


class VectorClassificationJob(ClassJob):
    """Trains and evaluates a classifier of vectors: `kerasrnn train classify` of sequences."""

    options: Classify

    unit = rows = "sequences"
    unused = ("embedding",)

    def __init__(self, options: Classify):
        # Vectors have no words to drop.
        super().__init__(dataclasses.replace(options, word_dropout=options.word_dropout or 0.0))
        self.chosen += ["word_dropout"] * (options.word_dropout is None)
        self._vectors = TrainingVectors()

    def check(self) -> None:
        check_no_encoder(self.options, "sequences of vectors are")
        many_to_one((1,), 2, **self.options.model_options())
        if self.options.word_dropout:
            raise UserError("Expected no `word_dropout`: a sequence of vectors has no words")
        if self.options.cache is not None:
            raise UserError("Expected no `cache`: vectors are not kept, only texts are")

    def read(self, split: str) -> Any:
        return self._vectors.read(self.source(split))

    def new_task(self, train: Any) -> VectorClassifier:
        counts: Counter[bytes] = Counter()
        steps = 0
        for features, name in train.as_numpy_iterator():
            counts[name] += 1
            steps += len(features)
        labels = self.names_of_classes(counts)
        self.follow(DataSize(counts.total(), steps / counts.total()))
        scale = self._vectors.scale(train, self.options.data)
        size = (len(scale.mean),)
        model = many_to_one(size, len(labels), **self.options.model_options())
        columns, record = self._vectors.columns, self.options.record()
        return self.with_positive(VectorClassifier(model, labels, scale, columns, record))

    def examples(self, task: VectorClassifier, raw: Any) -> Any:
        return vector_examples(raw, task.labels, task.scale)

    def names(self, task: VectorClassifier) -> dict[str, Any]:
        return {"labels": task.labels}

    def report(
        self, task: VectorClassifier, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        lines = {}
        # Files that `kerasrnn predict` can read.
        for i, (steps, label) in enumerate(itertools.islice(test.as_numpy_iterator(), SHOWN)):
            lines[write_sequence(folder, f"{i}.npy", steps)] = label.decode("utf-8")
        return self.measure(task, test, folder), lines
