"""The first states of a decoder that begins from an image or a vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.layers.as_float32 import in_float32
from kerasrnn.typing import Shape, Tensor

__all__ = ["InitialState"]


@keras.saving.register_keras_serializable("kerasrnn")
class InitialState(keras.layers.Layer):
    r"""$\tanh(W \bar a + b)$ for each state, $\bar a$ being the mean over all places of the input.

    Xu et al. (2015), section 3.1.2.

    Args:
        sizes: Size of each state.

    Call arguments:
        memory: `(B, N, F)` float tensor, N being the number of places.

    Returns:
        A list of `(B, U)` tensors, one for each size.

    Example:

    >>> [tuple(state.shape) for state in InitialState([5, 5])(keras.ops.ones((2, 7, 3)))]
    [(2, 5), (2, 5)]
    """

    def __init__(self, sizes: Sequence[int], **kwargs: Any):
        super().__init__(**kwargs)
        self.sizes = list(sizes)
        self.projections = [
            keras.layers.Dense(size, activation="tanh", dtype=self.dtype_policy, name=f"state_{i}")
            for i, size in enumerate(self.sizes)
        ]

    def build(self, memory_shape: Shape) -> None:
        for projection in self.projections:
            projection.build((memory_shape[0], memory_shape[-1]))

    def call(self, memory: Tensor) -> list[Tensor]:
        mean = ops.mean(in_float32(memory), axis=1)
        return [projection(mean) for projection in self.projections]

    def compute_output_shape(self, memory_shape: Shape) -> list[Shape]:
        return [(memory_shape[0], size) for size in self.sizes]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sizes": self.sizes}
