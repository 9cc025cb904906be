"""Elman's network in the form of the RNNLM paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.typing import Shape, Tensor

__all__ = ["Elman", "ElmanCell"]

INITIAL_STATE = 0.1
STANDARD_DEVIATION = 0.1


@keras.saving.register_keras_serializable("kerasrnn")
class ElmanCell(keras.layers.Layer):
    r"""One step of Elman's network, $s_t = \sigma(U x_t + W s_{t-1})$.

    Mikolov et al. (2010), equations 1 to 4: the one-hot word and the state before it are
    concatenated, the hidden layer is sigmoid, there is no bias, the first state is a constant 0.1
    and the weights are drawn from a normal distribution with the standard deviation 0.1.

    Args:
        units: Number of units U.
        project_inputs: Whether the input is multiplied by a matrix. Without, it needs U features
            and is added as it is: that of an embedding of size U, which is the product of a one-hot
            word and a matrix.

    Call arguments:
        inputs: `(B, F)` float tensor.
        states: A list of one `(B, U)` tensor.

    Returns:
        The output `(B, U)` and the list of the new state, which is the same.
    """

    def __init__(self, units: int, project_inputs: bool = True, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        self.project_inputs = project_inputs
        self.state_size = self.output_size = units

    def build(self, input_shape: Shape) -> None:
        if not self.project_inputs and input_shape[-1] != self.units:
            raise UserError(
                f"Expected an input of {self.units} features, as many as units, where it is added "
                f"without a matrix. Received: {input_shape[-1]}"
            )
        initializer = keras.initializers.RandomNormal(stddev=STANDARD_DEVIATION)
        if self.project_inputs:
            self.kernel = self.add_weight(
                shape=(input_shape[-1], self.units), initializer=initializer, name="kernel"
            )
        initializer = keras.initializers.RandomNormal(stddev=STANDARD_DEVIATION)
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units), initializer=initializer, name="recurrent_kernel"
        )

    def call(
        self, inputs: Tensor, states: Sequence[Tensor] | Tensor, training: bool | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        state = states[0] if isinstance(states, (list, tuple)) else states
        if self.project_inputs:
            inputs = ops.matmul(inputs, self.kernel)
        state = ops.sigmoid(inputs + ops.matmul(state, self.recurrent_kernel))
        return state, [state]

    def get_initial_state(self, batch_size: int | Tensor | None = None) -> list[Tensor]:
        return [ops.full((batch_size, self.units), INITIAL_STATE, dtype=self.compute_dtype)]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "project_inputs": self.project_inputs,
        }


@keras.saving.register_keras_serializable("kerasrnn")
class Elman(keras.layers.RNN):
    """`ElmanCell` over time: a `keras.layers.RNN`, chosen with `cell="elman"`.

    Args:
        units: Number of units.
        project_inputs: See `ElmanCell`.

    Example:

    >>> tuple(Elman(5)(keras.ops.zeros((2, 7, 3))).shape)
    (2, 5)
    """

    def __init__(self, units: int, project_inputs: bool = True, **kwargs: Any):
        cell = ElmanCell(units, project_inputs, dtype=kwargs.get("dtype"), name="elman_cell")
        super().__init__(cell, **kwargs)
        self.supports_masking = True  # Keras 3.16 says of each `RNN` that it does not

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["cell"]
        return {**config, "units": self.cell.units, "project_inputs": self.cell.project_inputs}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Elman:
        return cls(**config)
