"""Training a `Classifier` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import keras

from kerasrnn.datasets import has_images, labelled_text_examples
from kerasrnn.models import many_to_one
from kerasrnn.options import Classify
from kerasrnn.tasks.classify.class_job import READ_AT_ONCE, ClassJob
from kerasrnn.tasks.classify.image_job import ImageClassificationJob
from kerasrnn.tasks.classify.task import Classifier, read_texts
from kerasrnn.tasks.job import Job
from kerasrnn.text import Tokenizer

__all__ = ["ClassificationJob", "classification_job"]

SHOWN, LONGEST = 3, 60
MOST_WORDS = 20_000


def classification_job(options: Classify) -> Job:
    """Makes the job of `kerasrnn train classify`, after a look at what there is to classify.

    Args:
        options: The options of the training.

    Returns:
        An `ImageClassificationJob` for images, otherwise a `ClassificationJob`.

    Raises:
        ValueError: For an unknown data set, or a file that is not there.
    """
    reading = {"features": options.features, "encoding": options.encoding}
    images = has_images(options.data, options.data_dir, **reading)
    return (ImageClassificationJob if images else ClassificationJob)(options)


class ClassificationJob(ClassJob):
    """Trains and evaluates a classifier: `kerasrnn train classify`."""

    options: Classify

    def check(self) -> None:
        self._new_model(5, 2)

    def read(self, split: str) -> Any:
        return read_texts(self.source(split), self.options)

    def new_task(self, train: Any) -> Classifier:
        if self.options.level in ("word", "whitespace"):
            # More of them cost time and tell little.
            self.choose({"max_vocabulary_size": MOST_WORDS}, "for words")
        counts: Counter[bytes] = Counter()

        def texts() -> Iterator[Any]:
            for batch, names in train.batch(READ_AT_ONCE):
                counts.update(names.numpy().tolist())
                yield batch

        tokenizer = Tokenizer.train(
            texts(),
            lowercase=self.options.lowercase,
            **self.options.tokenizer_options(),
        )
        labels = self.names_of_classes(counts)
        length = self.options.max_length
        examples = labelled_text_examples(train, tokenizer, labels, length)
        self.follow_examples(examples, len(tokenizer.vocabulary))
        model = self._new_model(len(tokenizer.vocabulary), len(labels))
        record = self.options.record()
        task = Classifier(model, tokenizer, labels, self.options.max_length, record)
        return self.with_positive(task)

    def examples(self, task: Classifier, raw: Any) -> Any:
        return labelled_text_examples(raw, task.tokenizer, task.labels, task.max_length)

    def names(self, task: Classifier) -> dict[str, Any]:
        return {"tokens": task.tokenizer.vocabulary, "labels": task.labels}

    def report(
        self, task: Classifier, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        pairs = (tuple(text.decode("utf-8") for text in pair) for pair in test.as_numpy_iterator())
        short = ((text, label) for text, label in pairs if 0 < len(text) <= LONGEST)
        return self.measure(task, test, folder), dict(itertools.islice(short, SHOWN))

    def _new_model(self, size: int, classes: int) -> keras.Model:
        options = self.options.model_options()
        return many_to_one(size, classes, embedding=self.options.embedding, **options)
