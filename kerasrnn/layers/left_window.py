"""The last tokens at every step, for models that have no memory of their own."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import check_size
from kerasrnn.typing import Shape, Tensor

__all__ = ["LeftWindow"]


@keras.saving.register_keras_serializable("kerasrnn")
class LeftWindow(keras.layers.Layer):
    """Gives each id together with the ids before it.

    Args:
        window: How many ids each step sees, its own included.
        fill: The id that stands for those before the first one.

    Call arguments:
        tokens: `(B, T)` int tensor.

    Returns:
        `(B, T, window)`: at step t the ids t − window + 1, …, t.

    Raises:
        ValueError: For a window of nothing.

    Example:

    >>> LeftWindow(3, fill=2)(keras.ops.convert_to_tensor([[7, 8, 9]])).numpy().tolist()
    [[[2, 2, 7], [2, 7, 8], [7, 8, 9]]]
    """

    def __init__(self, window: int, fill: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.window = check_size("window", window)
        self.fill = fill

    def call(self, tokens: Tensor) -> Tensor:
        length = ops.shape(tokens)[1]
        before = ops.zeros_like(tokens[:, :1]) + self.fill
        padded = ops.concatenate([before] * (self.window - 1) + [tokens], axis=1)
        return ops.stack([padded[:, i : i + length] for i in range(self.window)], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, self.window)

    def compute_output_spec(self, tokens: Tensor) -> keras.KerasTensor:
        return keras.KerasTensor((*tokens.shape, self.window), dtype=tokens.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "window": self.window, "fill": self.fill}
