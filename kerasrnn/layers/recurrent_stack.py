"""Stacked recurrent layers, with one place that knows what to return."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError, check_layers, check_number, check_size
from kerasrnn.layers.cell_states import (
    first_states,
    flat_states,
    joined_directions,
    nested_states,
    state_sizes,
)
from kerasrnn.layers.cells import (
    both_ways,
    recurrent_layer,
    reset_dropout,
    restored_cell,
    run_cell,
    unbuilt,
)
from kerasrnn.layers.empty_batches import at_least_one_row
from kerasrnn.layers.recurrence.way import set_way
from kerasrnn.layers.split_gates import split_gates
from kerasrnn.options.words import Cell
from kerasrnn.typing import Shape, Tensor

__all__ = ["RecurrentStack"]


@keras.saving.register_keras_serializable("kerasrnn")
class RecurrentStack(keras.layers.Layer):
    """Recurrent layers: any number, in one direction or both.

    Args:
        cell: A name of `layers.CELLS`, such as `"lstm"`, or a callable `units -> layer`, such as
            `lambda units: keras.layers.GRU(units, reset_after=False)`.
        units: Units of each layer and direction; U below is `units`, or twice that where
            `bidirectional`.
        num_layers: Number of layers.
        bidirectional: Whether each layer also reads from the end; both outputs are joined.
        dropout: Fraction of the inputs of each layer that is dropped, drawn anew for each step
            (Zaremba et al. 2014); recurrent connections are left alone.
        return_sequences: Whether to return the output of each step, or that of the last
            unmasked one (of the first, for the backward direction).
        return_state: Whether to return the states at the end too.
        variational: Whether one choice of what is dropped holds for all steps of a sequence, of
            the recurrent connections too (Gal and Ghahramani 2016); cuDNN has no such dropout.

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
        cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
        units: int = 256,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        return_sequences: bool = True,
        return_state: bool = False,
        variational: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        units = check_size("units", units)
        num_layers = check_layers("num_layers", num_layers)
        dropout = check_number("dropout", dropout, below=1)
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
        shared = dropout if variational else 0.0
        self.rnn_layers = [recurrent_layer(cell, units, name, dtype, shared) for name in names]
        ways = 2 if bidirectional else 1
        sizes = [state_sizes(layer) for layer in self.rnn_layers]
        self.state_sizes = {name: ways * size for each in sizes for name, size in each.items()}
        # The last layer's sequence is computed only where somebody wants it.
        self.rnn_layers[-1].return_sequences = return_sequences
        if bidirectional:
            originals = self.rnn_layers
            self.rnn_layers = both_ways(originals, dtype)
            # In a place where Keras does not look for layers of this one.
            self._originals = lambda: originals
        for layer in self.rnn_layers:
            split_gates(layer)
        self.dropout_layers = []
        if dropout and not variational:
            self.dropout_layers = [keras.layers.Dropout(dropout, dtype=dtype) for _ in names]
        self._recurrence = "keras"

    @property
    def recurrence(self) -> str:
        """`"keras"` or `"compiled"`, the loops of its layers (see `set_way`); it is not saved."""
        return self._recurrence

    @recurrence.setter
    def recurrence(self, way: str) -> None:
        for layer in self.rnn_layers:
            set_way(layer, way)
        self._recurrence = way

    @property
    def state_names(self) -> list[str]:
        """Names of the states, `rnn_0_h`, `rnn_0_c`, `rnn_1_h`, …, from the input upwards.

        A cell of one state has `_h` alone; the third state of one that has more is called
        `rnn_0_state_2`, and so on; cells in a cell have theirs one after the other.
        """
        return list(self.state_sizes)

    def initial_state(self, batch_size: int | Tensor) -> list[Tensor]:
        """Makes the states before the first step.

        Args:
            batch_size: Number of rows B, an int or a scalar tensor.

        Returns:
            A list of `(B, U)` tensors in the order of `state_names`.
        """
        states = []
        for layer in self.rnn_layers:
            ways = (layer.forward_layer, layer.backward_layer) if self.bidirectional else (layer,)
            parts = [first_states(way, batch_size) for way in ways]
            states += [ops.concatenate(part, axis=-1) for part in zip(*parts, strict=True)]
        return states

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        shape = (sequences_shape[0], None, sequences_shape[-1])
        for layer in self.rnn_layers:
            layer.build(shape)
            shape = (*shape[:-1], self.units * (2 if self.bidirectional else 1))

    def dropout_noise(self, shape: Sequence[int | Tensor]) -> list[Tensor]:
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
        sequences: Tensor,
        initial_state: Sequence[Tensor] | None = None,
        mask: Tensor | None = None,
        sequences_mask: Tensor | None = None,
        dropout_noise: Sequence[Tensor] | None = None,
        training: bool | None = None,
    ) -> Tensor | tuple[Tensor, ...]:
        # Keras fills in `mask` for a call with one tensor and `sequences_mask` for one with an
        # initial state too; its own layers take the first name only and then miss the mask.
        mask = sequences_mask if mask is None else mask
        if sequences.shape[0] == 0:  # in a graph nobody knows, and there all is well
            call = functools.partial(RecurrentStack.call, self, training=training)
            return at_least_one_row(call, sequences, initial_state, mask, None, dropout_noise)
        self._check_inputs(sequences, initial_state)
        run = self._run_cell if len(sequences.shape) == 2 else self._run_layer
        outputs, states = sequences, []
        initial_states = self.states_by_layer(initial_state)
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

    def compute_output_spec(
        self, sequences: Tensor, initial_state: Sequence[Tensor] | None = None, **_: Any
    ) -> keras.KerasTensor | tuple[keras.KerasTensor, ...]:
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
        received = self.state_names if initial_state is None else flat_states(initial_state)
        if len(received) != len(self.state_sizes):
            raise UserError(
                f"Expected the states {self.state_names}. Received: {len(received)} tensors"
            )

    def _run_layer(self, layer, sequences, states, mask, training):
        outputs, *states = layer(sequences, initial_state=states, mask=mask, training=training)
        states = flat_states(states)
        return outputs, joined_directions(states) if self.bidirectional else states

    def _run_cell(self, layer, inputs, states, mask, training):
        outputs, states = run_cell(layer.cell, inputs, states, training)
        reset_dropout(layer.cell)  # or the next step would get the same mask
        return outputs, flat_states(states)

    def states_by_layer(self, states: Sequence[Tensor] | None) -> list[Any]:
        """Cuts the flat list of states into one list for each layer, as Keras' layers want it."""
        if states is None:
            return [None] * self.num_layers
        states = flat_states(states)
        count = len(states) // self.num_layers
        parts = [states[i : i + count] for i in range(0, len(states), count)]
        layers = zip(self.rnn_layers, parts, strict=True)
        if not self.bidirectional:
            return [nested_states(layer, part) for layer, part in layers]
        nested = []
        for layer, part in layers:
            forward, backward = zip(*(ops.split(state, 2, axis=-1) for state in part), strict=True)
            halves = (layer.forward_layer, forward), (layer.backward_layer, backward)
            nested.append([s for way, half in halves for s in nested_states(way, half)])
        return nested

    def compute_mask(
        self, sequences: Tensor, mask: Tensor | None = None, **_: Any
    ) -> Tensor | None:
        return mask if self.return_sequences and len(sequences.shape) == 3 else None

    def get_config(self) -> dict[str, Any]:
        cell = self.cell
        if not isinstance(cell, str):  # a callable cannot be stored; what it made can
            layer = self.rnn_layers[0]
            layer = layer.forward_layer if self.bidirectional else layer
            cell = unbuilt(keras.saving.serialize_keras_object(layer))
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
    def from_config(cls, config: dict[str, Any]) -> RecurrentStack:
        if isinstance(config["cell"], dict):
            config = {**config, "cell": restored_cell(config["cell"])}
        return cls(**config)
