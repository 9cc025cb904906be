"""What the trainings share that sum each sequence of vectors up."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
from collections.abc import Callable
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.datasets import VectorScale
from kerasrnn.models import many_to_one
from kerasrnn.options import DataSize
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.vectors.training_vectors import TrainingVectors
from kerasrnn.tasks.vectors.vector_input import write_sequence

__all__ = ["SequenceJob"]

SHOWN = 3


class SequenceJob(Job):
    """A `Job` whose raw examples are a sequence of vectors and what is right of it.

    Args:
        options: The options of the training.
        vectors: How the sequences are read.

    Attributes:
        vectors: The same.
    """

    options: Any

    unit = rows = "sequences"
    unused = ("embedding",)

    def __init__(self, options: Any, vectors: TrainingVectors):
        # Vectors have no words to drop.
        super().__init__(dataclasses.replace(options, word_dropout=options.word_dropout or 0.0))
        self.chosen += ["word_dropout"] * (options.word_dropout is None)
        self.vectors = vectors

    def check(self) -> None:
        many_to_one((1,), 2, **self.options.model_options())
        if self.options.word_dropout:
            raise UserError("Expected no `word_dropout`: a sequence of vectors has no words")
        if self.options.vectors is not None or self.options.freeze_vectors:
            raise UserError(
                "Expected no `vectors`: a sequence of vectors has no words. "
                f"Received: {self.options.vectors}, freeze_vectors={self.options.freeze_vectors}"
            )
        if self.options.cache is not None:
            raise UserError("Expected no `cache`: vectors are not kept, only texts are")

    def read(self, split: str) -> Any:
        return self.vectors.read(self.source(split))

    def model_of(
        self, train: Any, sequences: int, steps: int, outputs: int
    ) -> tuple[keras.Model, VectorScale]:
        """Builds the model, of sizes that follow the data where they were left out.

        Args:
            train: The raw training examples.
            sequences: Their number.
            steps: How many steps they have together.
            outputs: The number of outputs.

        Returns:
            The model, and the scale of the features.
        """
        self.follow(DataSize(sequences, steps / sequences))
        scale = self.vectors.scale(train, self.options.data)
        size = (len(scale.mean),)
        return many_to_one(size, outputs, **self.options.model_options()), scale

    def written(
        self, test: Any, folder: pathlib.Path, answer: Callable[[Any], Any]
    ) -> dict[str, Any]:
        """Writes the first sequences into files that `kerasrnn predict` can read.

        Args:
            test: Raw examples.
            folder: That of the run.
            answer: Says what is right of one, such that JSON can hold it.

        Returns:
            By the path of each file what is right.
        """
        first = itertools.islice(test.as_numpy_iterator(), SHOWN)
        return {
            write_sequence(folder, f"{i}.npy", steps): answer(right)
            for i, (steps, right) in enumerate(first)
        }
