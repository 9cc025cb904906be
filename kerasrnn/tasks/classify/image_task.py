"""Image to label, read row by row: handwritten digits."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_list, check_size, check_texts
from kerasrnn.datasets import labelled_images
from kerasrnn.datasets.readers.image_decoding import encode_png, image_array
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.files import found_in
from kerasrnn.options import Source
from kerasrnn.tasks.batching import run_in_batches
from kerasrnn.tasks.classify.image_signatures import ImageClassificationSignatures
from kerasrnn.tasks.classify.task import Classification
from kerasrnn.tasks.classify.thresholded import Thresholded
from kerasrnn.tasks.image_paths import image_inputs
from kerasrnn.tasks.labelled import distinct_labels
from kerasrnn.tasks.records import class_records, named
from kerasrnn.tasks.tallies.pair_counts import pair_counts
from kerasrnn.views.logits import check_logits

__all__ = ["ImageClassifier", "read_images"]


class ImageClassifier(Thresholded):
    """A `many_to_one` of an image's rows with the names of its classes.

    The rows are the steps, from the top; the numbers of a row are the vector of its step.

    Args:
        model: What `many_to_one` returned for vectors of W × C numbers, trained or not.
        labels: Names of the L classes, in the order of the model's outputs.
        image_shape: Height H, width W and channels C of the images.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the labels or the images are not those that the model was built for.

    Example:

    >>> model = many_to_one((7 * 3,), 2, units=5)
    >>> task = ImageClassifier(model, ["dark", "bright"], (8, 7, 3))
    >>> labels = task.predict([np.zeros((8, 7, 3), "uint8")])
    """

    name = "classify-images"
    options_class = options.Classify
    served_answer = "label"

    def __init__(
        self,
        model: keras.Model,
        labels: Sequence[str],
        image_shape: Sequence[int],
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, settings)
        check_logits(model, one_class=True)
        labels = check_texts("labels", labels, "labels")
        sides = check_list("image_shape", image_shape, "sizes")
        self.image_shape = tuple(check_size("image_shape", each) for each in sides)
        width = next((t.shape[-1] for t in model.inputs if t.name == "features"), None)
        expected = width, model.output_shape[-1]
        received = int(np.prod(self.image_shape[1:])), len(labels)
        if len(self.image_shape) != 3 or expected != received:
            raise UserError(
                f"Expected images with rows of {expected[0]} numbers and {expected[1]} labels, as "
                f"the model has. Received: images {self.image_shape} and {received[1]} labels"
            )
        self.labels = distinct_labels(labels)

    def new_signatures(self) -> ImageClassificationSignatures:
        return ImageClassificationSignatures(
            self.model, self.labels, self.image_shape, self.decision
        )

    def predict(self, inputs: Iterable[Any], batch_size: int = 256) -> list[str]:
        """Names the most likely label of each image.

        Args:
            inputs: Images: `(H, W, C)` uint8 arrays, or `(H, W)` for one channel, the bytes of
                image files, or their paths.
            batch_size: Images in a batch.

        Returns:
            The labels, as many as there are inputs.

        Raises:
            ValueError: For something that is no image, or an array of another size.
        """
        return [each.label for each in self.classify(inputs, batch_size)]

    def classify(self, inputs: Iterable[Any], batch_size: int = 256) -> list[Classification]:
        """Labels images and tells all probabilities.

        Args:
            inputs: As in `predict`.
            batch_size: Images in a batch.

        Returns:
            A `Classification` for each.
        """
        images = self._images(inputs)

        def classify(chosen):
            return self.signatures.classify(np.stack(chosen).astype("float32") / 255)

        outputs = run_in_batches(classify, images, [0] * len(images), batch_size)
        return [
            Classification(
                label=outputs["label"][i].decode("utf-8"),
                probability=float(outputs["probability"][i]),
                probabilities=dict(
                    zip(self.labels, outputs["probabilities"][i].tolist(), strict=True)
                ),
            )
            for i in range(len(images))
        ]

    def read_source(self, source: Source) -> Any:
        """Reads labelled images, see `datasets.labelled_images`."""
        return read_images(source, self.options, self.image_shape)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(image, label)`, see `datasets.labelled_images`.

        Args:
            examples: Such a data set; or a list, a table or a generator of them.
        """
        return as_dataset(examples, ("image", "label"), ranks={"image": 3})

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        answers = self.predict([image for image, _ in rows], batch_size)
        return {"pairs": pair_counts([label.decode("utf-8") for _, label in rows], answers)}

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return image_inputs(source, self.parse_lines)

    def records(
        self, inputs: Iterable[Any], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        inputs = self.checked(inputs)
        return class_records("image", named(inputs), self.classify(inputs), probabilities)

    def answered(self, examples: Any) -> tuple[range, list[str], list[Classification]]:
        targets: list[str] = []
        found: list[Classification] = []
        for images, labels in self.raw(examples).batch(256).as_numpy_iterator():
            targets += [label.decode("utf-8") for label in labels]
            found += self.classify(images)
        return range(1, len(found) + 1), targets, found

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike[str] = ".") -> list[Any]:
        """Reads images: a line is the path of one."""
        return [found_in(folder, line) for line in lines]

    def checked(self, inputs: Iterable[Any]) -> list[Any]:
        return check_list("inputs", inputs, "images")

    def served_inputs(self, inputs: Sequence[Any]) -> dict[str, Any]:
        return {"image_bytes": [encode_png(image) for image in self._images(inputs)]}

    def default_inputs(self) -> list[Any]:
        return [np.zeros(self.image_shape, "uint8")]

    def _images(self, inputs: Iterable[Any]) -> list[np.ndarray]:
        return [image_array(image, self.image_shape) for image in self.checked(inputs)]

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        parts = {"labels": list(self.labels), "image_shape": list(self.image_shape)}
        return {**parts, **self.decision_parts()}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> ImageClassifier:
        shape, settings = config["image_shape"], config["settings"]
        return cls(model, config["labels"], shape, settings).decided_by(config)


def read_images(
    source: Source, options: options.Classify, image_shape: Sequence[int] | None = None
) -> Any:
    """Reads labelled images, all of one shape."""
    shape, bad_rows = image_shape, options.bad_rows
    return labelled_images(*source.place, image_shape=shape, bad_rows=bad_rows, **source.form)
