"""A mean over tokens, not over batches."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import PADDING

__all__ = ["TokenMean"]


class TokenMean(keras.metrics.Metric):
    """Mean of a value over all counted tokens of all batches.

    Keras' own means first average each row over its time steps, padding included, so that a
    token of a long batch weighs less than one of a short batch; here all weigh the same.

    A subclass gives the value of each token, in `token_values`.

    Args:
        name: Name of the metric.
        dtype: Type of the result.
        ignore_class: The label that is not counted: padding. `None` where id 0 is a class.
    """

    def __init__(
        self,
        name: str | None = None,
        dtype: str | keras.DTypePolicy | None = None,
        ignore_class: int | None = PADDING,
    ):
        super().__init__(name=name, dtype=dtype)
        self.ignore_class = ignore_class
        self.total = self.add_weight(shape=(), initializer="zeros", name="total")
        self.count = self.add_weight(shape=(), initializer="zeros", name="count")

    def token_values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns the value of each token, `(B, T)` float; `(B,)` for one label a row."""
        raise NotImplementedError

    def token_weights(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor) -> Tensor:
        """Returns the weight of each token, `(B, T)` float: sample weight, mask, class."""
        weights = ops.ones_like(y_true, dtype=self.dtype)
        if self.ignore_class is not None:
            weights = ops.cast(ops.not_equal(y_true, self.ignore_class), self.dtype)
        mask = getattr(y_pred, "_keras_mask", None)  # where the labels do not tell padding
        if mask is not None:
            weights = weights * ops.cast(mask, self.dtype)
        if sample_weight is not None:
            sample_weight = ops.cast(sample_weight, self.dtype)
            if len(sample_weight.shape) < len(y_true.shape):
                sample_weight = ops.expand_dims(sample_weight, -1)
            weights = weights * sample_weight
        return weights

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        y_true = ops.cast(y_true, "int32")
        weights = self.token_weights(y_true, y_pred, sample_weight)
        self._add(ops.cast(self.token_values(y_true, y_pred), self.dtype), weights)

    def _add(self, values, weights):
        # A selection, not a product: what padding holds may be infinite.
        self.total.assign_add(ops.sum(ops.where(weights > 0, values * weights, 0.0)))
        self.count.assign_add(ops.sum(weights))

    def result(self) -> Tensor:
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype, "ignore_class": self.ignore_class}
