"""F1 over all labels of all examples, while a model of several labels learns."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.typing import Tensor

__all__ = ["LabelF1"]


@keras.saving.register_keras_serializable("kerasrnn")
class LabelF1(keras.metrics.Metric):
    """F1 of logits of several labels: 2 · hits / (labels answered + labels that are right).

    A label is answered where its probability is above one half, its logit above 0. All labels of
    all examples are counted together (micro-averaged).

    Args:
        name: Name of the metric.
        dtype: As Keras takes it.

    Example:

    >>> metric = LabelF1()
    >>> metric.update_state([[1.0, 0.0], [1.0, 1.0]], [[2.0, 1.0], [3.0, -1.0]])
    >>> round(float(metric.result()), 4)
    0.6667
    """

    def __init__(self, name: str = "micro_f1", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.both = self.add_weight(name="both", initializer="zeros")

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> None:
        """Counts a batch.

        Args:
            y_true: `(B, L)`, 1 for each label that is right, else 0.
            y_pred: `(B, L)` logits.
            sample_weight: `(B,)`, 0 for rows that only fill the batch up.
        """
        right = ops.cast(y_true, "float32")
        answered = ops.cast(ops.convert_to_tensor(y_pred) > 0, "float32")
        hits, both = right * answered, right + answered
        if sample_weight is not None:
            weight = ops.cast(sample_weight, "float32")[:, None]
            hits, both = hits * weight, both * weight
        self.hits.assign_add(ops.sum(hits))
        self.both.assign_add(ops.sum(both))

    def result(self) -> Tensor:
        """Returns the F1, 0 where there is nothing to divide by."""
        return ops.divide_no_nan(2 * self.hits, self.both)
