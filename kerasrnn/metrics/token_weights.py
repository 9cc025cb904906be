"""Which tokens a metric counts."""

from __future__ import annotations

from keras import ops

__all__ = ["token_weights"]


def token_weights(y_true, sample_weight, ignore_class: int | None):
    """Returns the weight of each token.

    Args:
        y_true: `(B, T)` int tensor of labels.
        sample_weight: `(B, T)` or `(B,)` float tensor, or `None` for 1.
        ignore_class: The label that counts nothing, or `None`.

    Returns:
        `(B, T)` float tensor.
    """
    weights = ops.ones_like(y_true, dtype="float32")
    if ignore_class is not None:
        weights = ops.cast(ops.not_equal(y_true, ignore_class), "float32")
    if sample_weight is not None:
        sample_weight = ops.cast(sample_weight, "float32")
        if len(sample_weight.shape) == 1:
            sample_weight = ops.expand_dims(sample_weight, -1)
        weights = weights * sample_weight
    return weights
