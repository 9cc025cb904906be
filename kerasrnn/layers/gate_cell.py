"""What the gates of a recurrent layer do at each step."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.layers.cells import pass_masks, run_cell
from kerasrnn.layers.empty_batches import at_least_one_row
from kerasrnn.layers.linear.linear_cell import LinearCell
from kerasrnn.layers.recurrent_stack import RecurrentStack
from kerasrnn.typing import Tensor

__all__ = ["GateCell", "GatesOverTime", "gate_names"]

LSTM = ("input_gate", "forget_gate", "output_gate", "candidate", "cell_state", "hidden_state")
GRU = ("update_gate", "reset_gate", "candidate", "hidden_state")


def gate_names(cell: keras.layers.Layer) -> tuple[str, ...]:
    """Returns what `GateCell` gives for a cell: of one whose gates it does not know `hidden_state`.

    Example:

    >>> gate_names(keras.layers.GRUCell(5))
    ('update_gate', 'reset_gate', 'candidate', 'hidden_state')
    """
    if isinstance(cell, keras.layers.LSTMCell):
        return LSTM
    if isinstance(cell, LinearCell):
        states = () if cell.outputs_are_states else ("cell_state",)
        return (*cell.gate_names, *states, "hidden_state")
    return GRU if isinstance(cell, keras.layers.GRUCell) else ("hidden_state",)


class GateCell(keras.layers.Layer):
    r"""Makes the steps of a cell, and gives its gates beside the output.

    LSTM: $i, f, o = \sigma(W x_t + U h_{t-1} + b)$, the candidate
    $g = \tanh(W x_t + U h_{t-1} + b)$, the cell state $c_t = f c_{t-1} + i g$ and the hidden state
    $h_t = o \tanh(c_t)$ (Hochreiter and Schmidhuber 1997, Gers et al. 2000).

    GRU (Cho et al. 2014): $z, r = \sigma(W x_t + U h_{t-1} + b)$, the candidate
    $g = \tanh(W x_t + U (r h_{t-1}) + b)$, with `reset_after`
    $g = \tanh(W x_t + b + r (U h_{t-1} + b'))$, and $h_t = z h_{t-1} + (1 - z) g$: an open update
    gate keeps the old state. For MinGRU, MinLSTM and SRU see `MinGRUCell`, `MinLSTMCell` (whose
    gates are those that add up to 1) and `SRUCell`.

    Args:
        cell: A `keras.layers.LSTMCell`, `GRUCell`, or any other cell.

    Call arguments:
        inputs: `(B, F)` float tensor.
        states: The list of the cell's states, `(B, U)` each.

    Returns:
        What `gate_names` lists, one behind the other on the last axis, and the new states.
    """

    def __init__(self, cell: keras.layers.Layer, **kwargs: Any):
        super().__init__(dtype=cell.dtype_policy, **kwargs)
        self.cell = cell
        self.state_size = cell.state_size

    def get_initial_state(self, batch_size: int | Tensor | None = None) -> Any:
        return self.cell.get_initial_state(batch_size=batch_size)

    def build(self, input_shape: Any) -> None:
        if not self.cell.built:
            self.cell.build(input_shape)

    def call(self, inputs: Tensor, states: Any, training: bool | None = None) -> tuple:
        hidden, after = run_cell(self.cell, inputs, states, training)
        before = keras.tree.flatten(states)[0]
        parts = [hidden]
        if isinstance(self.cell, keras.layers.LSTMCell):
            parts = [*_lstm_gates(self.cell, inputs, before), after[1], hidden]
        elif isinstance(self.cell, keras.layers.GRUCell):
            parts = [*_gru_gates(self.cell, inputs, before), hidden]
        elif isinstance(self.cell, LinearCell):
            opened = [
                ops.cast(each, hidden.dtype) for each in self.cell.opened(self.cell.project(inputs))
            ]
            parts = [*opened, *([] if self.cell.outputs_are_states else after), hidden]
        return ops.concatenate(parts, axis=-1), after


class GatesOverTime(keras.layers.Layer):
    """Reads a sequence as a recurrent layer does, and returns its gates at each step.

    Args:
        layer: A `RecurrentStack`, or one of Keras' recurrent layers, also in `Bidirectional`.
        number: Which layer of the stack, from 0.
        backward: Whether the direction is meant that reads from the end.

    Call arguments:
        sequences: `(B, T, F)` float tensor; or `(B, F)` for a single step.
        initial_state: The states of `layer` before the first step, in the form that it takes.
        mask: `(B, T)` bool tensor, or `None`: Keras' mask of `sequences`. (`sequences_mask` is the
            same under another name.)

    Returns:
        A dictionary of what `gate_names` lists, `(B, T, U)` each, in the order of the sequence for
        both directions; NaN at masked steps.
    """

    def __init__(
        self, layer: keras.layers.Layer, number: int = 0, backward: bool = False, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.layer = layer
        self.number = number
        self.backward = backward
        self.supports_masking = True
        one = self.single_layers[number]
        if backward and not hasattr(one, "backward_layer"):
            raise UserError(
                f"Expected a layer that reads in both directions for `backward`. "
                f"Received: {layer.name!r}, which reads in one"
            )
        way = one
        if hasattr(one, "backward_layer"):
            way = one.backward_layer if backward else one.forward_layer
        self.reverses = bool(way.go_backwards)
        self.names = gate_names(way.cell)
        self.reader = keras.layers.RNN(
            GateCell(way.cell), return_sequences=True, dtype=way.dtype_policy, name="reader"
        )
        pass_masks(self.reader)

    @property
    def single_layers(self) -> list[keras.layers.Layer]:
        """The layers of a stack, or the one layer that there is."""
        return self.layer.rnn_layers if isinstance(self.layer, RecurrentStack) else [self.layer]

    def call(
        self,
        sequences: Tensor,
        initial_state: Sequence[Tensor] | None = None,
        mask: Tensor | None = None,
        sequences_mask: Tensor | None = None,
    ) -> dict[str, Tensor]:
        mask = sequences_mask if mask is None else mask
        if sequences.shape[0] == 0:  # in a graph nobody knows, and there all is well
            call = functools.partial(GatesOverTime.call, self)
            return at_least_one_row(call, sequences, initial_state, mask)
        if len(sequences.shape) == 2:
            sequences = ops.expand_dims(sequences, 1)
        if isinstance(self.layer, RecurrentStack):
            states = self.layer.states_by_layer(initial_state)
        else:
            states = [None if initial_state is None else keras.tree.flatten(initial_state)]
        for layer, before in zip(self.single_layers[: self.number], states, strict=False):
            sequences, *_ = layer(sequences, initial_state=before, mask=mask)
        given = states[self.number]
        one = self.single_layers[self.number]
        if given is not None and hasattr(one, "backward_layer"):
            half = len(given) // 2
            given = given[half:] if self.backward else given[:half]
        outputs = self._read(sequences, given, mask)
        parts = ops.split(outputs, len(self.names), axis=-1)
        return dict(zip(self.names, parts, strict=True))

    def _read(self, sequences, states, mask):
        turned = mask
        if self.reverses:
            sequences = ops.flip(sequences, axis=1)
            turned = None if mask is None else ops.flip(mask, axis=1)
        outputs = self.reader(sequences, initial_state=states, mask=turned)
        if self.reverses:
            outputs = ops.flip(outputs, axis=1)
        if mask is None:
            return outputs
        return ops.where(ops.expand_dims(mask, -1), outputs, float("nan"))

    def compute_mask(self, *_: Any, **__: Any) -> None:
        return None


def _product(inputs, matrix, bias):
    product = ops.matmul(inputs, matrix)
    return product if bias is None else product + bias


def _lstm_gates(cell, inputs, hidden) -> list[Tensor]:
    both = _product(inputs, cell.kernel, cell.bias) + ops.matmul(hidden, cell.recurrent_kernel)
    i, f, g, o = ops.split(both, 4, axis=-1)
    gates = [cell.recurrent_activation(each) for each in (i, f, o)]
    return [*gates, cell.activation(g)]


def _gru_gates(cell, inputs, hidden) -> list[Tensor]:
    bias = recurrent_bias = None
    if cell.use_bias:
        bias, recurrent_bias = ops.unstack(cell.bias) if cell.reset_after else (cell.bias, None)
    z, r, g = ops.split(_product(inputs, cell.kernel, bias), 3, axis=-1)
    matrices = ops.split(cell.recurrent_kernel, 3, axis=-1)
    biases = [None] * 3 if recurrent_bias is None else ops.split(recurrent_bias, 3)
    z = cell.recurrent_activation(z + _product(hidden, matrices[0], biases[0]))
    r = cell.recurrent_activation(r + _product(hidden, matrices[1], biases[1]))
    if cell.reset_after:
        g = g + r * _product(hidden, matrices[2], biases[2])
    else:
        g = g + ops.matmul(r * hidden, matrices[2])
    return [z, r, cell.activation(g)]
