"""What cells whose recurrence has no matrix in it have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from kerasrnn.checks import check_integer, check_size
from kerasrnn.typing import Shape, Tensor

__all__ = ["Affine", "LinearCell", "affine"]

Affine = Callable[[Tensor, Tensor, Tensor], Tensor]


def affine(inputs: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Multiplies `(…, F)` inputs by a matrix `(F, G)`, and adds a bias."""
    return ops.matmul(inputs, kernel) + bias


class LinearCell(keras.layers.Layer):
    r"""One step of a cell that is linear in its state: $s_t = a_t s_{t-1} + b_t$, elementwise.

    What it multiplies and adds comes from the input alone, so that all products of a sequence are
    one product, and what is left for the loop over time has no matrix in it. The methods
    `project`, `coefficients` and `outputs` take any axes before the last one: one step, or all.

    Args:
        units: Number of units U.
        memory: How many steps a unit remembers at first, at most: the biases of the gates are
            drawn for $1 - a$ to be between 1/2 and 1/`memory`, evenly on a logarithmic scale
            (after Tallec and Ollivier 2018). By default they are 0, and $a$ is about 1/2.

    Call arguments:
        inputs: `(B, F)` float tensor.
        states: A list of one `(B, U)` tensor.

    Returns:
        The output `(B, U)` and the list of the new state.
    """

    # How many matrices the input is multiplied by; what `opened` gives; by which sign each bias,
    # U of them, makes the state last.
    matrices: ClassVar[int]
    gate_names: ClassVar[tuple[str, ...]]
    keeping: ClassVar[tuple[int, ...]]
    outputs_are_states: ClassVar[bool] = True

    def __init__(self, units: int, memory: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = check_size("units", units)
        self.memory = None if memory is None else check_integer("memory", memory, 2)
        self.state_size = self.output_size = self.units

    def build(self, input_shape: Shape) -> None:
        width = self.units * self.width(int(input_shape[-1] or 0))
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width), initializer="glorot_uniform", name="kernel"
        )
        initializer = "zeros" if self.memory is None else self._long_memory
        self.bias = self.add_weight(
            shape=(self.units * len(self.keeping),), initializer=initializer, name="bias"
        )

    def width(self, features: int) -> int:
        """Returns how many matrices inputs of so many features are multiplied by."""
        return self.matrices

    def _long_memory(self, shape: Shape, dtype: Any = None) -> Tensor:
        """Draws biases with which m steps are remembered: (m - 1)/m of the state is kept."""
        longest = math.log(self.memory or 2)
        draw = keras.initializers.RandomUniform(math.log(2), longest)
        keep = ops.log(ops.exp(draw((self.units,), dtype=dtype)) - 1)
        return ops.concatenate([sign * keep for sign in self.keeping])

    def project(self, inputs: Tensor, affine: Affine = affine) -> list[Tensor]:
        """Multiplies inputs `(…, F)` by all matrices: a list of `(…, G)` tensors."""
        return [self.precise(affine(inputs, self.kernel, self.bias))]

    def precise(self, tensor: Tensor) -> Tensor:
        """Returns a tensor in 32 bits if it has 16: a sum over many steps wants more digits."""
        return ops.cast(tensor, "float32") if self.compute_dtype.endswith("16") else tensor

    @classmethod
    def opened(cls, parts: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Returns the gates and the candidate, `(…, U)` each, of what `project` returned."""
        raise NotImplementedError

    @classmethod
    def coefficients(cls, parts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Returns what the state is multiplied by and what is added to it, `(…, U)` each."""
        raise NotImplementedError

    @classmethod
    def outputs(cls, parts: Sequence[Tensor], states: Tensor) -> Tensor:
        """Returns the outputs `(…, U)`, by default the new states themselves."""
        return states

    def call(
        self, inputs: Tensor, states: Sequence[Tensor] | Tensor, training: bool | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        state = states[0] if isinstance(states, (list, tuple)) else states
        parts = self.project(inputs)
        kept, added = self.coefficients(parts)
        state = kept * self.precise(state) + added
        output = ops.cast(self.outputs(parts, state), self.compute_dtype)
        return output, [ops.cast(state, self.compute_dtype)]

    def get_initial_state(self, batch_size: int | Tensor | None = None) -> list[Tensor]:
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype)]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "memory": self.memory}
