"""Batches without rows, for the operations that make something else of them.

Where TensorFlow's oneDNN kernels are on, as they are by default on some processors, a convolution
of no rows has a wrong shape; anywhere, Keras' LSTM outside of a graph takes no rows for a bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasrnn.typing import Shape, Tensor

__all__ = ["CutToBatch", "PadEmptyBatch", "at_least_one_row", "greatest"]


def at_least_one_row(function: Callable[..., Any], *inputs: Tensor) -> Any:
    """Runs a function on a batch, or on a row of zeros where the batch has none.

    Args:
        function: From tensors `(B, …)` to tensors `(B, …)`; both may be nested.
        *inputs: Its arguments, `None` among them perhaps.

    Returns:
        What the function returns, without any row where the inputs have none.

    Example:

    >>> double = lambda x: ops.concatenate([x, x], axis=-1)
    >>> tuple(at_least_one_row(double, keras.ops.zeros((0, 3))).shape)
    (0, 6)
    """
    rows = ops.shape(keras.tree.flatten(inputs)[0])[0]
    if isinstance(rows, int) and rows > 0:
        return function(*inputs)
    outputs = function(*keras.tree.map_structure(_padded, inputs))
    return keras.tree.map_structure(lambda output: output[:rows], outputs)


def greatest(values: Tensor, axis: int, keepdims: bool = False) -> Tensor:
    """Does what `keras.ops.max` does, which outside of a graph refuses a batch without rows.

    Args:
        values: Float tensor.
        axis: The axis that is reduced, not that of the batch.
        keepdims: Whether it stays, with the size 1.
    """
    if 0 in values.shape:  # not `initial`, which Keras puts on the CPU where PyTorch has a GPU
        return ops.sum(values, axis=axis, keepdims=keepdims) - math.inf
    return ops.max(values, axis=axis, keepdims=keepdims)


def _padded(values):
    """Adds a row of zeros to a tensor without rows; a copy, which costs little, to any other."""
    if values is None:
        return None
    rows, *others = ops.shape(values)
    missing = max(1 - rows, 0) if isinstance(rows, int) else ops.maximum(1 - rows, 0)
    # No `ops.pad`: oneDNN takes it into the convolution behind it, where it pads edges alone.
    return ops.concatenate([values, ops.zeros((missing, *others), values.dtype)], axis=0)


@keras.saving.register_keras_serializable("kerasrnn")
class PadEmptyBatch(keras.layers.Layer):
    """Adds a row of zeros to a batch that has none, and nothing to any other.

    Behind what needs a row, `CutToBatch` takes it off.

    Call arguments:
        inputs: `(B, …)` tensor.

    Returns:
        The same, or `(1, …)` zeros.

    Example:

    >>> tuple(PadEmptyBatch()(keras.ops.zeros((0, 3))).shape)
    (1, 3)
    """

    def call(self, inputs: Tensor) -> Tensor:
        return _padded(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


@keras.saving.register_keras_serializable("kerasrnn")
class CutToBatch(keras.layers.Layer):
    """Gives a tensor the number of rows that another one has.

    Call arguments:
        inputs: `(B', …)` tensor.
        batch: `(B, …)` tensor of as many rows or fewer.

    Returns:
        The first B rows.

    Example:

    >>> tuple(CutToBatch()(keras.ops.ones((1, 5)), keras.ops.ones((0, 3))).shape)
    (0, 5)
    """

    def call(self, inputs: Tensor, batch: Tensor) -> Tensor:
        return inputs[: ops.shape(batch)[0]]

    def compute_output_shape(self, inputs_shape: Shape, batch_shape: Shape) -> Shape:
        return (batch_shape[0], *inputs_shape[1:])
