"""Full-width and half-width forms in their usual width, as core TensorFlow operations."""

from __future__ import annotations

import functools

import tensorflow as tf

from kerasrnn.text.unicode_tables import INVISIBLE, usual_widths
from kerasrnn.typing import Tensor

__all__ = ["of_usual_width"]


def of_usual_width(texts: Tensor) -> tf.Tensor:
    """Replaces forms of other widths, and takes out what is not seen; see `normalize`.

    Args:
        texts: `(N,)` string tensor, UTF-8; an invalid byte becomes U+FFFD.

    Returns:
        `(N,)` string tensor, which is not composed: `ガ` is two code points if `ｶﾞ` was.

    Example:

    >>> of_usual_width(tf.constant(["Ｎｏ．１", "ｱ"])).numpy()[0].decode()
    'No.1'
    """
    points = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
    known, usual = _tensors()
    found = points.flat_values
    places = tf.minimum(tf.searchsorted(known, found), len(known) - 1)
    found = tf.where(tf.gather(known, places) == found, tf.gather(usual, places), found)
    seen = tf.reduce_all(found[:, tf.newaxis] != tf.constant(INVISIBLE), axis=1)
    rows = tf.boolean_mask(points.value_rowids(), seen)
    number = tf.size(texts, out_type=tf.int64)
    return tf.strings.unicode_encode(
        tf.RaggedTensor.from_value_rowids(
            tf.boolean_mask(found, seen), rows, number, validate=False
        ),
        "UTF-8",
    )


@functools.cache
def _tensors() -> tuple[tf.Tensor, tf.Tensor]:
    """The table as tensors, which a SavedModel holds once, however many functions use them."""
    table = sorted(usual_widths().items())
    with tf.init_scope(), tf.device("CPU"):
        return tf.constant([a for a, _ in table]), tf.constant([b for _, b in table])
