"""Functions that `tf.data` runs as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tensorflow as tf

__all__ = ["as_written"]

Function = TypeVar("Function", bound=Callable)


def as_written(function: Function) -> Function:
    """Marks a function whose Python is not to be translated into a graph.

    `tf.data` translates the `if` and `for` of each function that it maps, and of all that is called
    in it, which took up to half a second of the start of a training. None of this package has
    one that depends on a tensor; TensorFlow refuses such a one where nothing is translated.

    Args:
        function: From tensors to tensors.

    Example:

    >>> doubled = tf.data.Dataset.range(3).map(as_written(lambda x: 2 * x))
    >>> [int(each) for each in doubled]
    [0, 2, 4]
    """
    return tf.autograph.experimental.do_not_convert(function)
