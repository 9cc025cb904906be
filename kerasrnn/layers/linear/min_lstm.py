"""The minimal LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from kerasrnn.layers.linear.linear_cell import LinearCell
from kerasrnn.layers.linear.linear_layer import LinearRNN
from kerasrnn.typing import Tensor

__all__ = ["MinLSTM", "MinLSTMCell"]


@keras.saving.register_keras_serializable("kerasrnn")
class MinLSTMCell(LinearCell):
    r"""One step of the minimal LSTM of Feng et al. (2024), section 3.2.

    - $f_t = \sigma(W_f x_t + b_f)$, $i_t = \sigma(W_i x_t + b_i)$, the forget and the input gate;
    - $f'_t = f_t / (f_t + i_t)$, $i'_t = i_t / (f_t + i_t)$, so that they add up to 1;
    - $\tilde h_t = W_h x_t + b_h$, the candidate;
    - $h_t = f'_t h_{t-1} + i'_t \tilde h_t$, the state and the output; there is no output gate.

    The quotients are computed of exponentials of which none overflows and one is 1, so that nothing
    is divided by zero. The candidate is that of section 3, without the function g of the paper's
    appendix (see `MinGRUCell`).

    Args:
        units: Number of units U.
        memory: See `LinearCell`: how many steps a unit remembers at first, at most.

    Call arguments:
        inputs: `(B, F)` float tensor.
        states: A list of one `(B, U)` tensor.

    Returns:
        The output `(B, U)` and the list of the new state, which is the same.

    Example:

    >>> cell = MinLSTMCell(5)
    >>> output, (state,) = cell(keras.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> tuple(output.shape), [tuple(each.shape) for each in cell.weights]
    ((2, 5), [(3, 15), (15,)])
    """

    matrices: ClassVar[int] = 3
    gate_names: ClassVar[tuple[str, ...]] = ("forget_gate", "input_gate", "candidate")
    keeping: ClassVar[tuple[int, ...]] = (1, -1, 0)

    @classmethod
    def opened(cls, parts: Sequence[Tensor]) -> tuple[Tensor, ...]:
        forget, taken, candidate = ops.split(parts[0], 3, axis=-1)
        # f / (f + i) = (1 + exp(-k_i)) / (2 + exp(-k_i) + exp(-k_f)), with exp(-m) in each term.
        m = ops.maximum(ops.maximum(-forget, -taken), 0.0)
        m = ops.stop_gradient(m)  # it cancels
        one, forget, taken = ops.exp(-m), ops.exp(-forget - m), ops.exp(-taken - m)
        total = 2 * one + forget + taken
        return (one + taken) / total, (one + forget) / total, candidate

    @classmethod
    def coefficients(cls, parts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        forget, taken, candidate = cls.opened(parts)
        return forget, taken * candidate


@keras.saving.register_keras_serializable("kerasrnn")
class MinLSTM(LinearRNN):
    """`MinLSTMCell` over time: a `keras.layers.RNN`, chosen with `cell="min_lstm"`.

    Args:
        units: Number of units.
        memory: See `MinLSTMCell`.

    Example:

    >>> tuple(MinLSTM(5)(keras.ops.zeros((2, 7, 3))).shape)
    (2, 5)
    """

    cell_type = MinLSTMCell
