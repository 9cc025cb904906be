"""The steps of the cells, forward and backward.

A step begins with the input times its matrix, the state times the recurrent one, and the bias. The
gradient of a step is linear; its factors come from what the step has computed anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

import tensorflow as tf

from kerasrnn.typing import Tensor

__all__ = ["ELMAN", "GRU", "LSTM", "SIMPLE_RNN", "RecurrentCell"]


class RecurrentCell(Protocol):
    """What the loops want to know of a cell."""

    FACTORS: ClassVar[int]

    def begin(self, inputs: Tensor, state: Tensor, weights: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Returns what `step` begins with, of `(B, G)` inputs and the `(B, U)` state."""
        ...

    def step(
        self, begun: Sequence[Tensor], states: Sequence[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Returns the new states, the output first, and the factors of `backstep`."""
        ...

    def backstep(
        self, factors: Sequence[Tensor], d_states: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor, list[Tensor | None]]:
        """Returns the gradients of all that is multiplied, of the product with the state, and of
        the states before, without what comes through that product."""
        ...

    def weights(self, d_all: Tensor, before: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Returns the gradients of the inputs, of the recurrent matrix and of the bias over all
        steps."""
        ...


class _Lstm:
    """Hochreiter and Schmidhuber (1997) with a forget gate; gates i, f, g, o as Keras has them."""

    FACTORS: ClassVar[int] = 3

    def begin(self, inputs, state, weights):
        matrix, bias = weights
        return (inputs + state @ matrix + bias,)

    def step(self, begun, states):
        i, f, g, o = tf.split(begun[0], 4, axis=-1)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        cell = f * states[1] + i * g
        squashed = tf.tanh(cell)
        gates = [g * i * (1 - i), states[1] * f * (1 - f), i * (1 - g * g), squashed * o * (1 - o)]
        factors = [o * (1 - squashed * squashed), f, tf.concat(gates, axis=-1)]
        return [o * squashed, cell], factors

    def backstep(self, factors, d_states):
        to_cell, f, gates = factors
        d_state, d_cell = d_states
        d_cell = d_cell + d_state * to_cell
        d_begun = tf.concat([d_cell, d_cell, d_cell, d_state], axis=-1) * gates
        return d_begun, d_begun, [None, d_cell * f]

    def weights(self, d_all, before):
        return d_all, [_outer(before, d_all), tf.reduce_sum(d_all, axis=(0, 1))]


class _Gru:
    """The GRU whose reset gate scales the product, as in cuDNN; gates z, r, g."""

    FACTORS: ClassVar[int] = 2

    def begin(self, inputs, state, weights):
        matrix, bias = weights  # one bias of the inputs, one of the product
        gates = 2 * matrix.shape[0]
        inputs, product = inputs + bias[0], state @ matrix + bias[1]
        return inputs[:, :gates] + product[:, :gates], inputs[:, gates:], product[:, gates:]

    def step(self, begun, states):
        gates, inputs, product = begun
        z, r = tf.split(tf.sigmoid(gates), 2, axis=-1)
        g = tf.tanh(inputs + r * product)
        d_g = (1 - z) * (1 - g * g)
        others = [d_g, (states[0] - g) * z * (1 - z), d_g * product * r * (1 - r), d_g * r]
        return [g + z * (states[0] - g)], [z, tf.concat(others, axis=-1)]

    def backstep(self, factors, d_states):
        z, others = factors
        (d_state,) = d_states
        d_all = tf.concat([d_state] * 4, axis=-1) * others  # of g, z, r and of g's product
        return d_all, d_all[:, d_state.shape[-1] :], [d_state * z]

    def weights(self, d_all, before):
        units = before.shape[-1]
        d_begun = d_all[..., units:]
        d_inputs = tf.concat([d_all[..., units : 3 * units], d_all[..., :units]], axis=-1)
        d_biases = [tf.reduce_sum(each, axis=(0, 1)) for each in (d_inputs, d_begun)]
        return d_inputs, [_outer(before, d_begun), tf.stack(d_biases)]


class _Simple:
    """Elman (1990): one activation, and its slope as a function of what it gives."""

    FACTORS: ClassVar[int] = 1

    def __init__(
        self, activation: Callable[[Tensor], Tensor], slope: Callable[[Tensor], Tensor]
    ) -> None:
        self.activation = activation
        self.slope = slope

    def begin(self, inputs, state, weights):
        matrix, bias = weights
        return (inputs + state @ matrix + bias,)

    def step(self, begun, states):
        state = self.activation(begun[0])
        return [state], [self.slope(state)]

    def backstep(self, factors, d_states):
        d_begun = d_states[0] * factors[0]
        return d_begun, d_begun, [None]

    def weights(self, d_all, before):
        return d_all, [_outer(before, d_all), tf.reduce_sum(d_all, axis=(0, 1))]


LSTM = _Lstm()
GRU = _Gru()
SIMPLE_RNN = _Simple(tf.tanh, lambda state: 1 - state * state)
ELMAN = _Simple(tf.sigmoid, lambda state: state * (1 - state))


def _outer(before: Tensor, d_begun: Tensor) -> Tensor:
    """Sums the products of states and gradients over all steps and rows: `(U, G)`."""
    flat = (tf.reshape(each, (-1, each.shape[-1])) for each in (before, d_begun))
    return tf.matmul(*flat, transpose_a=True)
