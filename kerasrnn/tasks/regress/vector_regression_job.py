"""Training a `VectorRegressor` from arrays, or from a long table, of sequences of vectors."""

from __future__ import annotations

import functools
import itertools
import pathlib
from typing import Any

import numpy as np

from kerasrnn.datasets import numbered_vector_examples, numbered_vectors, vector_targets
from kerasrnn.files import number_text
from kerasrnn.options import Regress
from kerasrnn.tasks.regress.number_job import DRAWN, NumberJob
from kerasrnn.tasks.regress.vector_regressor import VectorRegressor
from kerasrnn.tasks.vectors.sequence_job import SequenceJob
from kerasrnn.tasks.vectors.training_vectors import TrainingVectors

__all__ = ["VectorRegressionJob"]


class VectorRegressionJob(SequenceJob, NumberJob):
    """Trains and evaluates a regressor of vectors: `kerasrnn train regress` of sequences."""

    options: Regress

    def __init__(self, options: Regress):
        read = functools.partial(numbered_vectors, bad_rows=options.bad_rows)
        super().__init__(options, TrainingVectors(read, numbered=True))

    def new_task(self, train: Any) -> VectorRegressor:
        source = self.source("train")
        targets = vector_targets(source.data, **source.form)
        steps: list[int] = []
        numbers: list[np.ndarray] = []
        for features, each in train.as_numpy_iterator():
            steps.append(len(features))
            numbers.append(each[np.newaxis])
        target_scale = self.scale_of(numbers, targets)
        model, scale = self.model_of(train, len(steps), sum(steps), len(targets))
        columns, record = self.vectors.columns, self.options.record()
        return VectorRegressor(model, scale, target_scale, columns, record)

    def examples(self, task: VectorRegressor, raw: Any) -> Any:
        return numbered_vector_examples(raw, task.scale, task.target_scale)

    def names(self, task: VectorRegressor) -> dict[str, Any]:
        return {}

    def report(
        self, task: VectorRegressor, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        drawn = list(itertools.islice(test.as_numpy_iterator(), DRAWN))
        self.draw(task, [steps for steps, _ in drawn], [right for _, right in drawn], folder)
        lines = self.written(test, folder, lambda right: "\t".join(map(number_text, right)))
        return task.evaluate(test), lines
