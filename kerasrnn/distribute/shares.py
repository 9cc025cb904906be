"""The rows of a batch that one of several replicas computes."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

__all__ = ["rows_of", "share"]


def rows_of(batch: Any) -> Any:
    """Returns the number of rows of a batch: an int where the graph knows it, else `()` int32."""
    first = keras.tree.flatten(batch)[0]
    return first.shape[0] if first.shape[0] is not None else tf.shape(first)[0]


def share(batch: tuple[Any, ...], part: Any, parts: int) -> tuple[Any, Any, Any, Any]:
    """Returns one part of a batch, as many rows as every other part, or one more or less.

    Padding is cut by nobody, so that all parts are equally long. Where there are fewer rows than
    parts, a part without rows gets one whose weight is 0: there are layers that take no empty
    batch.

    Args:
        batch: `(x, y)` or `(x, y, sample_weight)`, of B rows each.
        part: The number of the part, from 0; an int or `()` int32.
        parts: The number of parts.

    Returns:
        x, y, sample weight (or `None`) and the number of rows, which is 0 where one stands in.
    """
    x, y, weight = (*batch, None)[:3]
    rows = rows_of(batch)
    # As many as the graph knows, for layers that carry the states of so many rows.
    size = rows // parts if isinstance(rows, int) and rows % parts == 0 else None
    first, end = rows * part // parts, rows * (part + 1) // parts
    real = end - first if size is None else size
    if size is None:
        first = tf.minimum(first, rows - 1)
        end = tf.maximum(end, first + 1)

    def cut(values: Any) -> Any:
        return tf.ensure_shape(values[first:end], [size, *values.shape[1:]])

    x, y = keras.tree.map_structure(cut, (x, y))
    if weight is not None:
        weight = cut(weight)
        weight = weight * tf.cast(real > 0, weight.dtype)
    return x, y, weight, real
