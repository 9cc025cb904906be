"""The simple recurrent unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from kerasrnn.layers.linear.linear_cell import Affine, LinearCell, affine
from kerasrnn.layers.linear.linear_layer import LinearRNN
from kerasrnn.typing import Tensor

__all__ = ["SRU", "SRUCell"]


@keras.saving.register_keras_serializable("kerasrnn")
class SRUCell(LinearCell):
    r"""One step of the simple recurrent unit in its first form, Lei et al. (2017), section 2.

    - $\tilde x_t = W x_t$, the candidate;
    - $f_t = \sigma(W_f x_t + b_f)$, $r_t = \sigma(W_r x_t + b_r)$, the forget and the reset gate;
    - $c_t = f_t c_{t-1} + (1 - f_t) \tilde x_t$, the state;
    - $h_t = r_t \tanh(c_t) + (1 - r_t) x_t$, the output, with a highway for the input.

    Where the input has another number of features than U, the highway multiplies it by a fourth
    matrix. (The form that the authors published later adds $v c_{t-1}$ to what the gates read, so
    that no scan can run it.)

    Args:
        units: Number of units U.
        memory: See `LinearCell`: how many steps a unit remembers at first, at most.

    Call arguments:
        inputs: `(B, F)` float tensor.
        states: A list of one `(B, U)` tensor, c.

    Returns:
        The output h `(B, U)` and the list of the new state c, which is another one.

    Example:

    >>> cell = SRUCell(5)
    >>> output, (state,) = cell(keras.ops.ones((2, 3)), cell.get_initial_state(2))
    >>> tuple(output.shape), [tuple(each.shape) for each in cell.weights]
    ((2, 5), [(3, 20), (10,)])
    """

    matrices: ClassVar[int] = 3
    gate_names: ClassVar[tuple[str, ...]] = ("forget_gate", "reset_gate", "candidate")
    keeping: ClassVar[tuple[int, ...]] = (1, 0)
    outputs_are_states: ClassVar[bool] = False

    def width(self, features: int) -> int:
        return self.matrices + (features != self.units)

    def project(self, inputs: Tensor, affine: Affine = affine) -> list[Tensor]:
        missing = self.kernel.shape[-1] - self.bias.shape[0]
        product = affine(inputs, self.kernel, ops.pad(self.bias, (0, missing)))
        parts = [product] if missing > self.units else [product, inputs]
        return [self.precise(each) for each in parts]

    @classmethod
    def opened(cls, parts: Sequence[Tensor]) -> tuple[Tensor, ...]:
        forget, reset, candidate, *_ = cls._split(parts)
        return ops.sigmoid(forget), ops.sigmoid(reset), candidate

    @classmethod
    def coefficients(cls, parts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        forget, _, candidate = cls.opened(parts)
        return forget, (1 - forget) * candidate

    @classmethod
    def outputs(cls, parts: Sequence[Tensor], states: Tensor) -> Tensor:
        _, reset, _, highway = cls._split(parts)
        reset = ops.sigmoid(reset)
        return reset * ops.tanh(states) + (1 - reset) * highway

    @classmethod
    def _split(cls, parts):
        """Returns forget gate, reset gate, candidate and highway, `(…, U)` each."""
        if len(parts) == 1:
            return ops.split(parts[0], 4, axis=-1)
        return [*ops.split(parts[0], 3, axis=-1), parts[1]]


@keras.saving.register_keras_serializable("kerasrnn")
class SRU(LinearRNN):
    """`SRUCell` over time: a `keras.layers.RNN`, chosen with `cell="sru"`.

    Args:
        units: Number of units.
        memory: See `SRUCell`.

    Example:

    >>> tuple(SRU(5)(keras.ops.zeros((2, 7, 3))).shape)
    (2, 5)
    """

    cell_type = SRUCell
