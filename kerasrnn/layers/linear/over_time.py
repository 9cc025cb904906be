"""All steps of a cell that is linear in its state.

Everything is time-major here: `(T, B, …)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
from keras import ops

from kerasrnn.layers.linear.linear_cell import LinearCell
from kerasrnn.typing import Tensor

__all__ = ["loop", "masked", "recurrence", "repeated", "run", "scan"]

Way = Callable[[Tensor, Tensor, Tensor], Tensor]


def run(
    kind: type[LinearCell],
    parts: Sequence[Tensor],
    first: Tensor,
    valid: Tensor | None,
    way: Way | None = None,
) -> tuple[Tensor, Tensor]:
    """Makes all steps.

    Args:
        kind: The class of the cell.
        parts: What `project` of the cell gave for all steps, `(T, B, …)` each.
        first: The state before the first step, `(B, U)`.
        valid: `(T, B, 1)` bool tensor, or `None`: which steps are not masked. A masked one leaves
            the state as it is, and repeats the output before it, or zeros.
        way: Another function for `recurrence`.

    Returns:
        The outputs and the states, `(T, B, U)` each.
    """
    kept, added = masked(*kind.coefficients(parts), valid)
    states = (way or recurrence)(kept, added, first)
    return repeated(kind, kind.outputs(parts, states), valid, way), states


def masked(kept: Tensor, added: Tensor, valid: Tensor | None) -> tuple[Tensor, Tensor]:
    """Makes a masked step keep all of the state and add nothing."""
    if valid is None:
        return kept, added
    return ops.where(valid, kept, ops.ones_like(kept)), ops.where(
        valid, added, ops.zeros_like(added)
    )


def repeated(
    kind: type[LinearCell], outputs: Tensor, valid: Tensor | None, way: Way | None = None
) -> Tensor:
    """Makes a masked step repeat the output before it; where there is none, it gives zeros."""
    if valid is None:
        return outputs
    if kind.outputs_are_states:
        begun = ops.cumsum(ops.cast(valid, "int32"), axis=0) > 0
        return ops.where(begun, outputs, ops.zeros_like(outputs))
    zeros = ops.zeros_like(outputs)
    kept = ops.where(valid, zeros, ops.ones_like(outputs))
    return (way or recurrence)(kept, ops.where(valid, outputs, zeros), zeros[0])


def recurrence(kept: Tensor, added: Tensor, first: Tensor) -> Tensor:
    r"""Computes $s_t = a_t s_{t-1} + b_t$ for all steps, in the way that is the fastest.

    - TensorFlow: a loop over time with a gradient of its own, and where there is a GPU, for which
      its steps are too small, a scan. Keras' `associative_scan` is neither: its graph for lengths
      that it does not know takes most of a minute to build, and XLA refuses it.
    - JAX: on a CPU a loop, on other devices `associative_scan`.
    - PyTorch: `associative_scan`, since each step of a loop would be run by Python.

    Args:
        kept: a, `(T, B, U)` float tensor.
        added: b, `(T, B, U)` float tensor.
        first: The state before the first step, `(B, U)`.

    Returns:
        The states, `(T, B, U)`.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from kerasrnn.layers.linear.tensorflow_loops import differentiable

        return differentiable(kept, added, first)
    if backend == "jax" and "cpu" in str(keras.distribution.list_devices()[0]).lower():
        return loop(kept, added, first)
    return scan(kept, added, first)


def loop(kept: Tensor, added: Tensor, first: Tensor) -> Tensor:
    """Makes one step after another; arguments and result are those of `recurrence`."""

    def step(state, pair):
        state = pair[0] * state + pair[1]
        return state, state

    # One tensor, because TensorFlow's scan takes several only where T is known.
    return ops.scan(step, first, ops.stack([kept, added], axis=1))[1]


def scan(kept: Tensor, added: Tensor, first: Tensor) -> Tensor:
    """Joins steps in pairs, pairs in pairs, …: as many rounds as T has binary digits.

    Arguments and result are those of `recurrence`.
    """

    def joined(earlier, later):
        return earlier[0] * later[0], later[0] * earlier[1] + later[1]

    added = ops.concatenate([added[:1] + kept[:1] * first, added[1:]], axis=0)
    return ops.associative_scan(joined, (kept, added), axis=0)[1]
