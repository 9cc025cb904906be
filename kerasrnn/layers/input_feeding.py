"""A decoder that remembers what it attended to: input feeding."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.layers.attention import Attention
from kerasrnn.layers.cells import cells_in, restored_cell
from kerasrnn.layers.recurrent_stack import RecurrentStack
from kerasrnn.options.words import Cell, Score
from kerasrnn.typing import Shape, Tensor

__all__ = ["InputFeedingDecoder"]


@keras.saving.register_keras_serializable("kerasrnn")
class InputFeedingDecoder(keras.layers.Layer):
    r"""A recurrent decoder that reads the attention vector of each step at the next one.

    Luong et al. (2015), section 3.3: with $x_t$ for the embedded token of step t,

    - $h_t = \mathrm{stack}([x_t; \tilde h_{t-1}], h_{t-1})$, beginning with $\tilde h_0 = 0$;
    - $c_t$ is the attention of $h_t$ over the memory;
    - $\tilde h_t = \tanh(W_c [c_t; h_t])$ (equation 5), the attention vector, is the output.

    Its layers are `stack`, a `RecurrentStack`, `attention`, an `Attention`, and
    `attention_vector`, a `keras.layers.Dense`.

    Args:
        score: Score of the attention, see `Attention`.
        cell: As for `RecurrentStack`; without dropout of its own.
        units: Units U of each recurrent layer and of the attention vector.
        num_layers: Number of recurrent layers.
        dropout: Fraction of the inputs of each recurrent layer that is dropped, drawn anew for each
            step; the attention vector is an input of the first layer.

    Call arguments:
        sequences: `(B, T, F)` float tensor, padded on the right; or `(B, F)` for a single step.
        memory: `(B, S, E)` float tensor, what attention looks at.
        initial_state: List of `(B, U)` tensors in the order of `state_names`; zeros (0.1 in Elman's
            network) by default, and zeros where the last one, the attention vector, is left out.
        memory_mask: `(B, S)` bool tensor, or `None`: Keras' mask of `memory`.

    Returns:
        A tuple of the attention vectors `(B, T, U)`, the attention scores `(B, T, S)` and the
        states after the last step, each `(B, U)`; padding counts as steps here. For a single step
        the first two are `(B, U)` and `(B, S)`.

    Raises:
        ValueError: For what `Attention` and `RecurrentStack` refuse, or a cell with dropout.

    Example:

    >>> import numpy as np
    >>> decoder = InputFeedingDecoder("dot", "gru", units=5)
    >>> x, memory = np.ones((2, 3, 7), "float32"), np.ones((2, 11, 5), "float32")
    >>> vectors, scores, *states = decoder(x, memory)
    >>> tuple(vectors.shape), tuple(scores.shape), decoder.state_names
    ((2, 3, 5), (2, 3, 11), ['rnn_0_h', 'attention_vector'])
    """

    def __init__(
        self,
        score: Score = "dot",
        cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
        units: int = 256,
        num_layers: int = 1,
        dropout: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        dtype = self.dtype_policy
        self.stack = RecurrentStack(
            cell, units, num_layers, dropout=dropout, return_state=True, dtype=dtype, name="stack"
        )
        for each in cells_in(self.stack.rnn_layers[0].cell):
            if getattr(each, "dropout", 0) or getattr(each, "recurrent_dropout", 0):
                raise UserError(
                    "Expected a cell without dropout of its own for input feeding; the decoder "
                    f"has `dropout`. Received: {each.get_config()}"
                )
        self.attention = Attention(score, dtype=dtype, name="attention")
        self.attention_vector = keras.layers.Dense(
            units, activation="tanh", use_bias=False, dtype=dtype, name="attention_vector"
        )
        self.units = units
        self.supports_masking = True

    @property
    def state_sizes(self) -> dict[str, int]:
        """Sizes of the states by name: those of the stack, then the attention vector."""
        return {**self.stack.state_sizes, "attention_vector": self.units}

    @property
    def state_names(self) -> list[str]:
        """Names of the states: those of the stack, then `attention_vector`."""
        return list(self.state_sizes)

    def first_states(self, states: Sequence[Tensor]) -> list[Tensor]:
        """Adds the attention vector before the first step, zeros.

        Args:
            states: List of `(B, U)` tensors, the states of the stack.

        Returns:
            A list of `(B, U)` tensors in the order of `state_names`.
        """
        zeros = ops.zeros_like(states[0][:, :1])
        return [*states, ops.repeat(zeros, self.units, axis=-1)]

    def build(self, sequences_shape: Shape, memory_shape: Shape) -> None:
        features, size = int(sequences_shape[-1] or 0), int(memory_shape[-1] or 0)
        self.stack.build((None, None, features + self.units))
        self.attention.build((None, None, self.units), memory_shape)
        self.attention_vector.build((None, size + self.units))

    def call(
        self,
        sequences: Tensor,
        memory: Tensor,
        initial_state: Sequence[Tensor] | None = None,
        memory_mask: Tensor | None = None,
        training: bool | None = None,
    ) -> tuple[Tensor, ...]:
        states = self._checked_states(sequences, initial_state)
        key = self.attention.project(memory)  # once, not at each step

        def step(inputs, states, dropout_noise=None):
            return self._step(inputs, states, memory, memory_mask, key, dropout_noise, training)

        if len(sequences.shape) == 3:
            return self._scan(step, sequences, states, memory, training)
        scores, states = step(sequences, states)
        return states[-1], scores, *states

    def _checked_states(self, sequences, states) -> list[Tensor]:
        if states is None:
            states = self.stack.initial_state(ops.shape(sequences)[0])
        if len(states) == len(self.stack.state_sizes):
            states = self.first_states(states)
        if len(states) != len(self.state_sizes):
            raise UserError(
                f"Expected the states {self.state_names}. Received: {len(states)} tensors"
            )
        return list(states)

    def _step(self, inputs, states, memory, memory_mask, key, dropout_noise, training):
        """Makes one step: from `(B, F)` and the states to the scores `(B, S)` and the states."""
        *states, vector = states
        hidden, *states = self.stack(
            ops.concatenate([inputs, vector], axis=-1),
            initial_state=states,
            dropout_noise=dropout_noise,
            training=training,
        )
        context, scores = self.attention(
            ops.expand_dims(hidden, 1),
            memory,
            value_mask=memory_mask,
            key=key,
            return_attention_scores=True,
        )
        joined = ops.concatenate([ops.squeeze(context, 1), hidden], axis=-1)
        return ops.squeeze(scores, 1), [*states, self.attention_vector(joined)]

    def _scan(self, step, sequences, states, memory, training):
        """Makes all steps."""
        parts = [sequences]
        if training:
            shape = (*ops.shape(sequences)[:2], sequences.shape[-1] + self.units)
            parts += self.stack.dropout_noise(shape)
        borders = list(itertools.accumulate(part.shape[-1] for part in parts[:-1]))

        def scanned_step(carry, x):
            inputs, *noise = ops.split(x, borders, axis=-1) if borders else [x]
            scores, states = step(inputs, carry[1:], noise)
            # TensorFlow wants what is collected to have the shapes of what is carried.
            return [scores, *states], [scores, *states]

        no_scores = ops.zeros_like(memory[:, :, 0], dtype=self.attention.scores_dtype)
        carry = [no_scores, *states]
        # One tensor, because TensorFlow's scan takes several only where T is known.
        xs = ops.swapaxes(ops.concatenate(parts, axis=-1), 0, 1)
        (_, *states), (scores, *_, vectors) = ops.scan(scanned_step, carry, xs)
        return ops.swapaxes(vectors, 0, 1), ops.swapaxes(scores, 0, 1), *states

    def compute_mask(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor | None:
        return mask if len(sequences.shape) == 3 else None

    def get_config(self) -> dict[str, Any]:
        stack = self.stack.get_config()
        return {
            **super().get_config(),
            "score": self.attention.score,
            **{name: stack[name] for name in ("cell", "units", "num_layers", "dropout")},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputFeedingDecoder:
        if isinstance(config["cell"], dict):
            config = {**config, "cell": restored_cell(config["cell"])}
        return cls(**config)
