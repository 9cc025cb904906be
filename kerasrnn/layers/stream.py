"""A recurrent stack that continues where the previous batch ended."""

from __future__ import annotations

from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers.recurrent_stack import RecurrentStack
from kerasrnn.typing import Shape, Tensor

__all__ = ["Stream"]


@keras.saving.register_keras_serializable("kerasrnn")
class Stream(keras.layers.Layer):
    """Keeps the states of a stack from one batch to the next: truncated BPTT over a long text.

    Row b of a batch continues where row b of the previous batch ended. The gradient stops at the
    border of the batches (Mikolov et al. 2010, section 2; Williams and Peng 1990).

    Args:
        stack: A `RecurrentStack` of one direction that returns its states; it is used, not
            copied.
        batch_size: Number of rows B of every batch.

    Call arguments:
        sequences: `(B, T, F)` float tensor.
        mask: `(B, T)` bool tensor, or `None`: Keras' mask of `sequences`.

    Returns:
        `(B, T, U)`.
    """

    def __init__(self, stack: RecurrentStack, batch_size: int, **kwargs: Any):
        super().__init__(**kwargs)
        if stack.bidirectional or not stack.return_state:
            raise UserError(
                "Expected a stack of one direction that returns its states, because a backward "
                f"one begins at the end. Received: bidirectional={stack.bidirectional}, "
                f"return_state={stack.return_state}"
            )
        self.stack = stack
        self.batch_size = batch_size
        self.supports_masking = True
        # Under a strategy of TensorFlow each replica has states of its own rows.
        self.states = [
            keras.Variable(
                "zeros",
                shape=(batch_size, size),
                dtype=self.variable_dtype,
                trainable=False,
                synchronization="on_read",
                aggregation="only_first_replica",
                name=name,
            )
            for name, size in stack.state_sizes.items()
        ]
        self.reset_states()

    def build(self, sequences_shape: Shape) -> None:
        if not self.stack.built:
            self.stack.build(sequences_shape)

    def reset_states(self) -> None:
        """Puts every row back to the state before the first step."""
        for state, value in zip(
            self.states, self.stack.initial_state(self.batch_size), strict=True
        ):
            state.assign(value)

    def call(
        self, sequences: Tensor, mask: Tensor | None = None, training: bool | None = None
    ) -> Tensor:
        # Copies, because PyTorch assigns in place, and the gradient needs what was there before.
        states = [keras.ops.copy(state) for state in self.states]
        outputs, *after = self.stack(sequences, initial_state=states, mask=mask, training=training)
        for state, value in zip(self.states, after, strict=True):
            state.assign(keras.ops.stop_gradient(value))
        return outputs

    def compute_mask(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor | None:
        return mask

    def compute_output_shape(self, sequences_shape: Shape) -> Shape:
        return (*sequences_shape[:2], self.stack.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "stack": keras.saving.serialize_keras_object(self.stack),
            "batch_size": self.batch_size,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Stream:
        stack = keras.saving.deserialize_keras_object(config["stack"])
        return cls(**{**config, "stack": stack})
