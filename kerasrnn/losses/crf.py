"""The negative log-likelihood of a conditional random field, step by step."""

from __future__ import annotations

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.decoding.crf import forward_pass
from kerasrnn.typing import Tensor

__all__ = ["CRF"]


@keras.saving.register_keras_serializable("kerasrnn", name="CRFLoss")  # `CRF` is the layer
class CRF(keras.losses.Loss):
    r"""Negative log-likelihood of label paths, from the potentials of `layers.CRF`.

    The term of step t is $\log Z_t - \log Z_{t-1} - \phi_t(y_{t-1}, y_t)$, where $Z_t$ sums over
    all paths up to t and $Z_{-1} = 1$. The terms of a row add up to
    $-\log p(y) = \log Z - \sum_t \phi_t(y_{t-1}, y_t)$ (Lafferty et al. 2001), and each depends on
    its own and earlier steps alone. Hence weights of 0 at right padding, or Keras' mask, give
    exactly the loss of each sequence. A weight for the whole row is as good; other weights of
    single steps give no likelihood. A single term may be negative, the sum of a row never.

    Args:
        reduction: As in Keras' losses. The default divides by the sum of the weights, which makes
            it a mean over steps.
        name: Name of the loss.
        dtype: Type of the result.

    Call arguments:
        y_true: `(B, T)` int tensor of labels; at padding anything.
        y_pred: `(B, T, L, L)` float tensor of potentials.
        sample_weight: `(B, T)` weights, 0 at padding, or `None`.

    Raises:
        ValueError: For predictions that are not of rank 4.

    Example:

    >>> import numpy as np
    >>> potentials = kerasrnn.layers.CRF(3)(np.zeros((1, 2, 3), "float32"))
    >>> round(float(CRF(reduction="sum")(np.array([[0, 2]]), potentials)), 4)  # one of nine paths
    2.1972
    """

    def __init__(
        self,
        reduction: str | None = "mean_with_sample_weight",
        name: str = "crf",
        dtype: str | keras.DTypePolicy | None = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if len(y_pred.shape) != 4:
            raise UserError(
                "Expected the potentials (B, T, L, L) of `layers.CRF`. "
                f"Received: shape {tuple(y_pred.shape)}"
            )
        potentials = ops.cast(y_pred, "float32")
        _, gains = forward_pass(potentials)
        return gains - gold_potentials(y_true, potentials)


def gold_potentials(y_true: Tensor, potentials: Tensor) -> Tensor:
    """Returns the potential of each step of the given paths, `(B, T)`."""
    labels = potentials.shape[-1]
    chosen = ops.one_hot(ops.cast(y_true, "int32"), labels, dtype=potentials.dtype)
    # All rows of the first table are the same; the forward pass reads row 0 too.
    first = ops.one_hot(ops.zeros_like(y_true[:, :1], dtype="int32"), labels, dtype=chosen.dtype)
    before = ops.concatenate([first, chosen[:, :-1]], axis=1)
    rows = ops.sum(potentials * before[..., None], axis=2)
    return ops.sum(rows * chosen, axis=-1)
