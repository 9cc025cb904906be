"""Loader of words and what stands around them, which word vectors are learned from."""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.checks import check_size
from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import encode_in_bulk
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import PADDING

__all__ = ["cbow_examples"]


def cbow_examples(texts: tf.data.Dataset, tokenizer: Tokenizer, window: int = 4) -> Examples:
    """Encodes each token of texts with its context on both sides, for `models.cbow`.

    A context ends with its text: the places beyond both ends are 0, which the model leaves out of
    its mean. So a token near an end is predicted from fewer tokens, and neither begin nor end
    stands for what is not there. A token that is alone in its text has no context, and is left
    out. What the vocabulary lacks is the unknown token, around a token and as the token itself.

    Args:
        texts: Of scalar strings.
        tokenizer: Tokenizer of the texts, of words for word vectors.
        window: Number of tokens W on each side, that of the model.

    Returns:
        `Examples`, one for each token, in the order of the text, whose batches are `context`
        `(B, 2 * W)` int32, the W tokens before the token and the W behind it; the token itself
        `(B,)` int32; the weights `(B,)` float32, all 1.

    Raises:
        ValueError: For a window below 1.

    Example:

    >>> texts = tf.data.Dataset.from_tensors("a b c")
    >>> tokenizer = Tokenizer(kerasrnn.Vocabulary(["a", "b", "c"]), "word")
    >>> context, y, sample_weight = next(iter(cbow_examples(texts, tokenizer, 1).batches(64)))
    >>> context.numpy().tolist(), y.numpy().tolist()
    ([[0, 5], [4, 6], [5, 0]], [4, 5, 6])
    """
    check_size("window", window)

    def encode(batch):
        # No row is empty, so that an empty text needs no token in its place.
        return _contexts(tokenizer.ids_of(tokenizer.split(batch)), window)

    def finish(context, y):
        return context, y, tf.ones_like(y, tf.float32)

    key = ("cbow", *tokenizer.key(), window)
    return Examples(encode_in_bulk(as_dataset(texts, ("text",)), encode), (), finish, key)


def _contexts(ids: tf.RaggedTensor, window: int) -> tuple[Tensor, Tensor]:
    """Returns `(N, 2 * window)` and `(N,)` int32 of the N tokens that are not alone."""
    offsets = [*range(-window, 0), *range(1, window + 1)]
    tokens, rows = ids.flat_values, ids.value_rowids()
    number = tf.shape(tokens)[0]
    places = tf.range(number)[:, tf.newaxis] + tf.constant(offsets)
    inside = tf.clip_by_value(places, 0, tf.maximum(number - 1, 0))
    same = (places == inside) & (tf.gather(rows, inside) == rows[:, tf.newaxis])
    context = tf.where(same, tf.gather(tokens, inside), PADDING)
    kept = tf.reduce_any(same, axis=1)
    return tf.boolean_mask(context, kept), tf.boolean_mask(tokens, kept)
