"""The cross-entropy of tokens, which loss and metrics of the same batch share."""

from __future__ import annotations

import threading
from typing import Any

import keras

from kerasrnn.typing import Tensor

__all__ = ["CrossEntropy", "SharesCrossEntropy", "token_cross_entropy"]


def token_cross_entropy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Returns minus the log-probability of each label; what a loss has computed, where one has.

    A training step wants it for the loss and for each metric made of it, and TensorFlow, whose
    operation makes the gradient at once, goes through all V classes each time that it is asked. So
    what a loss has computed of the same two tensors stays with the logits, as Keras' mask does.

    Args:
        y_true: `(…)` int tensor of labels.
        y_pred: `(…, V)` float tensor of logits.

    Returns:
        A `(…)` float tensor.

    Example:

    >>> logits = keras.ops.zeros((1, 2, 7))
    >>> round(float(token_cross_entropy(keras.ops.array([[3, 2]]), logits)[0, 0]), 4)  # log 7
    1.9459
    """
    labels, terms = getattr(y_pred, "_kerasrnn_cross_entropy", (None, None))
    return terms if labels is not None and labels is y_true else _computed(y_true, y_pred)


def _computed(y_true, y_pred):
    y_true, y_pred = keras.ops.convert_to_tensor(y_true), keras.ops.convert_to_tensor(y_pred)
    return keras.losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)


class SharesCrossEntropy:
    """Lets metrics have what a loss of Keras computes.

    They know the labels as the tensor that came, of which Keras makes floats for the loss.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._given = threading.local()  # replicas are traced in threads of their own

    def __call__(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> Tensor:
        self._given.labels = y_true if keras.ops.is_tensor(y_true) else None
        try:
            return super().__call__(y_true, y_pred, sample_weight)  # type: ignore[misc]
        finally:
            self._given.labels = None

    def cross_entropy(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the cross-entropy, always anew, for the gradient of whoever asks."""
        labels = getattr(self._given, "labels", None)
        terms = _computed(y_true if labels is None else labels, y_pred)
        # In other backends XLA sees that it is the same, or a tensor would hold on to its graph.
        if labels is not None and keras.backend.backend() == "tensorflow":
            y_pred._kerasrnn_cross_entropy = labels, terms
        return terms


@keras.saving.register_keras_serializable("kerasrnn")
class CrossEntropy(SharesCrossEntropy, keras.losses.SparseCategoricalCrossentropy):
    """Keras' cross-entropy for integer labels and logits, computed once for loss and metrics.

    `Perplexity` and `BitsPerToken` of the same batch take what it has computed. With a vocabulary
    of 10,000 each further time takes about as long as the gradient of the output layer.

    Args:
        reduction: As in Keras' losses. The default divides by the sum of the sample weights, or of
            the mask, and not by the number of places, so that padding changes nothing.
        name: Name of the loss.
        dtype: Type it is computed in.

    Call arguments:
        y_true: `(…)` int tensor of classes.
        y_pred: `(…, C)` float tensor of logits.
        sample_weight: `(…)` weights, 0 at padding, or `None`.

    Example:

    >>> loss = CrossEntropy()
    >>> logits = keras.ops.log(keras.ops.array([[[0.25, 0.75], [0.5, 0.5]]]))
    >>> weights = keras.ops.array([[1.0, 0.0]])
    >>> round(float(loss(keras.ops.array([[1, 0]]), logits, weights)), 4)  # -log 0.75
    0.2877
    """

    def __init__(
        self,
        reduction: str | None = "mean_with_sample_weight",
        name: str = "cross_entropy",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(from_logits=True, reduction=reduction, name=name, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.cross_entropy(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        return {"reduction": self.reduction, "name": self.name}
