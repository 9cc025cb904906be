"""What a decoder of patches reads: for each patch of the horizon which it is, and of what."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import check_size
from kerasrnn.typing import Shape, Tensor

__all__ = ["PatchQueries"]


@keras.saving.register_keras_serializable("kerasrnn")
class PatchQueries(keras.layers.Layer):
    """Gives a learned vector for each of M patches of each of K channels.

    The first half of a vector is that of its place, the second half that of its channel (Lin et
    al. 2023, section 3.3).

    Args:
        patches: Number of patches M.
        channels: Number of channels K.
        units: Size of a vector.

    Call arguments:
        window: Any `(B, …)` tensor, of whose numbers nothing depends.

    Returns:
        `(1, K, M, units)`: the same for all rows of a batch.

    Example:

    >>> import numpy as np
    >>> tuple(PatchQueries(5, 3, 7)(np.zeros((2, 4))).shape)
    (1, 3, 5, 7)
    """

    def __init__(self, patches: int, channels: int, units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.patches = check_size("patches", patches)
        self.channels = check_size("channels", channels)
        self.units = check_size("units", units)

    def build(self, input_shape: Shape) -> None:
        half = self.units // 2
        sizes = {"places": (self.patches, half), "channels": (self.channels, self.units - half)}
        self.vectors = {
            name: self.add_weight(
                shape=shape, initializer=keras.initializers.RandomNormal(stddev=0.05), name=name
            )
            for name, shape in sizes.items()
        }

    def call(self, window: Tensor) -> Tensor:
        places, channels = self.vectors["places"], self.vectors["channels"]
        places = ops.repeat(places[None, None], self.channels, axis=1)
        channels = ops.repeat(channels[None, :, None], self.patches, axis=2)
        return ops.concatenate([places, channels], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return 1, self.channels, self.patches, self.units

    def get_config(self) -> dict[str, Any]:
        own = {"patches": self.patches, "channels": self.channels, "units": self.units}
        return {**super().get_config(), **own}
