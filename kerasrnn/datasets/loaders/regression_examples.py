"""Loaders of texts with numbers: ratings, prices."""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import encode_in_bulk
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.metrics import TargetScale
from kerasrnn.text import Tokenizer

__all__ = ["regression_examples"]


def regression_examples(
    texts: tf.data.Dataset,
    tokenizer: Tokenizer,
    scale: TargetScale,
    max_length: int | None = None,
) -> Examples:
    """Encodes texts with numbers for a `many_to_one` of token ids with K outputs.

    Args:
        texts: Of `(text, numbers)`, a scalar string and `(K,)` float64, see `texts_with_numbers`.
        tokenizer: Tokenizer of the texts.
        scale: That of the K numbers, which are standardised by it.
        max_length: Maximum number of tokens of a text; the first ones stay.

    Returns:
        `Examples`, whose batches are `tokens` `(B, T)` int32, padded with 0 on the right; the
        standardised numbers `(B, K)` float32; the weights `(B,)` float32, all 1.

    Example:

    >>> texts = tf.data.Dataset.from_tensors(("good", [5.0]))
    >>> tokenizer = Tokenizer.train(text for text, _ in texts.batch(1))
    >>> scale = metrics.TargetScale.fit([[1.0], [5.0]], ["stars"])
    >>> examples = regression_examples(texts, tokenizer, scale)
    >>> tokens, y, sample_weight = next(iter(examples.batches(64)))
    >>> tuple(tokens.shape), y.numpy().tolist()
    ((1, 4), [[1.0]])
    """
    texts = as_dataset(texts, ("text", "number"))

    def encode(texts, numbers):
        numbers = tf.reshape(tf.cast(numbers, tf.float64), [-1, len(scale.targets)])
        return tokenizer.encode(texts)[:, :max_length], tf.cast(scale.scale(numbers), tf.float32)

    def finish(tokens, y):
        return tokens, y, tf.ones_like(y[:, 0])

    key = ("regression", *tokenizer.key(), scale.targets, scale.mean, scale.deviation, max_length)
    return Examples(encode_in_bulk(texts, encode), (0,), finish, key)
