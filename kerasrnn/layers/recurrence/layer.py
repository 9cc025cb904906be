"""Keras' recurrent layers over the compiled recurrence: same weights, outputs and states."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn.layers.elman import Elman
from kerasrnn.layers.recurrence.equations import ELMAN, GRU, LSTM, SIMPLE_RNN, RecurrentCell
from kerasrnn.layers.recurrence.operation import in_parts, recurrence
from kerasrnn.typing import Tensor

__all__ = [
    "PARTS",
    "compiled_length",
    "compiled_loop",
    "has_compiled_loop",
    "is_compilable",
    "rounded",
]

CELLS: dict[type, RecurrentCell] = {
    keras.layers.LSTM: LSTM,
    keras.layers.GRU: GRU,
    keras.layers.SimpleRNN: SIMPLE_RNN,
    Elman: ELMAN,
}
# Of a batch, side by side: the same number on every machine, for sums to be rounded alike.
PARTS = 2


def has_compiled_loop(layer: keras.layers.RNN, training: bool | None) -> bool:
    """Tells whether a layer computes what `compiled_loop` does, on a CPU, and within a graph.

    Outside of one XLA would compile whenever a length is a new one.
    """
    dropout = getattr(layer.cell, "dropout", 0) or getattr(layer.cell, "recurrent_dropout", 0)
    return is_compilable(layer) and not (training and dropout) and not tf.executing_eagerly()


def is_compilable(layer: keras.layers.RNN) -> bool:
    """Tells whether a layer without dropout of its own computes what `compiled_loop` does, on a
    CPU."""
    cell = layer.cell
    activations = [getattr(cell, "activation", None), getattr(cell, "recurrent_activation", None)]
    usual = [None, None] if type(layer) is Elman else [keras.activations.tanh, None]
    if type(layer) in (keras.layers.LSTM, keras.layers.GRU):
        usual[1] = keras.activations.sigmoid
    return (
        type(layer) in CELLS
        and activations == usual
        and getattr(cell, "reset_after", True)
        and cell.compute_dtype == "float32"
        and not layer.unroll
        and not tf.config.list_logical_devices("GPU")
    )


def compiled_loop(
    layer: keras.layers.RNN,
    sequences: Tensor,
    initial_state: Sequence[Tensor],
    mask: Tensor | None = None,
    training: bool | None = False,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Does what `inner_loop` of Keras' layers does.

    Args:
        layer: A layer for which `has_compiled_loop` is true.
        sequences: `(B, T, F)` float tensor.
        initial_state: The states before the first step, `(B, U)` each.
        mask: `(B, T)` bool tensor, or `None`.
        training: Whether a gradient will be wanted, most likely.

    Returns:
        The last output `(B, U)`, the outputs `(B, T, U)` and the list of the last states.
    """
    states = [tf.convert_to_tensor(each) for each in keras.tree.flatten(initial_state)]
    if mask is not None:
        mask = tf.cast(keras.tree.flatten(mask)[0], tf.bool)
    read, valid = _time_major(sequences, mask, layer.go_backwards)
    length = compiled_length(read)
    cell, weights = CELLS[type(layer)], _weights(layer)

    def run(sequences, states, valid):
        return recurrence(cell, sequences, states, weights, valid, length, bool(training))

    outputs, last = in_parts(run, PARTS, read, states, valid)
    zeros = layer.zero_output_for_mask or False
    outputs = _masked(outputs, valid, zeros)
    return _last_output(outputs, last[0], valid, zeros), tf.transpose(outputs, (1, 0, 2)), last


def _weights(layer: keras.layers.RNN) -> list[Tensor]:
    """The matrix of the inputs, where the layer has one, that of the states, and the bias."""
    cell = layer.cell
    weights = [cell.kernel] if getattr(cell, "project_inputs", True) else []
    weights = [tf.convert_to_tensor(each) for each in (*weights, cell.recurrent_kernel)]
    if getattr(cell, "bias", None) is not None:
        return [*weights, tf.convert_to_tensor(cell.bias)]
    both = (2,) if type(layer) is keras.layers.GRU else ()
    return [*weights, tf.zeros((*both, weights[-1].shape[-1]))]


def _time_major(
    sequences: Tensor, mask: Tensor | None, go_backwards: bool
) -> tuple[Tensor, Tensor | None]:
    """Puts the steps first, in the order in which they are read."""
    sequences = tf.transpose(sequences, (1, 0, 2))
    valid = None if mask is None else tf.transpose(mask)[..., None]
    if go_backwards:
        sequences = sequences[::-1]
        valid = None if valid is None else valid[::-1]
    return sequences, valid


def compiled_length(sequences: Tensor) -> Tensor | None:
    """For how many steps a loop over `(T, B, F)` is compiled, `None` where the graph knows T."""
    return rounded(tf.shape(sequences)[0]) if sequences.shape[0] is None else None


def rounded(steps: Tensor) -> Tensor:
    """Rounds up to 16, 20, 24, 28, 32, 40, …, so that few lengths are compiled: four lengths from
    n to 2 n."""
    octave = tf.math.log(tf.cast(tf.maximum(steps, 16), tf.float64) - 0.5) / math.log(2)
    unit = tf.cast(2 ** (tf.floor(octave) - 2), tf.int32)
    return tf.maximum((steps + unit - 1) // unit * unit, 16)


def _masked(outputs: Tensor, valid: Tensor | None, zeros: bool) -> Tensor:
    """Gives the outputs of masked steps: those before them, or zeros where there are none."""
    if valid is None:
        return outputs
    if not zeros:
        valid = tf.cumsum(tf.cast(valid, tf.int32), axis=0) > 0
    return tf.where(valid, outputs, tf.zeros((), outputs.dtype))


def _last_output(outputs: Tensor, state: Tensor, valid: Tensor | None, zeros: bool) -> Tensor:
    """Gives the last output from the last state, whose gradient is not one of all outputs."""
    if valid is None:
        return state
    if zeros:
        return outputs[-1]
    return tf.where(tf.reduce_any(valid, axis=0), state, tf.zeros((), state.dtype))
