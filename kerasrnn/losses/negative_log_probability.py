"""The loss of a model whose output is the log-probability of each target."""

from __future__ import annotations

import keras

from kerasrnn.checks import UserError
from kerasrnn.typing import Tensor

__all__ = ["NegativeLogProbability"]


@keras.saving.register_keras_serializable("kerasrnn")
class NegativeLogProbability(keras.losses.Loss):
    """Minus the log-probabilities, whose mean over tokens is what a language model minimises.

    For a model that ends in `layers.ClassSoftmax` or `layers.AdaptiveSoftmax`, which takes the
    targets as an input; stock `fit` wants them as `y` once more.

    Args:
        reduction: As in Keras' losses. The default divides by the sum of the sample weights, or of
            the mask, and not by the number of places, so that padding changes nothing.
        name: Name of the loss.
        dtype: Type it is computed in.

    Call arguments:
        y_true: `(B, T)` int tensor: the targets. Only their shape is looked at.
        y_pred: `(B, T)` float tensor: the natural log-probability of each target.
        sample_weight: `(B, T)` or `(B,)` weights, or `None`.

    Raises:
        ValueError: For predictions that are not of the shape of the targets, such as logits.

    Example:

    >>> loss = NegativeLogProbability()
    >>> targets = keras.ops.array([[5, 7, 0]])
    >>> log_prob, weight = keras.ops.array([[-1.0, -3.0, -8.0]]), keras.ops.array([[1.0, 1.0, 0.0]])
    >>> float(loss(targets, log_prob, sample_weight=weight))
    2.0
    """

    def __init__(
        self,
        reduction: str | None = "mean_with_sample_weight",
        name: str = "negative_log_probability",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        expected, received = tuple(y_true.shape), tuple(y_pred.shape)
        same = all(a == b or None in (a, b) for a, b in zip(expected, received, strict=False))
        if len(expected) != len(received) or not same:
            raise UserError(
                f"Expected log-probabilities of the shape of the targets, {expected}. "
                f"Received: {received}"
            )
        return -y_pred
