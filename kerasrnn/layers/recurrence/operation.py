"""A recurrence as one differentiable operation, and in parts of the batch side by side."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.layers.recurrence import loops
from kerasrnn.layers.recurrence.equations import RecurrentCell, outer, total
from kerasrnn.typing import Tensor

__all__ = ["affine", "in_parts", "padded", "recurrence"]

Results = tuple[Tensor, list[Tensor]]


def recurrence(
    cell: RecurrentCell,
    sequences: Tensor,
    states: Sequence[Tensor],
    weights: Sequence[Tensor],
    mask: Tensor | None,
    length: Tensor | None,
    keep: bool = False,
) -> Results:
    """Runs a cell over time, in loops that XLA compiles anew for each length and B.

    Padding to that length is part of the operation, so that no product of its gradient has any.

    Args:
        cell: The cell.
        sequences: `(T, B, F)` float tensor.
        states: The states before the first step, `(B, U)` each.
        weights: The matrix of the inputs `(F, G)`, the recurrent one `(U, G)` and the bias; the
            first one may be missing, then F is G.
        mask: `(T, B, 1)` bool tensor, or `None`.
        length: How many steps the loops are compiled for, at least T: an int32 scalar; `None` for
            T, where the graph knows it.
        keep: Whether to keep what the gradient needs, which takes a second run forwards otherwise.

    Returns:
        The first state of each step, `(T, B, U)`, and the last states, `(B, U)` each.
    """
    count, steps = len(states), tf.shape(sequences)[0]
    valid = None if mask is None else padded(mask, length)

    @tf.custom_gradient
    def operation(sequences, *others):
        states, (*kernel, matrix, bias) = others[:count], others[count:]
        inputs = padded(sequences, length)
        if kernel:
            inputs = _product(inputs, kernel[0])
        given = inputs, states, [matrix, bias], valid, steps
        outputs, last, factors = _forward(cell, keep)(*given)
        outputs = outputs[:steps]

        def gradient(d_outputs, *d_last):
            needed = factors if keep else _forward(cell, True)(*given)[2]
            d_padded, transposed = padded(d_outputs, length), tf.transpose(matrix)
            d_all, d_states = _backward(cell)(needed, valid, steps, d_padded, d_last, transposed)
            before = tf.concat([states[0][None], outputs[:-1]], axis=0)
            d_inputs, d_weights = cell.weights([each[:steps] for each in d_all], before)
            if kernel:
                d_weights = [outer(sequences, d_inputs), *d_weights]
                d_inputs = _product(d_inputs, kernel[0], transpose=True)
            return d_inputs, *d_states, *d_weights

        return (outputs, *last), gradient

    outputs, *last = operation(sequences, *states, *weights)
    return outputs, last


def padded(tensor: Tensor, length: Tensor | None) -> Tensor:
    """Adds zeros behind the last step of a `(T, B, …)` tensor, up to a length if there is one."""
    if length is None:
        return tensor
    return tf.pad(tensor, [[0, length - tf.shape(tensor)[0]], [0, 0], [0, 0]])


@tf.custom_gradient
def affine(steps: Tensor, matrix: Tensor, bias: Tensor) -> Any:
    """Multiplies each row of each step by a matrix, and adds a bias: `(T, B, F)` to `(T, B, G)`."""
    matrix = tf.convert_to_tensor(matrix)

    def gradient(d_rows):
        d_steps = _product(d_rows, matrix, transpose=True)
        return d_steps, outer(steps, d_rows), total(d_rows)

    return _product(steps, matrix, bias=bias), gradient


def _product(
    steps: Tensor, matrix: Tensor, transpose: bool = False, bias: Tensor | None = None
) -> Tensor:
    """Multiplies each row of each step by a matrix: `(T, B, F)` by `(F, G)`."""
    rows = tf.reshape(steps, (-1, steps.shape[-1]))
    rows = tf.matmul(rows, matrix, transpose_b=transpose)
    rows = rows if bias is None else tf.nn.bias_add(rows, bias)
    shape = tf.concat([tf.shape(steps)[:2], tf.shape(rows)[1:]], axis=0)
    return tf.ensure_shape(tf.reshape(rows, shape), (*steps.shape[:2], rows.shape[-1]))


def in_parts(
    run: Callable[[Tensor, Sequence[Tensor], Tensor | None], Results],
    parts: int,
    sequences: Tensor,
    states: Sequence[Tensor],
    mask: Tensor | None,
) -> Results:
    """Runs something over parts of the batch side by side, each on a core of its own.

    A loop has steps too short for several cores to share.

    Args:
        run: From sequences, states and mask to what `recurrence` returns.
        parts: How many parts.
        sequences: `(T, B, F)` float tensor.
        states: `(B, U)` each.
        mask: `(T, B, 1)` bool tensor, or `None`.
    """
    if parts == 1:
        return run(sequences, states, mask)
    rows = tf.shape(sequences)[1]
    edges = [rows * i // parts for i in range(parts + 1)]
    sizes = [b - a for a, b in itertools.pairwise(edges)]
    pieces = [tf.split(state, sizes) for state in states]
    masks = [None] * parts if mask is None else tf.split(mask, sizes, axis=1)
    # The gradient of a split is one concatenation; those of slices would be added up.
    results = [
        run(part, [piece[i] for piece in pieces], masks[i])
        for i, part in enumerate(tf.split(sequences, sizes, axis=1))
    ]
    outputs, last = zip(*results, strict=True)
    return tf.concat(outputs, 1), [tf.concat(each, 0) for each in zip(*last, strict=True)]


@functools.cache
def _forward(cell: RecurrentCell, keep: bool) -> Any:
    def run(inputs, states, weights, mask, steps):
        return loops.forward(cell, inputs, states, weights, mask, steps, keep)

    return tf.function(run, jit_compile=True, autograph=False)


@functools.cache
def _backward(cell: RecurrentCell) -> Any:
    run = functools.partial(loops.backward, cell)
    return tf.function(run, jit_compile=True, autograph=False)
