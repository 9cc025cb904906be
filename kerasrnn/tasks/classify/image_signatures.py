"""Image bytes in, a label out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.export.images import decode_images
from kerasrnn.export.saved_model import portable
from kerasrnn.export.signatures import Signatures
from kerasrnn.tasks.classify.signatures import class_outputs
from kerasrnn.typing import Tensor

__all__ = ["ImageClassificationSignatures", "reads_whole"]


def reads_whole(model: keras.Model) -> bool:
    """Whether a model reads a whole image at once, rather than its rows as steps.

    Args:
        model: What `many_to_one` returned.
    """
    return [len(each.shape) for each in model.inputs] == [4]


class ImageClassificationSignatures(Signatures):
    """Decodes the image, reads it and names the class, all of it in one graph.

    Args:
        model: What `many_to_one` returned for vectors of a row's W × C numbers, or with `places`
            for whole images, with one output for each label.
        labels: Names of the L classes.
        image_shape: Height, width and channels of the images; others are resized, by area.
        decision: As that of `ClassificationSignatures`.

    Attributes:
        classify: A function from images `(B, H, W, C)` float32, 0 to 1, to the first four outputs
            of `ClassificationSignatures`: `label`, `probability`, `labels`, `probabilities`.
        functions: By name `tf.function`s from `image_bytes` `(B,)` string, PNG, JPEG, GIF or BMP:
            `serving_default` to the same, `encode` to `vector` `(B, U)` float32, what the output
            layer reads.
    """

    inputs = (tf.TensorSpec((None,), tf.string, name="image_bytes"),)

    def __init__(
        self,
        model: keras.Model,
        labels: Sequence[str],
        image_shape: Sequence[int],
        decision: tuple[int, float] | None = None,
    ):
        self.models = [model]
        self._names, self._shape = list(labels), tuple(image_shape)
        self._decision = decision
        self._vector = views.vector(model)
        images = tf.TensorSpec((None, *self._shape), tf.float32)
        self.classify = portable([model], self._classify, images)

    def serve(self, image_bytes: Tensor) -> dict[str, Tensor]:
        return self._classify(decode_images(image_bytes, self._shape))

    def vector(self, image_bytes: Tensor) -> Tensor:
        images = decode_images(image_bytes, self._shape)
        return self._vector(self._inputs(images), training=False)

    def _classify(self, images):
        logits = self.models[0](self._inputs(images), training=False)
        return class_outputs(logits, self._names, self._decision)

    def _inputs(self, images):
        if reads_whole(self.models[0]):
            return {"features": images}
        height, width, channels = self._shape
        number = tf.shape(images)[0]
        rows = tf.reshape(images, [number, height, width * channels])
        return {"features": rows, "mask": tf.ones([number, height], tf.bool)}
