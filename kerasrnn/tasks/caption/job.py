"""Training a `Captioner` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib
from typing import Any

from kerasrnn.checks import MOST_LENGTH
from kerasrnn.datasets import (
    caption_texts,
    caption_tokenizer,
    captioned_image_examples,
)
from kerasrnn.models import one_to_many
from kerasrnn.options import Caption
from kerasrnn.tasks.caption.task import Captioner, read_images
from kerasrnn.tasks.image_paths import write_example
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.pretrained.starting_encoder import StartingEncoder
from kerasrnn.tasks.pretrained.starting_vectors import starting_embedding

__all__ = ["CaptionJob"]

SHOWN = 3


class CaptionJob(Job):
    """Trains and evaluates a captioner: `kerasrnn train caption`."""

    options: Caption

    judges_rows = True

    def __init__(self, options: Caption):
        super().__init__(options)
        self._encoder = StartingEncoder()

    def check(self) -> None:
        one_to_many((8, 8, 1), 5, encoder="convolutional", **self.options.model_options())

    def read(self, split: str) -> Any:
        shape = self._encoder.image_shape(self, lambda: read_images(self.source("train")))
        return read_images(self.source(split), shape)

    def new_task(self, train: Any) -> Captioner:
        source = self.source("train")
        texts = caption_texts(*source.place, **source.form)  # no image is decoded for them
        tokenizer, starts = caption_tokenizer(texts, **self.options.tokenizer_options())
        # The longest text is looked for among the examples that are learned from.
        examples = self.encoded(captioned_image_examples(train, tokenizer, starts), "train")
        self.follow_examples(examples, len(tokenizer.vocabulary))
        shape = tuple(train.element_spec[0].shape)
        own = self._encoder.model
        embedding = starting_embedding(self.options, tokenizer.vocabulary, "target_embedding")
        model = one_to_many(
            shape,
            len(tokenizer.vocabulary),
            encoder="convolutional" if own is None else own,
            **{**self.options.model_options(), "embedding": embedding},
        )
        max_length = min(examples.longest() * 3 // 2, MOST_LENGTH)
        return Captioner(model, tokenizer, starts, max_length, self.options.record())

    def examples(self, task: Captioner, raw: Any) -> Any:
        return captioned_image_examples(raw, task.tokenizer, task.starts)

    def names(self, task: Captioner) -> dict[str, Any]:
        return {"target": task.tokenizer.vocabulary, "labels": task.tokenizer.vocabulary}

    def report(
        self, task: Captioner, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        lines = {}
        # The first images in different starts, as files that `kerasrnn predict` can read.
        for i, (image, start, text) in enumerate(
            itertools.islice(test.shard(max(1, len(task.starts)) + 1, 0).as_numpy_iterator(), SHOWN)
        ):
            line = write_example(folder, f"{i}.png", image)
            line += f"\t{start.decode('utf-8')}" if task.starts else ""
            lines[line] = text.decode("utf-8")
        return task.evaluate(test), lines
