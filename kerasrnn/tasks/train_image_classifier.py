"""Training an `ImageClassifier` from a data set's name or a table of image files."""

from __future__ import annotations

import itertools

from kerasrnn.datasets import (
    check_labels,
    label_names,
    labelled_image_examples,
    labelled_images,
)
from kerasrnn.datasets.images import encode_png
from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.models import many_to_one
from kerasrnn.tasks.class_metrics import class_metrics, draw_confusion
from kerasrnn.tasks.files import write_beside
from kerasrnn.tasks.image_classifier import ImageClassifier
from kerasrnn.tasks.job import Job

__all__ = ["ImageClassificationJob"]

SHOWN, READ_AT_ONCE = 3, 1024
MODEL_OPTIONS = ("cell", "units", "num_layers", "bidirectional", "dropout", "pooling")


class ImageClassificationJob(Job):
    """Trains and evaluates an image classifier: `kerasrnn train classify` of images."""

    curve = "accuracy"
    unit = rows = "images"

    def check(self):
        many_to_one((28,), 2, **self._chosen(MODEL_OPTIONS))
        if self.settings.get("word_dropout"):
            raise ValueError("Expected no `word_dropout`: an image has no words to drop")
        if self.settings.get("cache") is not None:  # it would not see that an image has changed
            raise ValueError("Expected no `cache`: images are not kept, only texts are")

    def read(self, split):
        return labelled_images(*self.source(split), features=self.settings.get("features"))

    def metrics(self):
        return [Perplexity(ignore_class=None), TokenAccuracy("accuracy", ignore_class=None)]

    def new_task(self, train):
        labels = label_names(labels for _, labels in train.batch(READ_AT_ONCE))
        if len(labels) < 2:
            raise ValueError(f"Expected at least two labels to tell apart. Received: {labels}")
        self.check_class_weights(labels)
        for split in ("validation", "test"):
            others = self.read(split).batch(READ_AT_ONCE)
            check_labels((names for _, names in others), labels, split)
        shape = tuple(train.element_spec[0].shape)
        model = many_to_one((shape[1] * shape[2],), len(labels), **self._chosen(MODEL_OPTIONS))
        return ImageClassifier(model, labels, shape, self.settings)

    def examples(self, task, raw):
        return labelled_image_examples(raw, task.labels)

    def names(self, task):
        return {"labels": task.labels}

    def report(self, task, test, folder):
        (folder / "examples").mkdir(exist_ok=True)
        lines = {}
        # Files that `kerasrnn predict` can read.
        for i, (image, label) in enumerate(itertools.islice(test.as_numpy_iterator(), SHOWN)):
            path = folder / "examples" / f"{i}.png"
            write_beside(path, lambda beside, image=image: beside.write_bytes(encode_png(image)))
            lines[f"examples/{i}.png"] = label.decode("utf-8")
        counts = task.confusion(test)
        draw_confusion(folder, counts, task.labels)
        metrics = {**class_metrics(counts, task.labels), "examples": int(counts.sum())}
        return metrics, lines
