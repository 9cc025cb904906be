"""Cells that are linear in their state in functions that XLA compiles, for TensorFlow on a CPU."""

from __future__ import annotations

import functools
from typing import Any

import tensorflow as tf

from kerasrnn.layers.linear.linear_cell import LinearCell
from kerasrnn.layers.linear.over_time import masked, repeated, run
from kerasrnn.layers.linear.tensorflow_loops import backward, differentiable
from kerasrnn.layers.recurrence.layer import PARTS, compiled_length
from kerasrnn.layers.recurrence.operation import affine, in_parts, padded
from kerasrnn.typing import Tensor

__all__ = ["can_be_compiled", "has_compiled_way", "run_compiled"]


def can_be_compiled(cell: LinearCell) -> bool:
    """Tells whether `run_compiled` can run a cell within a graph: on a CPU, in 32 bits."""
    return cell.compute_dtype == "float32" and not tf.config.list_logical_devices("GPU")


def has_compiled_way(cell: LinearCell) -> bool:
    """Tells whether `run_compiled` can run a cell here.

    Outside of a graph XLA would compile whenever a length is a new one.
    """
    return can_be_compiled(cell) and not tf.executing_eagerly()


def run_compiled(
    cell: LinearCell, sequences: Tensor, first: Tensor, valid: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Makes all steps of a cell, in two parts of the batch side by side.

    A length that is not known in the graph is rounded up, so that few lengths are compiled.

    Args:
        cell: The cell.
        sequences: `(T, B, F)` float tensor.
        first: The state before the first step, `(B, U)`.
        valid: `(T, B, 1)` bool tensor, or `None`: which steps are not masked.

    Returns:
        The outputs `(T, B, U)`, and the last state `(B, U)`.
    """
    steps, length = tf.shape(sequences)[0], compiled_length(sequences)

    def part(sequences, states, valid):
        parts = [padded(each, length) for each in cell.project(sequences, affine)]
        valid = None if valid is None else padded(valid, length)
        outputs, last = _operation(cell, parts, states[0], valid, steps)
        return outputs[:steps], [last]

    outputs, (last,) = in_parts(part, PARTS, sequences, [first], valid)
    return outputs, last


def _operation(cell, parts, first, valid, steps) -> tuple[Tensor, Tensor]:
    """Runs what is compiled, and what is compiled of its gradient."""

    @tf.custom_gradient
    def operation(first, *parts):
        outputs, states = _forward(type(cell))(parts, first, valid, steps)

        def gradient(d_outputs, d_last):
            run = _backward(type(cell))
            return run(parts, first, valid, steps, states, d_outputs, d_last)

        return (outputs, states[steps - 1]), gradient

    return operation(first, *parts)


@functools.cache
def _forward(kind: type[LinearCell]) -> Any:
    def compiled(parts, first, valid, steps):
        return run(kind, parts, first, valid, functools.partial(differentiable, steps=steps))

    return tf.function(compiled, jit_compile=True, autograph=False)


@functools.cache
def _backward(kind: type[LinearCell]) -> Any:
    """Computes gates again: they cost less than to write and to read them."""

    def compiled(parts, first, valid, steps, states, d_outputs, d_last):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([states, *parts])
            kept, added = masked(*kind.coefficients(parts), valid)
            outputs = kind.outputs(parts, states)
        if valid is not None:
            d_outputs = _d_repeated(kind, d_outputs, valid, steps)
        zero = tf.UnconnectedGradients.ZERO
        d_states, *d_parts = tape.gradient(outputs, [states, *parts], d_outputs, zero)
        d_added, d_first = backward(kept, d_states, d_last, steps)
        d_kept = d_added * tf.concat([first[None], states[:-1]], axis=0)
        others = tape.gradient([kept, added], list(parts), [d_kept, d_added], zero)
        return d_first, *(a + b for a, b in zip(d_parts, others, strict=True))

    return tf.function(compiled, jit_compile=True, autograph=False)


def _d_repeated(kind, d_outputs, valid, steps):
    """Returns the gradient of what `repeated` was given."""
    if kind.outputs_are_states:
        return repeated(kind, d_outputs, valid)  # the same steps are zeros
    kept = 1 - tf.cast(valid, d_outputs.dtype) * tf.ones_like(d_outputs)
    d_outputs, _ = backward(kept, d_outputs, tf.zeros_like(d_outputs[0]), steps)
    return tf.where(valid, d_outputs, tf.zeros_like(d_outputs))
