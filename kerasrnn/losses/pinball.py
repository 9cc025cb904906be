"""The loss of quantiles."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError, check_number
from kerasrnn.typing import Tensor

__all__ = ["Pinball"]


@keras.saving.register_keras_serializable("kerasrnn")
class Pinball(keras.losses.Loss):
    r"""The mean pinball loss of several quantiles: $\max(q (y - \hat y), (q - 1)(y - \hat y))$.

    It is the least where a share q of the true numbers lies below the quantile of level q (Koenker
    and Bassett 1978). With the level 0.5 alone it is half the mean absolute error.

    Args:
        levels: Levels q of the Q quantiles, between 0 and 1.
        reduction: As in Keras' losses. The default divides by the sum of the sample weights.
        name: Name of the loss.
        dtype: Type it is computed in.

    Call arguments:
        y_true: `(…, K)` float tensor of numbers.
        y_pred: `(…, K, Q)` float tensor of quantiles.
        sample_weight: `(…)` weights, or `None`.

    Raises:
        ValueError: For a level that is not between 0 and 1.

    Example:

    >>> import numpy as np
    >>> loss = Pinball([0.1, 0.9])
    >>> y_true, y_pred = np.array([[2.0]]), np.array([[[1.0, 3.0]]])
    >>> round(float(loss(y_true, y_pred)), 4)  # (0.1 * 1 + 0.1 * 1) / 2
    0.1
    """

    def __init__(
        self,
        levels: Any = (0.1, 0.5, 0.9),
        reduction: str | None = "mean_with_sample_weight",
        name: str = "pinball",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if not isinstance(levels, (list, tuple)) or not levels:
            raise UserError(f"Expected `levels` such as [0.1, 0.5, 0.9]. Received: {levels!r}")
        self.levels = [check_number("levels", each, below=1, above=True) for each in levels]

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        errors = ops.expand_dims(ops.cast(y_true, y_pred.dtype), -1) - y_pred
        levels = ops.convert_to_tensor(self.levels, dtype=y_pred.dtype)
        return ops.mean(ops.maximum(levels * errors, (levels - 1) * errors), axis=(-2, -1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "levels": self.levels}
