"""Training a `Classifier` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from kerasrnn.datasets import Examples, labelled_text_examples
from kerasrnn.models import many_to_one
from kerasrnn.options import Classify
from kerasrnn.tasks.classify.class_job import READ_AT_ONCE, ClassJob
from kerasrnn.tasks.classify.task import Classifier, read_texts
from kerasrnn.tasks.pretrained.starting_encoder import check_no_encoder
from kerasrnn.tasks.pretrained.starting_vectors import starting_embedding
from kerasrnn.text import Tokenizer

__all__ = ["ClassificationJob"]

SHOWN, LONGEST = 3, 60
MOST_WORDS = 20_000


class ClassificationJob(ClassJob):
    """Trains and evaluates a classifier: `kerasrnn train classify`."""

    options: Classify

    def check(self) -> None:
        check_no_encoder(self.options, "texts are")
        self._new_model(5, 2)

    def read(self, split: str) -> Any:
        return read_texts(self.source(split), self.options)

    def new_task(self, train: Any) -> Any:
        if self.options.level in ("word", "whitespace"):
            # More of them cost time and tell little.
            self.choose({"max_vocabulary_size": MOST_WORDS}, "for words")
        counts: Counter[bytes] = Counter()

        def texts() -> Iterator[Any]:
            for batch, names in train.ragged_batch(READ_AT_ONCE):
                counts.update(getattr(names, "flat_values", names).numpy().tolist())
                yield batch

        tokenizer = Tokenizer.train(
            texts(),
            lowercase=self.options.lowercase,
            **self.options.tokenizer_options(),
        )
        labels = self.names_of_classes(counts)
        examples = self.encoded_texts(train, tokenizer, labels)
        self.follow_examples(examples, len(tokenizer.vocabulary))
        embedding = starting_embedding(self.options, tokenizer.vocabulary)
        model = self._new_model(len(tokenizer.vocabulary), len(labels), embedding)
        return self.task_of(model, tokenizer, labels)

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
        short = ((text, label) for text, label in pairs if 0 < len(text) <= LONGEST)
        return self.measure(task, test, folder), dict(itertools.islice(short, SHOWN))

    def _new_model(self, size: int, classes: int, embedding: Any = None) -> keras.Model:
        options = self.options.model_options()
        return many_to_one(size, classes, embedding=embedding or self.options.embedding, **options)
