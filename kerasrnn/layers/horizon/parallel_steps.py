"""One step of a cell from the same states for each of several inputs."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from kerasrnn.layers.cell_states import nested_states
from kerasrnn.layers.cells import reset_dropout, run_cell
from kerasrnn.typing import Tensor

__all__ = ["parallel_steps"]


def parallel_steps(
    layer: keras.layers.RNN,
    inputs: Tensor,
    states: Sequence[Tensor],
    training: bool | None = None,
) -> Tensor:
    """Makes M steps side by side, none of which sees another one (Lin et al. 2023, section 3.3).

    Of a GRU the product of the states, which are the same for all M, is computed once, and that of
    the inputs once for all rows that share them; of other cells both are computed M times.

    Args:
        layer: A recurrent layer.
        inputs: `(B, K, M, F)` float tensor, or `(1, K, M, F)` for the same ones in all rows.
        states: The flat list of the layer's states, `(B, K, U)` each.
        training: Whether it is a step of a training.

    Returns:
        `(B, K, M, U)`, the outputs.

    Example:

    >>> import numpy as np
    >>> layer = keras.layers.GRU(5, return_state=True)
    >>> layer.build((None, None, 3))
    >>> states = [np.ones((2, 1, 5), "float32")]
    >>> tuple(parallel_steps(layer, np.ones((1, 1, 7, 3), "float32"), states).shape)
    (2, 1, 7, 5)
    """
    cell = layer.cell
    dropout = training and (getattr(cell, "dropout", 0) or getattr(cell, "recurrent_dropout", 0))
    if type(cell) is keras.layers.GRUCell and cell.reset_after and not dropout:
        return _gru_steps(cell, ops.convert_to_tensor(inputs), states[0])
    _, channels, steps, size = inputs.shape
    if inputs.shape[0] == 1:
        inputs = ops.repeat(inputs, ops.shape(states[0])[0], axis=0)
    repeated = [
        ops.reshape(ops.repeat(state[:, :, None], steps, axis=2), (-1, state.shape[-1]))
        for state in states
    ]
    flat = ops.reshape(inputs, (-1, size))
    outputs, _ = run_cell(cell, flat, nested_states(layer, repeated), training)
    reset_dropout(cell)
    return ops.reshape(outputs, (-1, channels, steps, outputs.shape[-1]))


def _gru_steps(cell, inputs, state):
    """The equations of `keras.layers.GRUCell` with `reset_after`, by broadcasting over B and M."""
    state = ops.expand_dims(state, 2)  # (B, K, 1, U)
    of_inputs, of_state = ops.matmul(inputs, cell.kernel), ops.matmul(state, cell.recurrent_kernel)
    if cell.use_bias:
        of_inputs, of_state = of_inputs + cell.bias[0], of_state + cell.bias[1]
    x_update, x_reset, x_new = ops.split(of_inputs, 3, axis=-1)
    h_update, h_reset, h_new = ops.split(of_state, 3, axis=-1)
    update = cell.recurrent_activation(x_update + h_update)
    reset = cell.recurrent_activation(x_reset + h_reset)
    new = cell.activation(x_new + reset * h_new)
    return new + update * (state - new)
