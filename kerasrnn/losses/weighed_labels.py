"""The loss of several labels at once, whose two answers to each label have weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError, check_number
from kerasrnn.typing import Tensor

__all__ = ["WeighedLabels"]


@keras.saving.register_keras_serializable("kerasrnn")
class WeighedLabels(keras.losses.Loss):
    r"""Binary cross-entropy of logits, weighed for each label by whether it is there.

    The term of a label with the probability p is $-w^+ \log p$ where it is there and
    $-w^- \log(1 - p)$ where it is not; the loss of an example is the mean over its L labels. With
    all weights 1 it is that of `keras.losses.BinaryCrossentropy(from_logits=True)`.

    Args:
        present: The weights $w^+$ of the L labels, for examples that have them.
        absent: The weights $w^-$, for examples that have them not; 1 by default.
        label_smoothing: Fraction of each label that is divided among there and not there, as in
            Keras' own.
        reduction: As in Keras' losses. The default divides by the sum of the sample weights.
        name: Name of the loss.
        dtype: Type it is computed in.

    Call arguments:
        y_true: `(…, L)` tensor of 0 and 1.
        y_pred: `(…, L)` float tensor of logits.
        sample_weight: `(…)` weights, or `None`.

    Raises:
        ValueError: For weights of unlike number, or that are not above 0.

    Example:

    >>> import numpy as np
    >>> loss = WeighedLabels([3.0, 1.0])
    >>> y_true, y_pred = np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]])
    >>> round(float(loss(y_true, y_pred)), 4)  # (3 log 2 + log 2) / 2
    1.3863
    """

    def __init__(
        self,
        present: Any,
        absent: Any = None,
        label_smoothing: float = 0.0,
        reduction: str | None = "mean_with_sample_weight",
        name: str = "weighed_labels",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.present = [check_number("present", each, above=True) for each in present]
        absent = [1.0] * len(self.present) if absent is None else absent
        self.absent = [check_number("absent", each, above=True) for each in absent]
        if not self.present or len(self.present) != len(self.absent):
            raise UserError(
                "Expected two weights for each of at least one label. "
                f"Received: {len(self.present)} and {len(self.absent)}"
            )
        self.label_smoothing = check_number("label_smoothing", label_smoothing, below=1)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        right = ops.cast(y_true, y_pred.dtype)
        present, absent = (
            ops.convert_to_tensor(each, dtype=y_pred.dtype) for each in (self.present, self.absent)
        )
        smooth = right * (1 - self.label_smoothing) + 0.5 * self.label_smoothing
        terms = ops.binary_crossentropy(smooth, y_pred, from_logits=True)
        return ops.mean((right * present + (1 - right) * absent) * terms, axis=-1)

    def get_config(self) -> dict[str, Any]:
        own = {"present": self.present, "absent": self.absent}
        return {**super().get_config(), **own, "label_smoothing": self.label_smoothing}
