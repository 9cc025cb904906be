"""Keras' recurrent layers over the compiled recurrence: same weights, outputs and states."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn.layers.elman import Elman
from kerasrnn.layers.recurrence.equations import ELMAN, GRU, LSTM, SIMPLE_RNN, RecurrentCell
from kerasrnn.layers.recurrence.operation import recurrence
from kerasrnn.typing import Tensor

__all__ = ["compiled_loop", "has_compiled_loop", "rounded"]

CELLS = {
    keras.layers.LSTM: LSTM,
    keras.layers.GRU: GRU,
    keras.layers.SimpleRNN: SIMPLE_RNN,
    Elman: ELMAN,
}
MOST_PARTS = 4


def has_compiled_loop(layer: keras.layers.RNN, training: bool | None) -> bool:
    """Tells whether a layer computes what `compiled_loop` does, on a CPU, and within a graph.

    Outside of one XLA would compile whenever a length is a new one.
    """
    cell = layer.cell
    activations = [getattr(cell, "activation", None), getattr(cell, "recurrent_activation", None)]
    usual = [None, None] if type(layer) is Elman else [keras.activations.tanh, None]
    if type(layer) in (keras.layers.LSTM, keras.layers.GRU):
        usual[1] = keras.activations.sigmoid
    dropout = getattr(cell, "dropout", 0) or getattr(cell, "recurrent_dropout", 0)
    return (
        type(layer) in CELLS
        and activations == usual
        and getattr(cell, "reset_after", True)
        and cell.compute_dtype == "float32"
        and not layer.unroll
        and not (training and dropout)
        and not tf.executing_eagerly()
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
    inputs, recurrent = _projected(layer, sequences)
    inputs, valid = _time_major(inputs, mask, layer.go_backwards)
    cell: RecurrentCell = CELLS[type(layer)]
    keep, parts = bool(training), _parts()
    outputs, last = recurrence(cell, inputs, states, recurrent, valid, keep, True, parts)
    outputs = _masked(outputs, valid, layer.zero_output_for_mask or False)[: tf.shape(sequences)[1]]
    return outputs[-1], tf.transpose(outputs, (1, 0, 2)), last


def _projected(layer: keras.layers.RNN, sequences: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Multiplies the inputs of all steps at once; returns the recurrent weights beside them."""
    cell = layer.cell
    recurrent = [tf.convert_to_tensor(cell.recurrent_kernel)]
    if getattr(cell, "project_inputs", True):
        kernel = tf.convert_to_tensor(cell.kernel)
        rows = tf.reshape(sequences, (-1, kernel.shape[0])) @ kernel
        shape = tf.concat([tf.shape(sequences)[:2], kernel.shape[-1:]], axis=0)
        sequences = tf.ensure_shape(
            tf.reshape(rows, shape), (*sequences.shape[:2], kernel.shape[-1])
        )
    bias = getattr(cell, "bias", None)
    bias = None if bias is None else tf.convert_to_tensor(bias)
    if type(layer) is keras.layers.GRU:
        recurrent.append(tf.zeros(recurrent[0].shape[-1:]) if bias is None else bias[1])
        bias = None if bias is None else bias[0]
    return sequences if bias is None else sequences + bias, recurrent


def _time_major(
    inputs: Tensor, mask: Tensor | None, go_backwards: bool
) -> tuple[Tensor, Tensor | None]:
    """Puts the steps first, in the order in which they are read, and masks up to a round number.

    A length that is not known in the graph is rounded up, so that few lengths are compiled.
    """
    known = inputs.shape[1] is not None
    inputs = tf.transpose(inputs, (1, 0, 2))
    valid = None if mask is None else tf.transpose(mask)[..., None]
    if valid is None and not known:
        valid = tf.ones_like(inputs[..., :1], tf.bool)
    if go_backwards:
        inputs = inputs[::-1]
        valid = None if valid is None else valid[::-1]
    if not known:
        added = rounded(tf.shape(inputs)[0]) - tf.shape(inputs)[0]
        paddings = [[0, added], [0, 0], [0, 0]]
        inputs, valid = tf.pad(inputs, paddings), tf.pad(valid, paddings)
    return inputs, valid


def rounded(steps: Tensor) -> Tensor:
    """Rounds up to 1 … 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, …: four lengths from n to 2 n."""
    octave = tf.math.log(tf.cast(tf.maximum(steps, 2), tf.float64) - 0.5) / math.log(2)
    unit = tf.cast(2 ** tf.maximum(tf.floor(octave) - 2, 0), tf.int32)
    return (steps + unit - 1) // unit * unit


def _masked(outputs: Tensor, valid: Tensor | None, zeros: bool) -> Tensor:
    """Gives the outputs of masked steps: those before them, or zeros where there are none."""
    if valid is None:
        return outputs
    if not zeros:
        valid = tf.cumsum(tf.cast(valid, tf.int32), axis=0) > 0
    return tf.where(valid, outputs, tf.zeros((), outputs.dtype))


def _parts() -> int:
    return min(len(os.sched_getaffinity(0)), MOST_PARTS)
