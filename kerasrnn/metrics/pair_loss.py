"""The loss of negative sampling for each pair, not for each batch."""

from __future__ import annotations

import keras

from kerasrnn.losses.negative_sampling import NegativeSampling
from kerasrnn.metrics.token_mean import TokenMean
from kerasrnn.typing import Tensor

__all__ = ["PairLoss"]


@keras.saving.register_keras_serializable("kerasrnn")
class PairLoss(TokenMean):
    """The mean of `losses.NegativeSampling` over all pairs, whose loss is a sum of each batch.

    A model that knows nothing, whose logits are 0, has (1 + K) log 2 with K drawn words.

    Args:
        name: Name of the metric.
        dtype: Type of the result.

    Call arguments:
        y_true: `(B,)` int tensor, the place of the right word.
        y_pred: `(B, 1 + K)` float tensor of logits.
        sample_weight: `(B,)` weights, or `None`.

    Example:

    >>> metric = PairLoss()
    >>> metric.update_state([0, 0], keras.ops.zeros((2, 3)))
    >>> round(float(metric.result()), 4)  # 3 log 2
    2.0794
    """

    def __init__(
        self,
        name: str = "pair_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(name, dtype, ignore_class=None)
        self._direction = "down"

    def token_values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return NegativeSampling(None).call(y_true, keras.ops.convert_to_tensor(y_pred))

    def get_config(self) -> dict[str, str]:
        return {"name": self.name, "dtype": self.dtype}
