"""Recurrent layers on top of each other, with one place that knows what to return."""

from __future__ import annotations

import numbers
from collections.abc import Callable

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.layers.cells import copies_of, recurrent_layer

__all__ = ["RecurrentStack"]

ATTEMPTS = 5


@keras.saving.register_keras_serializable("kerasrnn")
class RecurrentStack(keras.layers.Layer):
    """SimpleRNN, LSTM, GRU or Elman layers: any number, in one direction or both.

    Args:
        cell: `"simple_rnn"`, `"lstm"`, `"gru"`, `"elman"`, or a callable `units -> layer`, such as
            `lambda units: keras.layers.GRU(units, reset_after=False)`.
        units: Units of each layer and direction; U below is `units`, or twice that where
            `bidirectional`.
        num_layers: Number of layers.
        bidirectional: Whether each layer also reads from the end; both outputs are joined.
        dropout: Share of the inputs of each layer that is dropped, drawn anew for each step
            (Zaremba et al. 2014); recurrent connections are left alone.
        return_sequences: Whether to return the output of each step, or that of the last
            unmasked one (of the first, for the backward direction).
        return_state: Whether to return the states at the end too.
        variational: Whether one choice of what is dropped holds for all steps of a sequence, of
            the recurrent connections too (Gal and Ghahramani 2016).

    Call arguments:
        sequences: `(B, T, F)` float tensor; or `(B, F)` for a single step with `initial_state`
            given, for decoding and for serving a stream (one direction only).
        initial_state: List of `(B, U)` tensors in the order of `state_names`; by default
            those of `initial_state`, zeros for Keras' own layers.
        mask: `(B, T)` bool tensor, or `None`: Keras' mask of `sequences`. A masked step leaves
            the states as they are. (`sequences_mask` is the same under another name.)
        dropout_noise: What `dropout_noise` gave for this step, where a loop makes single steps;
            by default the dropout is drawn in the call.

    Returns:
        `(B, T, U)`, or `(B, U)` without `return_sequences`; with `return_state` a tuple of that
        and the states, each `(B, U)`.

    Raises:
        ValueError: For an unknown cell, less than one unit or layer, or a dropout outside [0, 1).

    Example:

    >>> import numpy as np
    >>> stack = RecurrentStack("lstm", 5, num_layers=2, bidirectional=True, return_state=True)
    >>> outputs, *states = stack(np.ones((2, 7, 3), "float32"))
    >>> tuple(outputs.shape), dict(zip(stack.state_names, [tuple(s.shape) for s in states]))
    ((2, 7, 10), {'rnn_0_h': (2, 10), 'rnn_0_c': (2, 10), 'rnn_1_h': (2, 10), 'rnn_1_c': (2, 10)})
    """

    def __init__(
        self,
        cell: str | Callable = "lstm",
        units: int = 256,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        return_sequences: bool = True,
        return_state: bool = False,
        variational: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for name, value in (("units", units), ("num_layers", num_layers)):
            if not isinstance(value, numbers.Integral) or value < 1:
                raise UserError(
                    f"Expected `{name}` to be an integer of at least 1. Received: {name}={value!r}"
                )
        if not isinstance(dropout, numbers.Real) or not 0.0 <= dropout < 1.0:
            raise UserError(f"Expected `dropout` from 0 to below 1. Received: {dropout!r}")
        self.cell = cell
        self.units = units
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.variational = variational
        self.supports_masking = True
        names = [f"rnn_{i}" for i in range(num_layers)]
        dtype = self.dtype_policy
        shared_dropout = dropout if variational else 0.0
        self.rnn_layers = [
            recurrent_layer(cell, units, name, dtype, shared_dropout) for name in names
        ]
        self.state_sizes = self._state_sizes()
        # The last layer's sequence is computed only where somebody wants it.
        self.rnn_layers[-1].return_sequences = return_sequences
        if bidirectional:
            originals = self.rnn_layers
            self.rnn_layers = _both_ways(originals, dtype)
            # In a place where Keras does not look for layers of this one.
            self._originals = lambda: originals
        self.dropout_layers = []
        if dropout and not variational:
            self.dropout_layers = [keras.layers.Dropout(dropout, dtype=dtype) for _ in names]

    def _state_sizes(self) -> dict[str, int]:
        sizes = {}
        for layer in self.rnn_layers:
            for suffix, size in zip("hc", _as_list(layer.cell.state_size), strict=False):
                sizes[f"{layer.name}_{suffix}"] = size * (2 if self.bidirectional else 1)
        return sizes

    @property
    def state_names(self) -> list[str]:
        """Names of the states, `rnn_0_h`, `rnn_0_c`, `rnn_1_h`, …, from the input upwards."""
        return list(self.state_sizes)

    def initial_state(self, batch_size) -> list:
        """Makes the states before the first step.

        Args:
            batch_size: Number of rows B, an int or a scalar tensor.

        Returns:
            A list of `(B, U)` tensors in the order of `state_names`.
        """
        states = []
        for layer in self.rnn_layers:
            ways = (layer.forward_layer, layer.backward_layer) if self.bidirectional else (layer,)
            parts = [_as_list(way.cell.get_initial_state(batch_size)) for way in ways]
            states += [ops.concatenate(part, axis=-1) for part in zip(*parts, strict=True)]
        return states

    def build(self, sequences_shape, initial_state_shape=None):
        shape = (sequences_shape[0], None, sequences_shape[-1])
        for layer in self.rnn_layers:
            layer.build(shape)
            shape = (*shape[:-1], self.units * (2 if self.bidirectional else 1))

    def dropout_noise(self, shape) -> list:
        """Draws the dropout of many single steps at once, for a loop that makes them in training.

        A draw changes a variable, which no backend but TensorFlow allows in a loop.

        Args:
            shape: B, T and F of the inputs, ints or scalar tensors.

        Returns:
            A list of `(B, T, F)` float tensors, one for each layer, to multiply its inputs by: 0,
            or what keeps the mean; empty without dropout.
        """
        *batch_and_steps, features = shape
        sizes = [features, *[self.units] * (self.num_layers - 1)]
        return [
            dropout(ops.ones((*batch_and_steps, size), dtype=self.compute_dtype), training=True)
            for dropout, size in zip(self.dropout_layers, sizes, strict=False)
        ]

    def call(
        self,
        sequences,
        initial_state=None,
        mask=None,
        sequences_mask=None,
        dropout_noise=None,
        training=None,
    ):
        # Keras fills in `mask` for a call with one tensor and `sequences_mask` for one with an
        # initial state too; its own layers take the first name only and then miss the mask.
        mask = sequences_mask if mask is None else mask
        self._check_inputs(sequences, initial_state)
        run = self._run_cell if len(sequences.shape) == 2 else self._run_layer
        outputs, states = sequences, []
        initial_states = self._by_layer(initial_state)
        for i, layer in enumerate(self.rnn_layers):
            if dropout_noise:
                outputs = outputs * dropout_noise[i]
            elif self.dropout_layers:
                outputs = self.dropout_layers[i](outputs, training=training)
            outputs, new_states = run(layer, outputs, initial_states[i], mask, training)
            states += new_states
        if self.return_state:
            return outputs, *states
        return outputs

    def compute_output_spec(self, sequences, initial_state=None, **_):
        # Keras would trace `call`, loops included, each time that a model is built or loaded.
        self._check_inputs(sequences, initial_state)
        batch_and_steps = sequences.shape[:-1]
        if len(batch_and_steps) == 2 and not self.return_sequences:
            batch_and_steps = batch_and_steps[:1]
        width = self.units * (2 if self.bidirectional else 1)
        outputs = keras.KerasTensor((*batch_and_steps, width), self.compute_dtype)
        if not self.return_state:
            return outputs
        states = [(sequences.shape[0], size) for size in self.state_sizes.values()]
        return outputs, *[keras.KerasTensor(shape, self.compute_dtype) for shape in states]

    def _check_inputs(self, sequences, initial_state):
        if len(sequences.shape) == 2 and (self.bidirectional or initial_state is None):
            raise UserError(
                "Expected a stack of one direction and its states for a single step (B, F). "
                f"Received: bidirectional={self.bidirectional}, initial_state={initial_state}"
            )
        received = self.state_names if initial_state is None else _as_list(initial_state)
        if len(received) != len(self.state_sizes):
            raise UserError(
                f"Expected the states {self.state_names}. Received: {len(received)} tensors"
            )

    def _run_layer(self, layer, sequences, states, mask, training):
        outputs, *states = layer(sequences, initial_state=states, mask=mask, training=training)
        return outputs, self._join_directions(states)

    def _run_cell(self, layer, inputs, states, mask, training):
        outputs, states = layer.cell(inputs, states, training=training)
        if hasattr(layer.cell, "reset_dropout_mask"):  # or the next step would get the same mask
            layer.cell.reset_dropout_mask()
            layer.cell.reset_recurrent_dropout_mask()
        return outputs, _as_list(states)

    def _by_layer(self, states) -> list:
        """Cuts the flat list of states into one list for each layer, as Keras' layers want it."""
        if states is None:
            return [None] * self.num_layers
        states = _as_list(states)
        count = len(states) // self.num_layers
        parts = [states[i : i + count] for i in range(0, len(states), count)]
        if not self.bidirectional:
            return parts
        halves = [[ops.split(state, 2, axis=-1) for state in part] for part in parts]
        return [[h[0] for h in part] + [h[1] for h in part] for part in halves]

    def _join_directions(self, states: list) -> list:
        """Joins the forward and the backward half of each state of one layer."""
        if not self.bidirectional:
            return states
        half = len(states) // 2
        pairs = zip(states[:half], states[half:], strict=True)
        return [ops.concatenate(pair, axis=-1) for pair in pairs]

    def compute_mask(self, sequences, mask=None, **_):
        return mask if self.return_sequences and len(sequences.shape) == 3 else None

    def get_config(self):
        cell = self.cell
        if not isinstance(cell, str):  # a callable cannot be stored; what it made can
            layer = self.rnn_layers[0]
            layer = layer.forward_layer if self.bidirectional else layer
            cell = keras.saving.serialize_keras_object(layer)
        return {
            **super().get_config(),
            "cell": cell,
            "units": self.units,
            "num_layers": self.num_layers,
            "bidirectional": self.bidirectional,
            "dropout": self.dropout,
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "variational": self.variational,
        }

    @classmethod
    def from_config(cls, config):
        if isinstance(config["cell"], dict):
            cell = copies_of(keras.saving.deserialize_keras_object(config["cell"]))
            config = {**config, "cell": cell}
        return cls(**config)


def _as_list(states) -> list:
    return list(states) if isinstance(states, (list, tuple)) else [states]


def _both_ways(originals: list, dtype) -> list:
    """Makes layers that read in both directions of layers that read forwards.

    Keras copies a layer for each direction. While a model is being loaded it knows what it has
    copied by its address, and where that was another object's before, the second copy is the first
    one, which Keras refuses. Then another original, at another address, takes its place.

    Args:
        originals: The layers; what takes the place of one is appended. All have to stay alive, or
            the address of one may become that of a layer that is copied later.
    """
    made = []
    for layer in list(originals):
        for attempt in range(ATTEMPTS):
            try:
                both = keras.layers.Bidirectional(layer, name=layer.name, dtype=dtype)
                break
            except ValueError:
                if attempt == ATTEMPTS - 1:
                    raise
                layer = type(layer).from_config(layer.get_config())
                originals.append(layer)
        made.append(both)
    return made
