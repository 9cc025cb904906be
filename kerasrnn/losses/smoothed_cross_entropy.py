"""Cross-entropy with smoothed labels, for classes that are given as integers."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import check_number
from kerasrnn.losses.cross_entropy import SharesCrossEntropy
from kerasrnn.typing import Tensor

__all__ = ["SmoothedCrossEntropy"]


@keras.saving.register_keras_serializable("kerasrnn")
class SmoothedCrossEntropy(SharesCrossEntropy, keras.losses.Loss):
    r"""Cross-entropy against (1 − ε) of the true class and ε divided among all C classes.

    The term of a label y is $-(1 - \varepsilon) \log p_y - \frac{\varepsilon}{C} \sum_c \log p_c$
    (Szegedy et al. 2016, section 7). It keeps a model from being overconfident; its perplexity
    grows a little, its answers often get better. Stock Keras has it for one-hot labels only, which
    for a vocabulary of thousands are too large to make.

    Args:
        label_smoothing: The fraction ε, from 0 to below 1; 0 is the plain cross-entropy.
        reduction: As in Keras' losses. The default divides by the sum of the sample weights, or of
            the mask, and not by the number of places, so that padding changes nothing.
        name: Name of the loss.
        dtype: Type it is computed in.

    Call arguments:
        y_true: `(…)` int tensor of classes.
        y_pred: `(…, C)` float tensor of logits.
        sample_weight: `(…)` weights, 0 at padding, or `None`.

    Raises:
        ValueError: For a fraction out of range.

    Example:

    >>> loss = SmoothedCrossEntropy(0.5)
    >>> logits = keras.ops.log(keras.ops.array([[0.25, 0.75]]))
    >>> round(float(loss(keras.ops.array([1]), logits)), 4)  # -3/4 log 0.75 - 1/4 log 0.25
    0.5623
    """

    def __init__(
        self,
        label_smoothing: float = 0.1,
        reduction: str | None = "mean_with_sample_weight",
        name: str = "smoothed_cross_entropy",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.label_smoothing = check_number("label_smoothing", label_smoothing, below=1)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        share = self.label_smoothing
        places = ops.expand_dims(ops.cast(y_true, "int32"), -1)
        right = ops.squeeze(ops.take_along_axis(y_pred, places, axis=-1), -1)
        plain = self.cross_entropy(y_true, y_pred)
        return plain + share * (right - ops.mean(y_pred, axis=-1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "label_smoothing": self.label_smoothing}
