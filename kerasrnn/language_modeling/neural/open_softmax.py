"""The softmax over the open vocabulary, which leaves out what no model ever predicts."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from kerasrnn.language_modeling.next_token_model import NEVER
from kerasrnn.typing import Tensor

__all__ = ["open_log_probs", "open_log_softmax"]


def open_log_probs(logits: Tensor, labels: Tensor) -> Tensor:
    """Gives what `open_log_softmax` has at the labels, without the rest.

    Args:
        logits: `(B, T, V)` float32.
        labels: `(B, T)` int32.

    Returns:
        `(B, T)` float64.
    """
    picked = tf.cast(tf.gather(logits, labels, batch_dims=2), tf.float64)
    logits = logits + tf.cast(_closed(logits.shape[-1]), logits.dtype)
    # The exponentials, which take the time, in single precision, as the logits are; their sum's
    # logarithm in double precision, so that the scores of a long text add up.
    greatest = tf.stop_gradient(tf.reduce_max(logits, axis=-1, keepdims=True))
    total = tf.cast(tf.reduce_sum(tf.exp(logits - greatest), axis=-1), tf.float64)
    return picked - tf.cast(greatest[..., 0], tf.float64) - tf.math.log(total)


def open_log_softmax(logits: Tensor) -> Tensor:
    """Gives natural log-probabilities over the open vocabulary.

    Args:
        logits: `(…, V)` float.

    Returns:
        `(…, V)` float64; -inf for padding and begin, which never follow anything.
    """
    logits = tf.cast(logits, tf.float64) + _closed(logits.shape[-1])
    return logits - tf.reduce_logsumexp(logits, axis=-1, keepdims=True)


def _closed(vocabulary_size: int) -> np.ndarray:
    """`(V,)` float64: what takes padding and begin out of a softmax, and 0."""
    penalty = np.zeros(vocabulary_size)
    penalty[list(NEVER)] = -np.inf
    return penalty
