"""Windows cut into patches, each channel for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError, check_integer
from kerasrnn.typing import Shape, Tensor

__all__ = ["SplitPatches"]


@keras.saving.register_keras_serializable("kerasrnn")
class SplitPatches(keras.layers.Layer):
    """Cuts a window into patches of P steps for each of K channels (Lin et al. 2023, section 3.2).

    A patch of a channel holds its own P numbers, then those of all columns that are no channels,
    in the same steps.

    Args:
        patch_length: Number of steps P of a patch.
        channels: Which K of the F columns are channels, each to be read without the others.

    Call arguments:
        window: `(B, W, F)` float tensor, W a multiple of P.

    Returns:
        `(B, K, W / P, P * (1 + F - K))`.

    Raises:
        ValueError: For a window that is no multiple of the patch length.

    Example:

    >>> import numpy as np
    >>> tuple(SplitPatches(2, [1])(np.arange(8.0).reshape(1, 4, 2)).shape)
    (1, 1, 2, 4)
    """

    def __init__(self, patch_length: int, channels: Sequence[int], **kwargs: Any):
        super().__init__(**kwargs)
        self.patch_length = check_integer("patch_length", patch_length)
        self.channels = [check_integer("channels", each, least=0) for each in channels]

    def build(self, input_shape: Shape) -> None:
        check_multiple(input_shape[1], self.patch_length)

    def call(self, window: Tensor) -> Tensor:
        steps, columns = window.shape[1:]
        others = [place for place in range(columns) if place not in self.channels]
        shape = (-1, steps // self.patch_length, self.patch_length)
        # (B, F, n, P)
        patches = ops.reshape(ops.transpose(window, (0, 2, 1)), (-1, columns, *shape[1:]))
        channels = ops.take(patches, self.channels, axis=1)
        if not others:
            return channels
        beside = ops.transpose(ops.take(patches, others, axis=1), (0, 2, 1, 3))
        beside = ops.reshape(beside, (-1, 1, shape[1], self.patch_length * len(others)))
        beside = ops.repeat(beside, len(self.channels), axis=1)
        return ops.concatenate([channels, beside], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, steps, columns = input_shape[0], int(input_shape[1] or 0), int(input_shape[2] or 0)
        size = self.patch_length * (1 + columns - len(self.channels))
        return batch, len(self.channels), steps // self.patch_length, size

    def get_config(self) -> dict[str, Any]:
        own = {"patch_length": self.patch_length, "channels": self.channels}
        return {**super().get_config(), **own}


def check_multiple(window: Any, patch_length: int) -> None:
    """Raises a `ValueError` for a window that is no multiple of the patch length."""
    if window % patch_length:
        raise UserError(
            f"Expected a window of a multiple of the patch length {patch_length}. "
            f"Received: {window}"
        )
