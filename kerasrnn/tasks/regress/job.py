"""Training a `Regressor` from a file or a data set's name to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasrnn.datasets import number_names, regression_examples
from kerasrnn.files import number_text
from kerasrnn.options import Regress
from kerasrnn.tasks.regress.number_job import DRAWN, NumberJob
from kerasrnn.tasks.regress.task import Regressor, read_texts
from kerasrnn.tasks.texts.text_job import TextJob

__all__ = ["RegressionJob"]

READ_AT_ONCE = 1024


class RegressionJob(TextJob, NumberJob):
    """Trains and evaluates a regressor: `kerasrnn train regress`."""

    options: Regress

    def check(self) -> None:
        self.new_model(5, 1)

    def read(self, split: str) -> Any:
        return read_texts(self.source(split), self.options)

    def new_task(self, train: Any) -> Regressor:
        source = self.source("train")
        targets = number_names(source.data, source.data_dir, **source.form)
        numbers: list[np.ndarray] = []

        def texts() -> Iterator[Any]:
            for batch, each in train.batch(READ_AT_ONCE):
                numbers.append(each.numpy())
                yield batch

        tokenizer = self.tokenizer_of(texts())
        scale = self.scale_of(numbers, targets)
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
        self.draw(task, [text for text, _ in pairs], [right for _, right in pairs], folder)
        lines = ((text, "\t".join(map(number_text, numbers))) for text, numbers in pairs)
        return task.evaluate(test), self.short(lines)
