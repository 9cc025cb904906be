"""Training a `Regressor` from a file or a data set's name to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from kerasrnn.datasets import number_names, regression_examples
from kerasrnn.files import number_text, write_beside
from kerasrnn.metrics import TargetScale
from kerasrnn.options import Regress
from kerasrnn.plotting import predicted_scatter
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.regress.task import Regressor, read_texts
from kerasrnn.tasks.texts.text_job import TextJob

__all__ = ["RegressionJob"]

READ_AT_ONCE = 1024
# Examples and targets in the picture.
DRAWN, SIDE_BY_SIDE = 2000, 6

LOSSES = {
    "mse": keras.losses.MeanSquaredError,
    "mae": keras.losses.MeanAbsoluteError,
    "huber": keras.losses.Huber,
}


class RegressionJob(TextJob):
    """Trains and evaluates a regressor: `kerasrnn train regress`."""

    options: Regress

    monitor = "val_loss"
    curve = "scaled_mae"

    def check(self) -> None:
        self.new_model(5, 1)

    def read(self, split: str) -> Any:
        return read_texts(self.source(split), self.options)

    def loss(self) -> keras.losses.Loss:
        return LOSSES[self.options.loss](reduction="mean_with_sample_weight")

    def metrics(self, task: Regressor) -> list[keras.metrics.Metric]:
        # In standard deviations of the training; `Regressor.evaluate` gives them in their units.
        return [keras.metrics.MeanAbsoluteError("scaled_mae")]

    def new_task(self, train: Any) -> Regressor:
        source = self.source("train")
        targets = number_names(source.data, source.data_dir, **source.form)
        numbers: list[np.ndarray] = []

        def texts() -> Iterator[Any]:
            for batch, each in train.batch(READ_AT_ONCE):
                numbers.append(each.numpy())
                yield batch

        tokenizer = self.tokenizer_of(texts())
        scale = TargetScale.fit(np.concatenate(numbers), targets)
        _print_scale(scale)
        length = self.options.max_length
        examples = regression_examples(train, tokenizer, scale, length)
        model = self.model_of(examples, tokenizer, len(targets))
        return Regressor(model, tokenizer, scale, length, self.options.record())

    def examples(self, task: Regressor, raw: Any) -> Any:
        return regression_examples(raw, task.tokenizer, task.scale, task.max_length)

    def names(self, task: Regressor) -> dict[str, Any]:
        return {"tokens": task.tokenizer.vocabulary}

    def report(
        self, task: Regressor, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        pairs = [
            (text.decode("utf-8"), numbers)
            for text, numbers in itertools.islice(test.as_numpy_iterator(), DRAWN)
        ]
        if pairs:
            texts, right = zip(*pairs, strict=True)
            _draw(task, texts, np.stack(right), folder)
        lines = ((text, "\t".join(map(number_text, numbers))) for text, numbers in pairs)
        return task.evaluate(test), self.short(lines)


def _print_scale(scale: TargetScale) -> None:
    parts = zip(scale.targets, scale.mean, scale.deviation, scale.median, strict=True)
    for name, *numbers in parts:
        mean, deviation, median = (number_text(each, 5) for each in numbers)
        print_wrapped(f"{name}: mean {mean}, standard deviation {deviation}, median {median}")


def _draw(task: Regressor, texts: Any, right: np.ndarray, folder: pathlib.Path) -> None:
    """Writes `predicted.png`, what is predicted against what is true of the first test rows."""
    few = slice(SIDE_BY_SIDE)
    picture = predicted_scatter(
        right[:, few],
        np.stack(task.predict(texts))[:, few],
        task.targets[few],
        task.scale.mean[few],
    )
    write_beside(folder / "predicted.png", picture.savefig)
