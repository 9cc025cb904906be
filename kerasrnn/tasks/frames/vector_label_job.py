"""Training a `VectorLabeler` from arrays, or from a long table, of sequences of vectors."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.datasets import labelled_vectors, vector_examples
from kerasrnn.models import many_to_many
from kerasrnn.options import Frames
from kerasrnn.tasks.frames.job import FrameJob
from kerasrnn.tasks.frames.vector_labeler import VectorLabeler
from kerasrnn.tasks.vectors.training_vectors import TrainingVectors
from kerasrnn.tasks.vectors.vector_input import write_sequence

__all__ = ["VectorLabelJob"]


class VectorLabelJob(FrameJob):
    """Trains and evaluates a labeler of vectors: `kerasrnn train frames` of sequences."""

    unit = rows = "sequences"

    def __init__(self, options: Frames):
        super().__init__(options)
        self._vectors = TrainingVectors(functools.partial(labelled_vectors, per_step=True))

    def check(self) -> None:
        many_to_many((1,), 2, **self.options.model_options())
        if self.options.image_size is not None:
            raise UserError("Expected no `image_size`: a step of vectors is no image")

    def read(self, split: str) -> Any:
        return self._vectors.read(self.source(split))

    def new_task(self, train: Any) -> VectorLabeler:
        labels = self.names_of_classes(train)
        scale = self._vectors.scale(train, self.options.data)
        model = many_to_many((len(scale.mean),), len(labels), **self.options.model_options())
        return VectorLabeler(model, labels, scale, self._vectors.columns, self.options.record())

    def examples(self, task: Any, raw: Any) -> Any:
        return vector_examples(raw, task.labels, task.scale)

    def write(self, folder: pathlib.Path, number: int, frames: Any) -> str:
        return write_sequence(folder, f"{number}.npy", frames)
