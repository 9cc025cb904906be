"""Image to label, read row by row or by an encoder: handwritten digits."""

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
from kerasrnn.tasks.classify.array_task import ArrayClassifier
from kerasrnn.tasks.classify.image_signatures import ImageClassificationSignatures, reads_whole
from kerasrnn.tasks.image_paths import image_inputs
from kerasrnn.tasks.labelled import distinct_labels
from kerasrnn.tasks.records import class_records, named
from kerasrnn.views.logits import check_logits

__all__ = ["ImageClassifier", "read_images"]


class ImageClassifier(ArrayClassifier):
    """A `many_to_one` of an image with the names of its classes.

    Its rows are the steps, from the top; the numbers of a row are the vector of its step. Or, with
    `places`, an encoder makes the steps. The numbers are the pixels divided by 255. An input
    of `predict` is an `(H, W, C)` uint8 array, or `(H, W)` for one channel, the bytes of an image
    file, or its path.

    Args:
        model: What `many_to_one` returned for vectors of W × C numbers, or with `places` for images
            `(H, W, C)`, trained or not.
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
        read = next((tuple(t.shape[1:]) for t in model.inputs if t.name == "features"), (None,))
        self.whole = reads_whole(model)
        fits = len(self.image_shape) == 3 and (
            read == self.image_shape
            if self.whole
            else read[-1] == int(np.prod(self.image_shape[1:]))
        )
        if not fits or model.output_shape[-1] != len(labels):
            images = f"images {read}" if self.whole else f"images with rows of {read[-1]} numbers"
            raise UserError(
                f"Expected {images} and {model.output_shape[-1]} labels, as the model has. "
                f"Received: images {self.image_shape} and {len(labels)} labels"
            )
        self.labels = distinct_labels(labels)

    def new_signatures(self) -> ImageClassificationSignatures:
        return ImageClassificationSignatures(
            self.model, self.labels, self.image_shape, self.decision
        )

    def arrays(self, inputs: Iterable[Any]) -> list[np.ndarray]:
        return [image_array(image, self.image_shape) for image in self.checked(inputs)]

    def classify_batch(self, arrays: Sequence[np.ndarray]) -> Any:
        return self.signatures.classify(np.stack(arrays).astype("float32") / 255)

    def read_source(self, source: Source) -> Any:
        """Reads labelled images, see `datasets.labelled_images`."""
        return read_images(source, self.options, self.image_shape)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(image, label)`, see `datasets.labelled_images`.

        Args:
            examples: Such a data set; or a list, a table or a generator of them.
        """
        return as_dataset(examples, ("image", "label"), ranks={"image": 3})

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return image_inputs(source, self.parse_lines)

    def records(
        self, inputs: Iterable[Any], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        inputs = self.checked(inputs)
        return class_records("image", named(inputs), self.classify(inputs), probabilities)

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike[str] = ".") -> list[Any]:
        """Reads images: a line is the path of one."""
        return [found_in(folder, line) for line in lines]

    def checked(self, inputs: Iterable[Any]) -> list[Any]:
        return check_list("inputs", inputs, "images")

    def served_inputs(self, inputs: Sequence[Any]) -> dict[str, Any]:
        return {"image_bytes": [encode_png(image) for image in self.arrays(inputs)]}

    def default_inputs(self) -> list[Any]:
        return [np.zeros(self.image_shape, "uint8")]

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
