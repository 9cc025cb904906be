"""Training a `Classifier` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from kerasrnn.datasets import has_images, labelled_text_examples, labelled_texts
from kerasrnn.models import many_to_one
from kerasrnn.tasks.classify.class_job import READ_AT_ONCE, ClassJob
from kerasrnn.tasks.classify.image_job import ImageClassificationJob
from kerasrnn.tasks.classify.task import Classifier
from kerasrnn.tasks.job import Job
from kerasrnn.text import Tokenizer

__all__ = ["ClassificationJob", "classification_job"]

SHOWN, LONGEST = 3, 60
MODEL_OPTIONS = (
    *("cell", "units", "num_layers", "bidirectional", "dropout"),
    *("pooling", "segment_length", "embedding"),
)


def classification_job(settings: Mapping) -> Job:
    """Makes the job of `kerasrnn train classify`, after a look at what there is to classify.

    Args:
        settings: The options of the command line, but for the output folder.

    Returns:
        An `ImageClassificationJob` for images, otherwise a `ClassificationJob`.

    Raises:
        ValueError: For an unknown data set, or a file that is not there.
    """
    options = {"features": settings.get("features"), "encoding": settings.get("encoding", "utf-8")}
    images = has_images(settings["data"], settings["data_dir"], **options)
    return (ImageClassificationJob if images else ClassificationJob)(settings)


class ClassificationJob(ClassJob):
    """Trains and evaluates a classifier: `kerasrnn train classify`."""

    def check(self):
        many_to_one(5, 2, **self._chosen(MODEL_OPTIONS))

    def read(self, split):
        return labelled_texts(*self.source(split), **self.reading())

    def new_task(self, train):
        tokenizer = Tokenizer.train(
            (texts for texts, _ in train.batch(READ_AT_ONCE)),
            self.settings["level"],
            min_count=self.settings["min_count"],
            max_size=self.settings["max_vocabulary_size"],
            lowercase=self.settings.get("lowercase", False),
            normalization=self.settings.get("normalization", "none"),
        )
        labels = self.names_of_classes(train)
        options = self._chosen(MODEL_OPTIONS)
        model = many_to_one(len(tokenizer.vocabulary), len(labels), **options)
        return Classifier(model, tokenizer, labels, self.settings["max_length"], self.settings)

    def examples(self, task, raw):
        return labelled_text_examples(raw, task.tokenizer, task.labels, task.max_length)

    def names(self, task):
        return {"tokens": task.tokenizer.vocabulary, "labels": task.labels}

    def report(self, task, test, folder):
        pairs = (tuple(text.decode("utf-8") for text in pair) for pair in test.as_numpy_iterator())
        short = ((text, label) for text, label in pairs if 0 < len(text) <= LONGEST)
        return self.measure(task, test, folder), dict(itertools.islice(short, SHOWN))
