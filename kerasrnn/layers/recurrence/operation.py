"""A recurrence as one differentiable operation, and in parts of the batch side by side."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.layers.recurrence import loops
from kerasrnn.layers.recurrence.equations import RecurrentCell
from kerasrnn.typing import Tensor

__all__ = ["in_parts", "recurrence"]

Results = tuple[Tensor, list[Tensor]]


def recurrence(
    cell: RecurrentCell,
    inputs: Tensor,
    states: Sequence[Tensor],
    weights: Sequence[Tensor],
    mask: Tensor | None,
    steps: Tensor,
    keep: bool = False,
) -> Results:
    """Runs a cell over time, in loops that XLA compiles anew for each T and B.

    Args:
        cell: The cell.
        inputs: `(T, B, G)` float tensor, the inputs times their matrix.
        states: The states before the first step, `(B, U)` each.
        weights: The recurrent matrix `(U, G)` and the bias.
        mask: `(T, B, 1)` bool tensor, or `None`.
        steps: How many steps there are, at most T: an int32 scalar.
        keep: Whether to keep what the gradient needs, which takes a second run forwards otherwise.

    Returns:
        The first state of each step, `(T, B, U)`, and the last states, `(B, U)` each.
    """
    count = len(states)

    @tf.custom_gradient
    def operation(inputs, *others):
        states, weights = others[:count], others[count:]
        outputs, last, factors = _forward(cell, keep)(inputs, states, weights, mask, steps)

        def gradient(d_outputs, *d_last):
            run = _forward(cell, True)
            needed = factors if keep else run(inputs, states, weights, mask, steps)[2]
            transposed = tf.transpose(weights[0])
            d_all, d_states = _backward(cell)(needed, mask, steps, d_outputs, d_last, transposed)
            before = tf.concat([states[0][None], outputs[:-1]], axis=0)
            d_inputs, d_weights = cell.weights(d_all, before)
            return d_inputs, *d_states, *d_weights

        return (outputs, *last), gradient

    outputs, *last = operation(inputs, *states, *weights)
    return outputs, last


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
    results = []
    for a, b in zip(edges, edges[1:], strict=False):
        masked = None if mask is None else mask[:, a:b]
        results.append(run(sequences[:, a:b], [state[a:b] for state in states], masked))
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
