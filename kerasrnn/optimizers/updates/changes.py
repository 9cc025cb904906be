"""Clipping and Adam's step on TensorFlow, for gradients of all rows or of some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from kerasrnn.typing import Tensor

__all__ = [
    "AdamStep",
    "adam_step",
    "clipped",
    "is_of_rows",
    "lazy_adam_step",
    "with_each_row_once",
]


class AdamStep(NamedTuple):
    """The numbers of a step of Adam.

    Args:
        learning_rate: `()` float.
        beta_1: What remains of the first moment.
        beta_2: What remains of the second moment.
        epsilon: What is added to the root of the second moment.
        step: The number of the step from 1, `()` float.
    """

    learning_rate: Tensor
    beta_1: float
    beta_2: float
    epsilon: float
    step: Tensor


def is_of_rows(gradient: Any) -> bool:
    """Tells whether a gradient is that of some rows, `tf.IndexedSlices`."""
    return isinstance(gradient, tf.IndexedSlices)


def clipped(gradients: Sequence[Any], most: float) -> list[Any]:
    """Scales gradients down to a global norm, as Keras does, and leaves those of rows as they are.

    Args:
        gradients: Tensors, `tf.IndexedSlices` and `None`. Of slices, the rows as they were fetched
            count: a row that is there twice counts as two.
        most: The greatest norm.
    """
    values = [each.values if isinstance(each, tf.IndexedSlices) else each for each in gradients]
    sums = [tf.reduce_sum(tf.square(each)) for each in values if each is not None]
    norm = tf.sqrt(tf.reduce_sum(tf.stack(sums)))
    # As Keras writes it: not a number where the norm is not finite.
    scale = most * tf.minimum(1.0 / norm, 1.0 / most) + (norm - norm)
    scaled = [None if each is None else each * tf.cast(scale, each.dtype) for each in values]
    return [
        tf.IndexedSlices(value, each.indices, each.dense_shape)
        if isinstance(each, tf.IndexedSlices)
        else value
        for each, value in zip(gradients, scaled, strict=True)
    ]


def with_each_row_once(gradient: Any) -> Any:
    """Adds up what is there of the same row; other gradients than `tf.IndexedSlices` stay."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)


def adam_step(gradient: Tensor, variable: Any, moments: tuple[Any, Any], step: AdamStep) -> None:
    """Changes a variable and its moments in one pass over memory.

    Args:
        gradient: A tensor of the shape of the variable, or `tf.IndexedSlices`.
        variable: A `tf.Variable`.
        moments: The first and the second, likewise.
        step: The numbers.
    """
    kind = variable.dtype
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=moments[0].handle,
        v=moments[1].handle,
        beta1_power=tf.cast(tf.pow(step.beta_1, step.step), kind),
        beta2_power=tf.cast(tf.pow(step.beta_2, step.step), kind),
        lr=tf.cast(step.learning_rate, kind),
        beta1=tf.cast(step.beta_1, kind),
        beta2=tf.cast(step.beta_2, kind),
        epsilon=tf.cast(step.epsilon, kind),
        grad=tf.cast(tf.convert_to_tensor(gradient), kind),
    )


def lazy_adam_step(
    gradient: tf.IndexedSlices, variable: Any, moments: tuple[Any, Any], step: AdamStep
) -> None:
    """Changes the rows of a variable that have a gradient, and their moments.

    Args:
        gradient: Of rows, each of which is there once.
        variable: A `tf.Variable`.
        moments: The first and the second, likewise.
        step: The numbers.
    """
    kind, rows = variable.dtype, gradient.indices
    values = tf.cast(gradient.values, kind)
    one, two = (tf.gather(moment, rows) for moment in moments)
    one += (values - one) * (1 - step.beta_1)
    two += (tf.square(values) - two) * (1 - step.beta_2)
    bias = tf.sqrt(1 - tf.pow(step.beta_2, step.step)) / (1 - tf.pow(step.beta_1, step.step))
    rate = tf.cast(step.learning_rate * bias, kind)
    change = rate * one / (tf.sqrt(two) + step.epsilon)
    for target, new in zip(moments, (one, two), strict=True):
        target.scatter_update(tf.IndexedSlices(new, rows))
    variable.scatter_sub(tf.IndexedSlices(change, rows))
