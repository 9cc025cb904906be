"""Training a `FrameLabeler` from a data set's name to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import keras

from kerasrnn.datasets import check_labels, frame_examples, label_names
from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.models import many_to_many
from kerasrnn.options import Frames
from kerasrnn.tasks.class_metrics import draw_confusion
from kerasrnn.tasks.frames.step_labeler import StepLabeler
from kerasrnn.tasks.frames.task import FrameLabeler, read_videos
from kerasrnn.tasks.image_paths import write_example
from kerasrnn.tasks.job import Job

__all__ = ["FrameJob"]

SHOWN = 2


class FrameJob(Job):
    """Trains and evaluates a frame labeler: `kerasrnn train frames`."""

    options: Frames

    curve = "accuracy"
    unit = rows = "films"
    judges_rows = True

    def __init__(self, options: Frames):
        super().__init__(options)
        self._counts: dict[str, int] = {}

    def check(self) -> None:
        many_to_many((8, 8, 1), 2, **self.options.model_options())

    def read(self, split: str) -> Any:
        return read_videos(self.source(split), self.options)

    def metrics(self, task: StepLabeler) -> list[keras.metrics.Metric]:
        return [Perplexity(ignore_class=None), TokenAccuracy("accuracy", ignore_class=None)]

    def new_task(self, train: Any) -> StepLabeler:
        labels = self.names_of_classes(train)
        shape = tuple(train.element_spec[0].shape)[1:]
        model = many_to_many(shape, len(labels), **self.options.model_options())
        return FrameLabeler(model, labels, self.options.record())

    def names_of_classes(self, train: Any) -> tuple[str, ...]:
        """Returns the labels of the training split, those that all others must have.

        Args:
            train: The training split.
        """
        counts: Counter[bytes] = Counter()

        def names() -> Iterator[Any]:
            for _, labels in train:
                counts.update(labels.numpy().tolist())
                yield labels

        labels = label_names(names())
        self._counts = {label: counts[label.encode("utf-8")] for label in labels}
        for split in ("validation", "test"):
            check_labels((names for _, names in self.read(split)), labels, split)
        return tuple(labels)

    def counted_labels(self, task: StepLabeler) -> dict[str, int]:
        return self._counts

    def examples(self, task: StepLabeler, raw: Any) -> Any:
        return frame_examples(raw, task.labels)

    def names(self, task: StepLabeler) -> dict[str, Any]:
        return {"labels": task.labels}

    def write(self, folder: pathlib.Path, number: int, frames: Any) -> str:
        """Writes an example that `kerasrnn predict` can read, and returns its place."""
        for t, frame in enumerate(frames):
            write_example(folder, f"{number}/{t:03}.png", frame)
        return f"examples/{number}"

    def report(
        self, task: StepLabeler, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        lines = {}
        for i, (steps, labels) in enumerate(itertools.islice(test.as_numpy_iterator(), SHOWN)):
            place = self.write(folder, i, steps)
            lines[place] = task.line_of([label.decode("utf-8") for label in labels])
        draw_confusion(folder, task.confusion(test), task.labels)
        return task.evaluate(test), lines
