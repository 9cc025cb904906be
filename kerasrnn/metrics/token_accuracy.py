"""Fraction of correct tokens, and of sequences without a wrong one."""

from __future__ import annotations

import keras
from keras import ops

from kerasrnn.metrics.token_mean import TokenMean
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import PADDING

__all__ = ["SequenceExactMatch", "TokenAccuracy"]


@keras.saving.register_keras_serializable("kerasrnn")
class TokenAccuracy(TokenMean):
    """Fraction of the tokens whose most likely class is the true one.

    Args:
        name: Name of the metric.
        dtype: Type of the result.
        ignore_class: The label that is not counted: padding. `None` where id 0 is a class.

    Call arguments:
        y_true: `(B, T)` int tensor of labels.
        y_pred: `(B, T, V)` float tensor of logits or probabilities.
        sample_weight: `(B, T)` or `(B,)` weights, or `None`.

    Example:

    >>> metric = TokenAccuracy()
    >>> metric.update_state([[1, 2, 0]], [[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> float(metric.result())
    0.5
    """

    def __init__(
        self,
        name: str = "token_accuracy",
        dtype: str | keras.DTypePolicy | None = None,
        ignore_class: int | None = PADDING,
    ):
        super().__init__(name, dtype, ignore_class)
        self._direction = "up"

    def token_values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ops.equal(y_true, ops.cast(ops.argmax(y_pred, axis=-1), "int32"))


@keras.saving.register_keras_serializable("kerasrnn")
class SequenceExactMatch(TokenMean):
    """Fraction of the sequences in which every counted token is correct.

    Under teacher forcing each token is predicted from the true ones before it, so that this is
    above the exact match of decoded sequences, which `Translator.evaluate` gives.

    Args:
        name: Name of the metric.
        dtype: Type of the result.
        ignore_class: The label that is not counted: padding. `None` where id 0 is a class.

    Call arguments:
        y_true: `(B, T)` int tensor of labels.
        y_pred: `(B, T, V)` float tensor of logits or probabilities.
        sample_weight: `(B, T)` or `(B,)` weights, or `None`; a token counts where it is above 0.

    Example:

    >>> metric = SequenceExactMatch()
    >>> metric.update_state([[1, 0], [2, 2]], [[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]] * 2)
    >>> float(metric.result())
    0.5
    """

    def __init__(
        self,
        name: str = "sequence_exact_match",
        dtype: str | keras.DTypePolicy | None = None,
        ignore_class: int | None = PADDING,
    ):
        super().__init__(name, dtype, ignore_class)
        self._direction = "up"

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        y_true = ops.cast(y_true, "int32")
        counted = self.token_weights(y_true, y_pred, sample_weight) > 0
        wrong = ops.not_equal(y_true, ops.cast(ops.argmax(y_pred, axis=-1), "int32"))
        right = ops.logical_not(ops.any(ops.logical_and(counted, wrong), axis=-1))
        self._add(ops.cast(right, self.dtype), ops.cast(ops.any(counted, axis=-1), self.dtype))
