"""A recurrence as one differentiable operation, in parts of the batch where that is faster."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.layers.recurrence import loops
from kerasrnn.layers.recurrence.equations import RecurrentCell
from kerasrnn.typing import Tensor

__all__ = ["recurrence"]


def recurrence(
    cell: RecurrentCell,
    inputs: Tensor,
    states: Sequence[Tensor],
    recurrent: Sequence[Tensor],
    mask: Tensor | None = None,
    keep: bool = False,
    compiled: bool = False,
    parts: int = 1,
) -> tuple[Tensor, list[Tensor]]:
    """Runs a cell over time.

    Args:
        cell: The cell.
        inputs: `(T, B, G)` float tensor, the inputs times their matrix, bias added.
        states: The states before the first step, `(B, U)` each.
        recurrent: The recurrent matrix `(U, G)` and perhaps a bias `(G,)`.
        mask: `(T, B, 1)` bool tensor, or `None`.
        keep: Whether to keep what the gradient needs, which takes a second run forwards otherwise.
        compiled: Whether XLA compiles the loop, anew for each T and B.
        parts: How many parts of the batch run side by side.

    Returns:
        The first state of each step, `(T, B, U)`, and the last states, `(B, U)` each.
    """
    run = functools.partial(_differentiable, cell, recurrent, keep, compiled)
    if parts == 1:
        return run(inputs, states, mask)
    rows = tf.shape(inputs)[1]
    edges = [rows * i // parts for i in range(parts + 1)]
    results = []
    for a, b in zip(edges, edges[1:], strict=False):
        masked = None if mask is None else mask[:, a:b]
        results.append(run(inputs[:, a:b], [state[a:b] for state in states], masked))
    outputs, last = zip(*results, strict=True)
    return tf.concat(outputs, 1), [tf.concat(each, 0) for each in zip(*last, strict=True)]


def _differentiable(cell, recurrent, keep, compiled, inputs, states, mask):
    count = len(states)

    @tf.custom_gradient
    def operation(inputs, *others):
        states, recurrent = others[:count], others[count:]
        outputs, last, factors = _forward(cell, keep, compiled)(inputs, states, recurrent, mask)

        def gradient(d_outputs, *d_last):
            run = _forward(cell, True, compiled)
            needed = factors if keep else run(inputs, states, recurrent, mask)[2]
            d_all, d_states = _backward(cell, compiled)(
                needed, mask, d_outputs, d_last, tf.transpose(recurrent[0])
            )
            before = tf.concat([states[0][None], outputs[:-1]], axis=0)
            d_inputs, d_recurrent = cell.weights(d_all, before)
            return d_inputs, *d_states, *d_recurrent

        return (outputs, *last), gradient

    outputs, *last = operation(inputs, *states, *recurrent)
    return outputs, last


@functools.cache
def _forward(cell: RecurrentCell, keep: bool, compiled: bool) -> Any:
    def run(inputs, states, recurrent, mask):
        return loops.forward(cell, inputs, states, recurrent, mask, keep)

    return tf.function(run, jit_compile=True, autograph=False) if compiled else run


@functools.cache
def _backward(cell: RecurrentCell, compiled: bool) -> Any:
    run = functools.partial(loops.backward, cell)
    return tf.function(run, jit_compile=True, autograph=False) if compiled else run
