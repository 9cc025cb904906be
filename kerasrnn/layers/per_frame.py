"""The same encoder for each frame of a sequence."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.layers.empty_batches import at_least_one_row
from kerasrnn.typing import Shape, Tensor

__all__ = ["PerFrame"]


@keras.saving.register_keras_serializable("kerasrnn")
class PerFrame(keras.layers.Wrapper):
    """Runs a layer or model on every frame, all frames of all rows in one batch.

    `keras.layers.TimeDistributed` does the same step by step, or, where the number of steps is
    not known, through a vectorised map that reaches neither all layers nor every export.

    Args:
        layer: From one frame `(N, …)` to its features `(N, F)`.

    Call arguments:
        inputs: `(B, T, …)` tensor. Its Keras mask is kept.

    Returns:
        `(B, T, F)`.

    Example:

    >>> frames = keras.ops.ones((2, 3, 5, 5, 1))
    >>> tuple(PerFrame(keras.layers.Flatten())(frames).shape)
    (2, 3, 25)
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        if not self.layer.built:
            self.layer.build((None, *input_shape[2:]))
        self.built = True

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        shape = ops.shape(inputs)
        frames = ops.reshape(inputs, (shape[0] * shape[1], *inputs.shape[2:]))
        # Keras hands `training` on to the layers inside.
        outputs = at_least_one_row(self.layer, frames)
        return ops.reshape(outputs, (shape[0], shape[1], *outputs.shape[1:]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        inner = self.layer.compute_output_shape((None, *input_shape[2:]))
        return (*input_shape[:2], *inner[1:])
