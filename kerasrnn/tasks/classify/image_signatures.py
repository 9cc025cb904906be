"""Image bytes in, a label out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.export.images import decode_images
from kerasrnn.export.saved_model import portable
from kerasrnn.tasks.classify.signatures import class_outputs

__all__ = ["ImageClassificationFunction"]


class ImageClassificationFunction:
    """Decodes the image, reads it row by row and names the class, all of it in one graph.

    Args:
        model: What `many_to_one` returned for vectors of a row's W × C numbers, with one output
            for each label.
        labels: Names of the L classes.
        image_shape: Height, width and channels of the images; others are resized, by area.

    Attributes:
        classify: A function from images `(B, H, W, C)` float32, 0 to 1, to the first four outputs
            of `ClassificationFunction`: `label`, `probability`, `labels`, `probabilities`.
        signatures: By name `tf.function`s from `image_bytes` `(B,)` string, PNG, JPEG, GIF or BMP:
            `serving_default` to the same, `encode` to `vector` `(B, U)` float32, what the output
            layer reads.
        lengths: For each signature and output, which outputs say how long its rows are: none.
        tracked: What an export has to track.
    """

    def __init__(self, model: keras.Model, labels: Sequence[str], image_shape: Sequence[int]):
        self.tracked = [model]
        self.lengths: dict = {}
        height, width, channels = image_shape
        names, vector = list(labels), views.vector(model)

        def inputs_of(images):
            number = tf.shape(images)[0]
            rows = tf.reshape(images, [number, height, width * channels])
            return {"features": rows, "mask": tf.ones([number, height], tf.bool)}

        def classify(images):
            return class_outputs(model(inputs_of(images), training=False), names)

        def serve(image_bytes):
            return classify(decode_images(image_bytes, image_shape))

        def encode(image_bytes):
            images = decode_images(image_bytes, image_shape)
            return {"vector": vector(inputs_of(images), training=False)}

        images = tf.TensorSpec((None, height, width, channels), tf.float32)
        content = tf.TensorSpec((None,), tf.string, name="image_bytes")
        self.classify = portable([model], classify, images)
        self.signatures = {
            "serving_default": portable([model], serve, content),
            "encode": portable([model], encode, content),
        }
