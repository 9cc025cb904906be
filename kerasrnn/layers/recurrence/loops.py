"""The loop over time and its gradient for any cell, on TensorFlow.

Everything is time-major here: what a step needs is one piece of a `(T, B, …)` tensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.layers.recurrence.over_steps import number_of_steps, repeat, steps_of
from kerasrnn.typing import Tensor

__all__ = ["backward", "forward"]


def forward(
    cell: Any,
    inputs: Tensor,
    states: Sequence[Tensor],
    weights: Sequence[Tensor],
    mask: Tensor | None,
    steps: Tensor,
    keep: bool,
) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """Runs a cell over all steps.

    The loop carries what the next step begins with, the product with the state in it: XLA makes
    vector instructions of `tanh` where its argument is carried, not where it is cut out there.

    Args:
        cell: See `equations`.
        inputs: `(T, B, G)` float tensor, the inputs times their matrix.
        states: The states before the first step, `(B, U)` each.
        weights: The recurrent matrix `(U, G)` and the bias.
        mask: `(T, B, 1)` bool tensor, or `None`; a masked step leaves the states as they are.
        steps: How many steps there are, at most T: an int32 scalar. What is compiled is the same
            for all numbers; behind them the results are zeros.
        keep: Whether `backward` will want its factors.

    Returns:
        The first state of each step, `(T, B, U)`, the last states, `(B, U)` each, and the factors
        of `cell.backstep`, `(T, B, …)` each.
    """
    pieces, valid = steps_of(inputs), None if mask is None else steps_of(mask)

    def body(step, begun, states, written):
        new, factors = cell.step(begun, states)
        if valid is not None:
            new = [tf.where(valid.read(step), a, b) for a, b in zip(new, states, strict=True)]
        values = [new[0], *factors] if keep else [new[0]]
        written = tuple(w.write(step, v) for w, v in zip(written, values, strict=True))
        following = pieces.read(tf.minimum(step + 1, steps - 1))
        return step + 1, cell.begin(following, new[0], weights), tuple(new), written

    kept = 1 + cell.FACTORS if keep else 1
    written = tuple(tf.TensorArray(inputs.dtype, number_of_steps(inputs)) for _ in range(kept))
    begun = cell.begin(inputs[0], states[0], weights)
    _, _, last, written = repeat(body, steps, (0, begun, tuple(states), written))
    outputs, *factors = (each.stack() for each in written)
    return outputs, list(last), factors


def backward(
    cell: Any,
    factors: Sequence[Tensor],
    mask: Tensor | None,
    steps: Tensor,
    d_outputs: Tensor,
    d_last: Sequence[Tensor],
    transposed: Tensor,
) -> tuple[list[Tensor], list[Tensor]]:
    """Carries the gradients of the states from the last step to the first.

    Args:
        cell: See `equations`.
        factors: Those that `forward` gave.
        mask: As in `forward`.
        steps: As in `forward`.
        d_outputs: `(T, B, U)` float tensor, the gradient of the first state of each step.
        d_last: Gradients of the last states, `(B, U)` each.
        transposed: The recurrent matrix, transposed, `(G, U)`: made outside, since XLA would
            multiply by the other one in its way, which takes half as long again.

    Returns:
        What `cell.backstep` gave for each step, `(T, B, …)`, and the gradients of the states
        before the first step.
    """
    pieces, valid = [steps_of(each) for each in factors], None if mask is None else steps_of(mask)
    added = steps_of(d_outputs)

    def body(count, d_states, written):
        step = steps - 1 - count
        d_states = (d_states[0] + added.read(step), *d_states[1:])
        d_all, d_before = cell.backstep([each.read(step) for each in pieces], d_states)
        d_state = d_all[0] @ transposed
        d_before[0] = d_state if d_before[0] is None else d_state + d_before[0]
        if valid is not None:
            now = valid.read(step)
            d_all = [tf.where(now, each, tf.zeros((), each.dtype)) for each in d_all]
            d_before = [tf.where(now, a, b) for a, b in zip(d_before, d_states, strict=True)]
        written = tuple(w.write(step, each) for w, each in zip(written, d_all, strict=True))
        return count + 1, tuple(d_before), written

    arrays = (
        tf.TensorArray(d_outputs.dtype, number_of_steps(d_outputs)) for _ in range(cell.GRADIENTS)
    )
    _, d_states, written = repeat(body, steps, (0, tuple(d_last), tuple(arrays)))
    return [each.stack() for each in written], list(d_states)
