"""Recurrent layers that read a long sequence in segments, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import check_integer
from kerasrnn.layers.recurrent_stack import RecurrentStack
from kerasrnn.options.words import Cell
from kerasrnn.typing import Shape, Tensor

__all__ = ["SegmentedStack"]


@keras.saving.register_keras_serializable("kerasrnn")
class SegmentedStack(RecurrentStack):
    """A `RecurrentStack` that restarts every `segment_length` steps.

    Johnson and Zhang (2016) chop documents so, for speed: T steps one after the other become as
    many as a segment has, over more rows, and the pooling later still sees all of them. A state
    carries nothing from one segment to the next, in training and in prediction.

    Args:
        cell: As for `RecurrentStack`; so are the following.
        units: Units of each layer and direction; U below is `units`, or twice that.
        num_layers: Number of layers.
        bidirectional: Whether each layer also reads from the end of each segment.
        dropout: Fraction of the inputs of each layer that is dropped.
        variational: Whether one choice of what is dropped holds for all steps of a segment.
        segment_length: Steps of a segment; the last one of a sequence may have fewer.

    Call arguments:
        sequences: `(B, T, F)` float tensor, with its Keras mask.
        mask: `(B, T)` bool tensor, or `None`: Keras' mask of `sequences`.

    Returns:
        `(B, T, U)`.

    Raises:
        ValueError: For what `RecurrentStack` refuses, or less than one step.

    Example:

    >>> stack = SegmentedStack("gru", 5, segment_length=3)
    >>> tuple(stack(keras.ops.ones((2, 7, 4))).shape)
    (2, 7, 5)
    """

    def __init__(
        self,
        cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
        units: int = 256,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        variational: bool = False,
        *,
        segment_length: int,
        **kwargs: Any,
    ):
        segment_length = check_integer("segment_length", segment_length)
        super().__init__(
            cell, units, num_layers, bidirectional, dropout, variational=variational, **kwargs
        )
        self.segment_length = segment_length

    # Without an initial state; Keras wants an argument of `build` for each tensor of `call`.
    def build(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, sequences_shape: Shape
    ) -> None:
        super().build(sequences_shape)

    def call(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, sequences: Tensor, mask: Tensor | None = None, training: bool | None = None
    ) -> Tensor:
        shape = ops.shape(sequences)
        batch, steps = shape[0], shape[1]
        # JAX wants to know the shapes, and gives ints; a graph of TensorFlow may give a tensor.
        least = min if isinstance(steps, int) else ops.minimum
        length = least(self.segment_length, steps)
        number = (steps + length - 1) // length
        real = ops.ones((batch, steps), "bool") if mask is None else ops.cast(mask, "bool")
        missing = number * length - steps
        padding = ops.zeros((batch, missing, sequences.shape[-1]), sequences.dtype)
        segments = ops.concatenate([sequences, padding], axis=1)
        real = ops.concatenate([real, ops.zeros((batch, missing), "bool")], axis=1)
        segments = ops.reshape(segments, (batch * number, length, sequences.shape[-1]))
        # One step of each counts, since cuDNN reads no sequence without any.
        real = ops.reshape(real, (batch * number, length)) | (ops.arange(length) == 0)
        outputs: Tensor = super().call(segments, mask=real, training=training)
        return ops.reshape(outputs, (batch, number * length, outputs.shape[-1]))[:, :steps]

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "segment_length": self.segment_length}
        return {k: v for k, v in config.items() if k not in ("return_sequences", "return_state")}
