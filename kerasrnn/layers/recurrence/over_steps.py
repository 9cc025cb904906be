"""A tensor as its steps, and a loop over them, on TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from kerasrnn.typing import Tensor

__all__ = ["number_of_steps", "repeat", "steps_of"]


def repeat(body: Callable[..., Any], steps: Tensor, begin: Any) -> Any:
    """Runs a loop whose first variable counts, until it has counted so many steps."""
    return tf.while_loop(lambda count, *_: count < steps, body, begin, parallel_iterations=1)


def number_of_steps(tensor: Tensor) -> Any:
    """Returns T of a `(T, B, …)` tensor, an int where the graph knows it."""
    return tf.shape(tensor)[0] if tensor.shape[0] is None else tensor.shape[0]


def steps_of(tensor: Tensor) -> Any:
    """Returns the steps of a `(T, B, …)` tensor as an array that is read as often as one likes."""
    array = tf.TensorArray(
        tensor.dtype,
        number_of_steps(tensor),
        element_shape=tensor.shape[1:],
        clear_after_read=False,
    )
    return array.unstack(tensor)
