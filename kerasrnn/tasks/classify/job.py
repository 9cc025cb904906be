"""Training a `Classifier` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from kerasrnn.datasets import Examples, labelled_text_examples
from kerasrnn.options import Classify
from kerasrnn.tasks.classify.class_job import READ_AT_ONCE, ClassJob
from kerasrnn.tasks.classify.task import Classifier, read_texts
from kerasrnn.tasks.pretrained.starting_encoder import check_no_encoder
from kerasrnn.tasks.texts.text_job import TextJob
from kerasrnn.text import Tokenizer

__all__ = ["ClassificationJob"]


class ClassificationJob(TextJob, ClassJob):
    """Trains and evaluates a classifier: `kerasrnn train classify`."""

    options: Classify

    def check(self) -> None:
        check_no_encoder(self.options, "texts are")
        self.new_model(5, 2)

    def read(self, split: str) -> Any:
        return read_texts(self.source(split), self.options)

    def new_task(self, train: Any) -> Any:
        counts: Counter[bytes] = Counter()

        def texts() -> Iterator[Any]:
            for batch, names in train.ragged_batch(READ_AT_ONCE):
                counts.update(getattr(names, "flat_values", names).numpy().tolist())
                yield batch

        tokenizer = self.tokenizer_of(texts())
        labels = self.names_of_classes(counts)
        examples = self.encoded_texts(train, tokenizer, labels)
        return self.task_of(self.model_of(examples, tokenizer, len(labels)), tokenizer, labels)

    def task_of(self, model: keras.Model, tokenizer: Tokenizer, labels: Sequence[str]) -> Any:
        """Makes the task of what it consists of."""
        length, record = self.options.max_length, self.options.record()
        return self.with_positive(Classifier(model, tokenizer, labels, length, record))

    def encoded_texts(self, raw: Any, tokenizer: Tokenizer, labels: Sequence[str]) -> Examples:
        """Encodes raw examples."""
        return labelled_text_examples(raw, tokenizer, labels, self.options.max_length)

    def examples(self, task: Any, raw: Any) -> Any:
        return self.encoded_texts(raw, task.tokenizer, task.labels)

    def names(self, task: Any) -> dict[str, Any]:
        return {"tokens": task.tokenizer.vocabulary, "labels": task.labels}

    def report(
        self, task: Any, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        pairs = (tuple(text.decode("utf-8") for text in pair) for pair in test.as_numpy_iterator())
        return self.measure(task, test, folder), self.short(pairs)
