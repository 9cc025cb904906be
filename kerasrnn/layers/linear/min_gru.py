"""The minimal GRU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from kerasrnn.layers.linear.linear_cell import LinearCell
from kerasrnn.layers.linear.linear_layer import LinearRNN
from kerasrnn.typing import Tensor

__all__ = ["MinGRU", "MinGRUCell"]


@keras.saving.register_keras_serializable("kerasrnn")
class MinGRUCell(LinearCell):
    r"""One step of the minimal GRU of Feng et al. (2024), section 3.1.

    - $z_t = \sigma(W_z x_t + b_z)$, the update gate;
    - $\tilde h_t = W_h x_t + b_h$, the candidate;
    - $h_t = (1 - z_t) h_{t-1} + z_t \tilde h_t$, the state and the output.

    An update gate that is open, 1, takes the candidate; that of Keras' GRU keeps the old state. The
    candidate is that of section 3.1, as it is. The paper's appendix puts a function g before it
    that makes it positive, because its scan adds logarithms; here nothing does, and states may have
    either sign and begin with zeros.

    Args:
        units: Number of units U.
        memory: See `LinearCell`: how many steps a unit remembers at first, at most.

    Call arguments:
        inputs: `(B, F)` float tensor.
        states: A list of one `(B, U)` tensor.

    Returns:
        The output `(B, U)` and the list of the new state, which is the same.

    Example:

    >>> cell = MinGRUCell(5)
    >>> output, (state,) = cell(keras.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> tuple(output.shape), [tuple(each.shape) for each in cell.weights]
    ((2, 5), [(3, 10), (10,)])
    """

    matrices: ClassVar[int] = 2
    gate_names: ClassVar[tuple[str, ...]] = ("update_gate", "candidate")
    keeping: ClassVar[tuple[int, ...]] = (-1, 0)

    @classmethod
    def opened(cls, parts: Sequence[Tensor]) -> tuple[Tensor, ...]:
        update, candidate = ops.split(parts[0], 2, axis=-1)
        return ops.sigmoid(update), candidate

    @classmethod
    def coefficients(cls, parts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        update, candidate = cls.opened(parts)
        return 1 - update, update * candidate


@keras.saving.register_keras_serializable("kerasrnn")
class MinGRU(LinearRNN):
    """`MinGRUCell` over time: a `keras.layers.RNN`, chosen with `cell="min_gru"`.

    Args:
        units: Number of units.
        memory: See `MinGRUCell`.

    Example:

    >>> tuple(MinGRU(5)(keras.ops.zeros((2, 7, 3))).shape)
    (2, 5)
    """

    cell_type = MinGRUCell
