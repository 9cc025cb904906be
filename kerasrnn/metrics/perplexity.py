"""Perplexity and bits, weighted by tokens."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from kerasrnn.losses.cross_entropy import token_cross_entropy
from kerasrnn.metrics.token_mean import TokenMean
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import PADDING

__all__ = ["BitsPerToken", "Perplexity"]


@keras.saving.register_keras_serializable("kerasrnn")
class Perplexity(TokenMean):
    """The exponential of the mean negative log-likelihood of a token.

    The mean runs over all tokens of an epoch, however they fall into batches. That differs from the
    exponential of Keras' `loss`, which weighs batches by their number of sequences. A model without
    knowledge of V equally likely tokens has perplexity V.

    Args:
        name: Name of the metric; in `fit` the validation figure is `val_perplexity`.
        dtype: Type of the result.
        ignore_class: The label that is not counted: padding. `None` where id 0 is a class.
        from_log_prob: Whether the model gives the log-probability of each label, as one that ends
            in `layers.ClassSoftmax` or one of its kin does, instead of logits.

    Call arguments:
        y_true: `(B, T)` int tensor of labels.
        y_pred: `(B, T, V)` float tensor of logits; with `from_log_prob` the natural
            log-probabilities `(B, T)`.
        sample_weight: `(B, T)` or `(B,)` weights, or `None`.

    Example:

    >>> metric = Perplexity()
    >>> metric.update_state([[3, 2, 0]], keras.ops.zeros((1, 3, 7)))
    >>> round(float(metric.result()), 4)
    7.0
    """

    def __init__(
        self,
        name: str = "perplexity",
        dtype: str | keras.DTypePolicy | None = None,
        ignore_class: int | None = PADDING,
        from_log_prob: bool = False,
    ):
        super().__init__(name, dtype, ignore_class)
        self.from_log_prob = from_log_prob
        self._direction = "down"

    def token_values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if self.from_log_prob:
            return -y_pred
        return token_cross_entropy(y_true, y_pred)

    def result(self) -> Tensor:
        return ops.exp(super().result())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "from_log_prob": self.from_log_prob}


@keras.saving.register_keras_serializable("kerasrnn")
class BitsPerToken(Perplexity):
    """The mean negative log-likelihood of a token in bits, the binary logarithm of the perplexity.

    Where tokens are characters these are the bits per character of the literature.

    Args:
        name: Name of the metric.
        dtype: Type of the result.
        ignore_class: The label that is not counted: padding. `None` where id 0 is a class.
        from_log_prob: As in `Perplexity`.

    Call arguments:
        y_true: `(B, T)` int tensor of labels.
        y_pred: `(B, T, V)` float tensor of logits; with `from_log_prob` the natural
            log-probabilities `(B, T)`.
        sample_weight: `(B, T)` or `(B,)` weights, or `None`.

    Example:

    >>> metric = BitsPerToken()
    >>> metric.update_state([[3, 2, 0]], keras.ops.zeros((1, 3, 8)))
    >>> round(float(metric.result()), 4)
    3.0
    """

    def __init__(
        self,
        name: str = "bits_per_token",
        dtype: str | keras.DTypePolicy | None = None,
        ignore_class: int | None = PADDING,
        from_log_prob: bool = False,
    ):
        super().__init__(name, dtype, ignore_class, from_log_prob)

    def result(self) -> Tensor:
        return TokenMean.result(self) / math.log(2)
