"""A recurrence that is linear in its state, on TensorFlow: a loop, a scan, and their gradient.

Everything is time-major here: `(T, B, U)`.
"""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.layers.recurrence.over_steps import number_of_steps, repeat, steps_of
from kerasrnn.typing import Tensor

__all__ = ["backward", "differentiable", "doubling", "doubling_backward", "forward"]


def differentiable(
    kept: Tensor, added: Tensor, first: Tensor, steps: Tensor | None = None
) -> Tensor:
    """Does what `over_time.recurrence` says, in a loop, or in a scan where there is a GPU.

    Args:
        kept: What the state is multiplied by, `(T, B, U)` float tensor.
        added: What is added to it, `(T, B, U)` float tensor.
        first: The state before the first step, `(B, U)`.
        steps: How many steps there are, T by default; see `forward`.

    Returns:
        The states, `(T, B, U)`.
    """
    scans = steps is None and bool(tf.config.list_logical_devices("GPU"))
    steps = tf.shape(kept)[0] if steps is None else steps

    @tf.custom_gradient
    def operation(kept, added, first):
        states = doubling(kept, added, first) if scans else forward(kept, added, first, steps)

        def gradient(d_states):
            run = doubling_backward if scans else backward
            d_added, d_first = run(kept, d_states, tf.zeros_like(first), steps)
            before = tf.concat([first[None], states[:-1]], axis=0)
            return d_added * before, d_added, d_first

        return states, gradient

    return operation(kept, added, first)


def forward(kept: Tensor, added: Tensor, first: Tensor, steps: Tensor) -> Tensor:
    """Makes one step after another.

    Args:
        kept: What the state is multiplied by, `(T, B, U)` float tensor.
        added: What is added to it, `(T, B, U)` float tensor.
        first: The state before the first step, `(B, U)`.
        steps: How many steps there are, at most T: an int32 scalar.

    Returns:
        The states, `(T, B, U)`; behind the last step they are zeros where XLA compiles this.
    """
    kept_at, added_at = steps_of(kept), steps_of(added)

    def body(step, state, written):
        state = kept_at.read(step) * state + added_at.read(step)
        return step + 1, state, written.write(step, state)

    _, _, written = repeat(body, steps, (0, first, _empty(added)))
    return written.stack()


def backward(
    kept: Tensor, d_states: Tensor, d_last: Tensor, steps: Tensor
) -> tuple[Tensor, Tensor]:
    """Carries the gradient of the state from the last step to the first.

    Args:
        kept: As in `forward`; so is `steps`.
        d_states: `(T, B, U)` float tensor, the gradient of the states.
        d_last: The gradient of the last state, `(B, U)`, beside that.

    Returns:
        The gradients of what was added, `(T, B, U)`, and of the first state, `(B, U)`.
    """
    kept_at, d_at = steps_of(kept), steps_of(d_states)

    def body(count, d_state, written):
        step = steps - 1 - count
        d_state = d_state + d_at.read(step)
        return count + 1, kept_at.read(step) * d_state, written.write(step, d_state)

    _, d_first, written = repeat(body, steps, (0, d_last, _empty(d_states)))
    return written.stack(), d_first


def doubling(kept: Tensor, added: Tensor, first: Tensor) -> Tensor:
    """Joins each step with that before it, with that two before, four before, …: a scan.

    Hillis and Steele (1986). Arguments and result are those of `forward` for all steps.
    """
    added = tf.concat([added[:1] + kept[:1] * first, added[1:]], axis=0)
    steps, shape = tf.shape(kept)[0], kept.shape

    def body(distance, kept, added):
        rest = steps - distance
        earlier = tf.pad(added[:rest], [[distance, 0], [0, 0], [0, 0]])
        shifted = tf.pad(kept[:rest], [[distance, 0], [0, 0], [0, 0]])
        added = tf.ensure_shape(kept * earlier + added, shape)
        return 2 * distance, tf.ensure_shape(kept * shifted, shape), added

    begin = tf.constant(1), kept, added
    return tf.while_loop(lambda distance, *_: distance < steps, body, begin)[2]


def doubling_backward(
    kept: Tensor, d_states: Tensor, d_last: Tensor, steps: Tensor
) -> tuple[Tensor, Tensor]:
    """Does what `backward` does for all steps, by `doubling`."""
    after = tf.concat([kept[1:], tf.ones_like(kept[:1])], axis=0)
    d_added = doubling(after[::-1], d_states[::-1], d_last)[::-1]
    return d_added, kept[0] * d_added[0]


def _empty(tensor: Tensor) -> tf.TensorArray:
    """Returns the steps of a tensor of the same shape that is yet to be written."""
    return tf.TensorArray(tensor.dtype, number_of_steps(tensor), element_shape=tensor.shape[1:])
