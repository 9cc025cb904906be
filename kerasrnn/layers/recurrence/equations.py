"""The steps of the cells, forward and backward.

A step begins with the input times its matrix, the state times the recurrent one, and the bias. The
gradient of a step is linear; its factors come from what the step has computed anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

import tensorflow as tf

from kerasrnn.typing import Tensor

__all__ = ["ELMAN", "GRU", "LSTM", "SIMPLE_RNN", "RecurrentCell", "outer", "total"]


class RecurrentCell(Protocol):
    """What the loops want to know of a cell."""

    FACTORS: ClassVar[int]
    GRADIENTS: ClassVar[int]

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
    ) -> tuple[list[Tensor], list[Tensor | None]]:
        """Returns the gradients that `weights` wants, that of the product with the state first,
        and those of the states before, without what comes through that product."""
        ...

    def weights(self, d_all: Sequence[Tensor], before: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Returns the gradients of the inputs, of the recurrent matrix and of the bias over all
        steps."""
        ...


class _Lstm:
    """Hochreiter and Schmidhuber (1997) with a forget gate; gates i, f, g, o as Keras has them."""

    FACTORS: ClassVar[int] = 3
    GRADIENTS: ClassVar[int] = 1

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
        return [d_begun], [None, d_cell * f]

    def weights(self, d_all, before):
        return d_all[0], [outer(before, d_all[0]), total(d_all[0])]


class _Gru:
    """The GRU whose reset gate scales the product, as in cuDNN; gates z, r, g."""

    FACTORS: ClassVar[int] = 3
    GRADIENTS: ClassVar[int] = 2

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
        others = [(states[0] - g) * z * (1 - z), d_g * product * r * (1 - r), d_g * r]
        return [g + z * (states[0] - g)], [z, d_g, tf.concat(others, axis=-1)]

    def backstep(self, factors, d_states):
        z, d_g, others = factors
        (d_state,) = d_states
        d_product = tf.concat([d_state] * 3, axis=-1) * others
        return [d_product, d_state * d_g], [d_state * z]

    def weights(self, d_all, before):
        d_product, d_g = d_all
        gates = d_product.shape[-1] - d_g.shape[-1]
        d_inputs = tf.concat([d_product[..., :gates], d_g], axis=-1)
        d_matrix, d_bias = outer(before, d_product), total(d_product)
        return d_inputs, [d_matrix, tf.stack([tf.concat([d_bias[:gates], total(d_g)], 0), d_bias])]


class _Simple:
    """Elman (1990): one activation, and its slope as a function of what it gives."""

    FACTORS: ClassVar[int] = 1
    GRADIENTS: ClassVar[int] = 1

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
        return [d_begun], [None]

    def weights(self, d_all, before):
        return d_all[0], [outer(before, d_all[0]), total(d_all[0])]


LSTM = _Lstm()
GRU = _Gru()
SIMPLE_RNN = _Simple(tf.tanh, lambda state: 1 - state * state)
ELMAN = _Simple(tf.sigmoid, lambda state: state * (1 - state))


def outer(before: Tensor, d_begun: Tensor) -> Tensor:
    """Sums the products of inputs or states and gradients over all steps and rows: `(U, G)`."""
    flat = (tf.reshape(each, (-1, each.shape[-1])) for each in (before, d_begun))
    return tf.matmul(*flat, transpose_a=True)


def total(d_begun: Tensor) -> Tensor:
    """Sums gradients over all steps and rows: `(G,)`; a product takes a fifth of `reduce_sum`."""
    flat = tf.reshape(d_begun, (-1, d_begun.shape[-1]))
    return (tf.ones((1, tf.shape(flat)[0]), flat.dtype) @ flat)[0]
