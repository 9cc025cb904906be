"""Quantiles that cannot cross."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.layers.horizon.quantile_levels import check_levels, middle
from kerasrnn.typing import Shape, Tensor

__all__ = ["NonCrossingQuantiles"]


@keras.saving.register_keras_serializable("kerasrnn")
class NonCrossingQuantiles(keras.layers.Layer):
    """Makes ascending quantiles of free numbers.

    The number of the middle level stays as it is. Each level above it adds a positive distance to
    the one below, softplus of its number, and each level below takes one off, so that no quantile
    is ever above one of a higher level (as Gasthaus et al. 2019 build theirs from increments).

    Args:
        levels: Levels of the Q quantiles, ascending, between 0 and 1.

    Call arguments:
        numbers: `(…, Q)` float tensor.

    Returns:
        `(…, Q)`, ascending in the last axis.

    Raises:
        ValueError: For levels that are not ascending between 0 and 1.

    Example:

    >>> import numpy as np
    >>> layer = NonCrossingQuantiles([0.1, 0.5, 0.9])
    >>> low, median, high = keras.ops.convert_to_numpy(layer(np.array([[0.0, 3.0, -30.0]])))[0]
    >>> bool(low < median == 3 <= high)
    True
    """

    def __init__(self, levels: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.levels = check_levels("levels", levels)

    def call(self, numbers: Tensor) -> Tensor:
        size = len(self.levels)
        if numbers.shape[-1] != size:
            raise UserError(
                f"Expected {size} numbers, one for each level. Received: {numbers.shape[-1]}"
            )
        at = middle(self.levels)
        base = numbers[..., at : at + 1]
        above = base + ops.cumsum(ops.softplus(numbers[..., at + 1 :]), axis=-1)
        below = base - ops.flip(
            ops.cumsum(ops.softplus(ops.flip(numbers[..., :at], -1)), axis=-1), -1
        )
        return ops.concatenate([below, base, above], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "levels": list(self.levels)}
