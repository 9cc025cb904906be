"""Loader of images with a class each, read row by row or whole."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import encode_in_bulk
from kerasrnn.datasets.loaders.labels import label_table
from kerasrnn.datasets.sources.raw_examples import as_dataset

__all__ = ["labelled_image_examples"]


def labelled_image_examples(
    images: tf.data.Dataset, labels: Sequence[str], *, whole: bool = False
) -> Examples:
    """Encodes images for a `many_to_one` of vectors, one for each row from the top.

    Args:
        images: Of `(image, label)`, see `labelled_images`; or of `(image, label, weight)`, where
            the third is a number, the weight that you give to the image.
        labels: The names of the classes.
        whole: Whether the model reads whole images, as a `many_to_one` with `places` does.

    Returns:
        `Examples`, whose batches are `features` `(B, H, W × C)` float32 from 0 to 1 and `mask`
        `(B, H)` bool, all true, or `features` `(B, H, W, C)` alone; the classes `(B,)` int32; the
        weights `(B,)` float32, those that were given or all 1.

    Example:

    >>> images = tf.data.Dataset.from_tensors((tf.zeros((5, 3, 1), tf.uint8), "dark"))
    >>> batches = labelled_image_examples(images, ["bright", "dark"]).batches(64)
    >>> x, y, sample_weight = next(iter(batches))
    >>> tuple(x["features"].shape), y.numpy().tolist()
    ((1, 5, 3), [1])
    """
    images = as_dataset(images, ("image", "label"), ("weight",), ranks={"image": 3})
    look_up = label_table(labels)

    def encode(images, names, *weights):
        return images, look_up(names), *(tf.cast(each, tf.float32) for each in weights)

    def finish(images, y, weights=None):
        weights = tf.ones_like(y, tf.float32) if weights is None else weights
        if whole:
            return {"features": tf.image.convert_image_dtype(images, tf.float32)}, y, weights
        size = tf.shape(images)
        rows = tf.reshape(images, [size[0], size[1], images.shape[2] * images.shape[3]])
        features = tf.image.convert_image_dtype(rows, tf.float32)
        x = {"features": features, "mask": tf.ones(size[:2], tf.bool)}
        return x, y, weights

    key = ("images", list(labels), len(images.element_spec))
    return Examples(encode_in_bulk(images, encode), (0,), finish, key)
