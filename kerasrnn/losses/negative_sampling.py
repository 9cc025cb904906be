"""The loss of word vectors: a word against words that are drawn at random."""

from __future__ import annotations

import keras
from keras import ops

from kerasrnn.typing import Tensor

__all__ = ["NegativeSampling"]


@keras.saving.register_keras_serializable("kerasrnn")
class NegativeSampling(keras.losses.Loss):
    r"""Negative sampling: logistic regression of the right word against K drawn ones.

    The term of a row with the logits x of 1 + K words, of which the y-th is the right one, is
    $-\log \sigma(x_y) - \sum_{k \neq y} \log \sigma(-x_k)$: minus the objective of Mikolov et al.
    (2013b), equation 4.

    Args:
        reduction: As in Keras' losses. By default terms are summed up, so that a batch changes the
            weights as much as its rows would one after the other, whatever its size.
        name: Name of the loss.
        dtype: Type it is computed in.

    Call arguments:
        y_true: `(B,)` int tensor, the place of the right word.
        y_pred: `(B, 1 + K)` float tensor of logits.
        sample_weight: `(B,)` weights, or `None`.

    Example:

    >>> loss = NegativeSampling()
    >>> round(float(loss(keras.ops.array([0]), keras.ops.array([[0.0, 0.0, 0.0]]))), 4)  # 3 log 2
    2.0794
    """

    def __init__(
        self,
        reduction: str | None = "sum",
        name: str = "negative_sampling",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        places = ops.expand_dims(ops.cast(y_true, "int32"), -1)
        right = ops.squeeze(ops.take_along_axis(y_pred, places, axis=-1), -1)
        # -log σ(x) is softplus(-x), which is softplus(x) - x.
        return ops.sum(ops.softplus(y_pred), axis=-1) - right

    def get_config(self) -> dict[str, str | None]:
        return {"reduction": self.reduction, "name": self.name}
