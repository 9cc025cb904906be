"""Recurrent layers that read the patches of a window and then make those of a horizon at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasrnn.layers.cell_states import flat_states
from kerasrnn.layers.horizon.parallel_steps import parallel_steps
from kerasrnn.layers.recurrent_stack import RecurrentStack
from kerasrnn.options.words import Cell
from kerasrnn.typing import Shape, Tensor

__all__ = ["PatchRecurrence"]


@keras.saving.register_keras_serializable("kerasrnn")
class PatchRecurrence(keras.layers.Layer):
    """Reads patches one after the other, then makes one step for each patch to come, all from the
    last states: the parallel multi-step forecasting of SegRNN (Lin et al. 2023, section 3.3).

    The same weights read and make; no error of one patch goes into the next one.

    Args:
        cell: As in `RecurrentStack`.
        units: Units U of each layer.
        num_layers: Number of layers.
        dropout: Fraction of the inputs of each layer that is dropped.

    Call arguments:
        patches: `(B, K, n, D)` float tensor: n patches of each of K channels.
        queries: `(B, K, M, D)`, or `(1, K, M, D)` where they are the same in all rows.

    Returns:
        `(B, K, M, U)`.

    Raises:
        ValueError: As in `RecurrentStack`.

    Example:

    >>> import numpy as np
    >>> layer = PatchRecurrence("gru", 7)
    >>> patches, queries = np.ones((2, 3, 4, 5), "float32"), np.ones((1, 3, 6, 5), "float32")
    >>> tuple(layer(patches, queries).shape)
    (2, 3, 6, 7)
    """

    def __init__(
        self,
        cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
        units: int = 256,
        num_layers: int = 1,
        dropout: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.stack = RecurrentStack(
            cell,
            units,
            num_layers,
            dropout=dropout,
            return_sequences=False,
            return_state=True,
            name="stack",
            dtype=self.dtype_policy,
        )

    def build(self, patches_shape: Shape, queries_shape: Shape) -> None:
        self.stack.build((None, None, patches_shape[-1]))

    def call(self, patches: Tensor, queries: Tensor, training: bool | None = None) -> Tensor:
        _, channels, number, size = patches.shape
        _, *states = self.stack(ops.reshape(patches, (-1, number, size)), training=training)
        dropouts = self.stack.dropout_layers or [None] * self.stack.num_layers
        by_layer = zip(
            self.stack.rnn_layers, self.stack.states_by_layer(states), dropouts, strict=True
        )
        outputs = queries
        for layer, of_layer, dropout in by_layer:
            of_layer = [
                ops.reshape(state, (-1, channels, state.shape[-1]))
                for state in flat_states(of_layer)
            ]
            if dropout is not None:
                if outputs.shape[0] == 1:  # what is dropped is not the same in all rows
                    outputs = ops.repeat(outputs, ops.shape(patches)[0], axis=0)
                outputs = dropout(outputs, training=training)
            outputs = parallel_steps(layer, outputs, of_layer, training)
        return outputs

    def compute_output_spec(self, patches: Tensor, queries: Tensor, **_: Any) -> keras.KerasTensor:
        shape = patches.shape[0], patches.shape[1], queries.shape[2], self.stack.units
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        config = self.stack.get_config()
        own = {name: config[name] for name in ("cell", "units", "num_layers", "dropout")}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> PatchRecurrence:
        restored = RecurrentStack.from_config({"cell": config["cell"], "units": config["units"]})
        return cls(**{**config, "cell": restored.cell})
