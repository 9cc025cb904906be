"""Training a `Classifier` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from kerasrnn.datasets import (
    check_labels,
    has_images,
    label_names,
    labelled_text_examples,
    labelled_texts,
)
from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.models import many_to_one
from kerasrnn.tasks.class_metrics import class_metrics, draw_confusion
from kerasrnn.tasks.classifier import Classifier
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.train_image_classifier import ImageClassificationJob
from kerasrnn.text import Tokenizer

__all__ = ["ClassificationJob", "classification_job"]

SHOWN, LONGEST, READ_AT_ONCE = 3, 60, 1024
MODEL_OPTIONS = ("cell", "units", "num_layers", "bidirectional", "dropout", "pooling", "embedding")


def classification_job(settings: Mapping) -> Job:
    """Makes the job of `kerasrnn train classify`, after a look at what there is to classify.

    Args:
        settings: The options of the command line, but for the output folder.

    Returns:
        An `ImageClassificationJob` for images, otherwise a `ClassificationJob`.

    Raises:
        ValueError: For an unknown data set, or a file that is not there.
    """
    features = settings.get("features")
    images = has_images(settings["data"], settings["data_dir"], features=features)
    return (ImageClassificationJob if images else ClassificationJob)(settings)


class ClassificationJob(Job):
    """Trains and evaluates a classifier: `kerasrnn train classify`."""

    monitor = "val_perplexity"
    curve = "accuracy"

    def check(self):
        many_to_one(5, 2, **self._chosen(MODEL_OPTIONS))
        length = self.settings["max_length"]
        if length is not None and length < 1:
            raise ValueError(f"Expected `max_length` of at least 1. Received: {length}")

    def read(self, split):
        return labelled_texts(*self.source(split), features=self.settings.get("features"))

    def metrics(self):
        return [Perplexity(ignore_class=None), TokenAccuracy("accuracy", ignore_class=None)]

    def new_task(self, train):
        batches = train.batch(READ_AT_ONCE)
        tokenizer = Tokenizer.train(
            (texts for texts, _ in batches),
            self.settings["level"],
            min_count=self.settings["min_count"],
            max_size=self.settings["max_vocabulary_size"],
        )
        labels = label_names(labels for _, labels in batches)
        if len(labels) < 2:
            raise ValueError(f"Expected at least two labels to tell apart. Received: {labels}")
        self.check_class_weights(labels)
        for split in ("validation", "test"):
            others = self.read(split).batch(READ_AT_ONCE)
            check_labels((names for _, names in others), labels, split)
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
        counts = task.confusion(test)
        draw_confusion(folder, counts, task.labels)
        metrics = {**class_metrics(counts, task.labels), "examples": int(counts.sum())}
        return metrics, dict(itertools.islice(short, SHOWN))
