"""Training an `ImageClassifier` from a data set's name or a table of image files."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
from collections import Counter
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.datasets import labelled_image_examples
from kerasrnn.models import many_to_one
from kerasrnn.options import Classify, DataSize
from kerasrnn.tasks.classify.class_job import READ_AT_ONCE, ClassJob
from kerasrnn.tasks.classify.image_task import ImageClassifier, read_images
from kerasrnn.tasks.image_paths import write_example
from kerasrnn.tasks.pretrained.starting_encoder import StartingEncoder

__all__ = ["ImageClassificationJob"]

SHOWN = 3


class ImageClassificationJob(ClassJob):
    """Trains and evaluates an image classifier: `kerasrnn train classify` of images."""

    options: Classify

    unit = rows = "images"
    unused = ("embedding",)

    def __init__(self, options: Classify):
        # An image has no words to drop.
        super().__init__(dataclasses.replace(options, word_dropout=options.word_dropout or 0.0))
        self.chosen += ["word_dropout"] * (options.word_dropout is None)
        self._encoder = StartingEncoder()

    def check(self) -> None:
        many_to_one((28,), 2, **self.options.model_options())
        if self.options.word_dropout:
            raise UserError("Expected no `word_dropout`: an image has no words to drop")
        if self.options.vectors is not None or self.options.freeze_vectors:
            raise UserError(
                "Expected no `vectors`: an image has no words. "
                f"Received: {self.options.vectors}, freeze_vectors={self.options.freeze_vectors}"
            )
        if self.options.cache is not None:  # it would not see that an image has changed
            raise UserError("Expected no `cache`: images are not kept, only texts are")

    def read(self, split: str) -> Any:
        shape = self._encoder.image_shape(
            self, lambda: read_images(self.source("train"), self.options)
        )
        return read_images(self.source(split), self.options, shape)

    def new_task(self, train: Any) -> ImageClassifier:
        counts: Counter[bytes] = Counter()
        for _, names in train.batch(READ_AT_ONCE):
            counts.update(names.numpy().tolist())
        labels = self.names_of_classes(counts)
        shape = tuple(train.element_spec[0].shape)
        own = self._encoder.model
        self.follow(DataSize(counts.total(), shape[0] if own is None else self._encoder.places))
        options = self.options.model_options()
        if own is None:
            model = many_to_one((shape[1] * shape[2],), len(labels), **options)
        else:
            model = many_to_one(shape, len(labels), encoder=own, places=True, **options)
        task = ImageClassifier(model, labels, shape, self.options.record())
        return self.with_positive(task)

    def examples(self, task: ImageClassifier, raw: Any) -> Any:
        return labelled_image_examples(raw, task.labels, whole=task.whole)

    def names(self, task: ImageClassifier) -> dict[str, Any]:
        return {"labels": task.labels}

    def report(
        self, task: ImageClassifier, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        lines = {}
        # Files that `kerasrnn predict` can read.
        for i, (image, label) in enumerate(itertools.islice(test.as_numpy_iterator(), SHOWN)):
            lines[write_example(folder, f"{i}.png", image)] = label.decode("utf-8")
        return self.measure(task, test, folder), lines
