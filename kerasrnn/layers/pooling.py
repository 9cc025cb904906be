"""One vector for a whole sequence: the mean, the maximum, or a learned weighted sum."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import ops

from kerasrnn.checks import UserError, check_size
from kerasrnn.layers.as_float32 import in_float32
from kerasrnn.layers.empty_batches import greatest
from kerasrnn.typing import Shape, Tensor

__all__ = ["AttentionPooling", "SequencePooling"]

POOLINGS = ("mean", "max")


def _as_float(mask, like):
    """`(B, T, 1)`: 1 for a real step, 0 for padding; all 1 without a mask."""
    if mask is None:
        return ops.ones_like(like[..., :1])
    return ops.expand_dims(ops.cast(mask, like.dtype), -1)


@keras.saving.register_keras_serializable("kerasrnn")
class SequencePooling(keras.layers.Layer):
    """The mean or the maximum of each feature over the unmasked steps.

    Args:
        pooling: `"mean"` or `"max"`.

    Call arguments:
        inputs: `(B, T, U)` float tensor, with its Keras mask.
        mask: `(B, T)` bool tensor, or `None`.

    Returns:
        `(B, U)`.

    Example:

    >>> SequencePooling("max")(keras.ops.convert_to_tensor([[[1.0], [3.0], [2.0]]])).numpy()
    array([[3.]], dtype=float32)
    """

    def __init__(self, pooling: Literal["mean", "max"], **kwargs: Any):
        super().__init__(**kwargs)
        if pooling not in POOLINGS:
            raise UserError(f"Expected `pooling` to be one of {POOLINGS}. Received: {pooling!r}")
        self.pooling = pooling
        self.supports_masking = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if self.pooling == "max":
            return greatest(ops.where(_as_float(mask, inputs) > 0, inputs, -3e4), axis=1)
        values = in_float32(inputs)
        real = _as_float(mask, values)
        mean = ops.sum(values * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1.0)
        return ops.cast(mean, self.compute_dtype)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        return None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pooling": self.pooling}


@keras.saving.register_keras_serializable("kerasrnn")
class AttentionPooling(keras.layers.Layer):
    r"""A weighted sum of the steps, whose weights are learned from the steps themselves.

    $a = \mathrm{softmax}_t(v^\top \tanh(W h_t + b))$, $\sum_t a_t h_t$: the attention over words
    of Yang et al. (2016), section 2.2.

    Args:
        units: Size of the hidden layer; that of the input by default.

    Call arguments:
        inputs: `(B, T, U)` float tensor, with its Keras mask.
        mask: `(B, T)` bool tensor, or `None`.

    Raises:
        ValueError: For less than one unit.

    Returns:
        `(B, U)`, and the weights `(B, T)`, which sum to 1, float32 where the layer computes in 16
        bits; padding gets 0.

    Example:

    >>> vector, weights = AttentionPooling()(keras.ops.ones((2, 3, 5)))
    >>> tuple(vector.shape), tuple(weights.shape)
    ((2, 5), (2, 3))
    """

    def __init__(self, units: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units if units is None else check_size("units", units)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        units = self.units or input_shape[-1]
        self.hidden = keras.layers.Dense(
            units, activation="tanh", dtype=self.dtype_policy, name="hidden"
        )
        self.hidden.build(input_shape)
        self.score = keras.layers.Dense(1, use_bias=False, dtype=self.dtype_policy, name="score")
        self.score.build((*input_shape[:-1], units))

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        values, scores = in_float32(inputs), in_float32(self.score(self.hidden(inputs)))
        real = _as_float(mask, values)
        scores = ops.where(real > 0, scores, -3e4)
        # Written out, because Keras' softmax warns of the single step of a text of one token.
        weights = ops.exp(scores - greatest(scores, axis=1, keepdims=True)) * real
        weights = weights / ops.maximum(ops.sum(weights, axis=1, keepdims=True), 1e-7)
        pooled = ops.cast(ops.sum(weights * values, axis=1), self.compute_dtype)
        return pooled, ops.squeeze(weights, -1)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> tuple[None, None]:
        return None, None

    def compute_output_shape(self, input_shape: Shape) -> tuple[Shape, Shape]:
        return (input_shape[0], input_shape[-1]), input_shape[:2]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
