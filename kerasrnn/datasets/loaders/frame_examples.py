"""Loader of videos with a label for each frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.loaders.labels import label_table
from kerasrnn.datasets.sources.labelled_frames import films_with_labels
from kerasrnn.text.as_written import as_written

__all__ = ["frame_examples"]

FILMS_AT_ONCE = 16


def frame_examples(films: Any, labels: Sequence[str]) -> Examples:
    """Encodes videos for a `many_to_many` of frames.

    Args:
        films: Of `(frames, labels)`, see `labelled_frames`; a data set, or a list, a table or a
            generator of them.
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

    encoded = films_with_labels(films).map(as_written(encode), num_parallel_calls=tf.data.AUTOTUNE)
    return Examples(encoded.ragged_batch(FILMS_AT_ONCE), (1,), finish, ("frames", list(labels)))
