"""Films with a label for each frame: source and loader."""

from __future__ import annotations

import os
from collections.abc import Sequence

import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.datasets.examples import Examples
from kerasrnn.datasets.labels import label_table
from kerasrnn.datasets.sources import features_of_kind, open_split

__all__ = ["frame_examples", "labelled_frames"]

EXPECTED = "films with a class for each frame"


def labelled_frames(
    data: str | os.PathLike, split: str = "train", data_dir: str | os.PathLike | None = None
) -> tf.data.Dataset:
    """Reads films with a label for each frame.

    Args:
        data: An embedded data set (`"moving_digits"`), or a tensorflow-datasets name whose
            examples are a sequence of frames and a sequence of classes.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.

    Returns:
        A `tf.data.Dataset` of `(frames, labels)`: `(T, H, W, C)` uint8, and `(T,)` string, the
        names of the classes.

    Raises:
        ValueError: For an unknown data set or split, or examples of another kind.

    Example:

    >>> films = labelled_frames("moving_digits", "validation")
    """
    builder, examples = open_split(data, split, data_dir)
    frames = features_of_kind(builder, _is_film, EXPECTED)
    labels = features_of_kind(builder, _is_class_sequence, EXPECTED)
    names = tf.constant(builder.info.features[labels].feature.names)
    return examples().map(lambda film: (film[frames], tf.gather(names, film[labels])))


def _is_film(feature) -> bool:
    # Both of `Video`, which is a sequence of images, and of a plain tensor.
    return not isinstance(feature, dict) and len(feature.shape or ()) == 4


def _is_class_sequence(feature) -> bool:
    inner = getattr(feature, "feature", None)
    return isinstance(feature, tfds.features.Sequence) and isinstance(
        inner, tfds.features.ClassLabel
    )


def frame_examples(films: tf.data.Dataset, labels: Sequence[str]) -> Examples:
    """Encodes films for a `many_to_many` of frames.

    Args:
        films: Of `(frames, labels)`, see `labelled_frames`.
        labels: The names of the classes.

    Returns:
        `Examples`, whose batches are `features` `(B, T, H, W, C)` float32 from 0 to 1 and `mask`
        `(B, T)` bool, false for padding on the right; the classes `(B, T)` int32; the weights
        `(B, T)` float32, 0 for padding.
    """
    look_up = label_table(labels)

    def encode(frames, names):
        return frames, look_up(names), tf.fill(tf.shape(names), True)

    def finish(frames, y, mask):
        features = tf.image.convert_image_dtype(frames, tf.float32)
        return {"features": features, "mask": mask}, y, tf.cast(mask, tf.float32)

    def length(frames, y, mask):
        return tf.size(y)

    return Examples(films.map(encode, num_parallel_calls=tf.data.AUTOTUNE).cache(), length, finish)
