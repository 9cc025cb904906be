"""Loader of texts whose next token is predicted, text by text."""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import encode_in_bulk
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, END, PADDING

__all__ = ["next_tokens", "text_examples"]


def next_tokens(texts: Tensor, tokenizer: Tokenizer) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Pairs each token of a text, and the end behind the last one, with the token before it.

    Args:
        texts: `(B,)` string tensor.
        tokenizer: Tokenizer of the texts.

    Returns:
        Two `(B, None)` ragged int32 tensors of n + 1 ids for a text of n tokens, 0 for the empty
        text: begin and the tokens, which a language model reads, and the tokens and end, which it
        predicts.

    Example:

    >>> tokens, labels = next_tokens(tf.constant(["ba"]), Tokenizer(kerasrnn.Vocabulary("ab")))
    >>> tokens.to_list(), labels.to_list()
    ([[2, 5, 4]], [[5, 4, 3]])
    """
    # No row is empty, so that an empty text needs no token in its place.
    ids = tokenizer.ids_of(tokenizer.split(texts))
    ends = tf.ones([ids.nrows(), 1], tf.int32)
    return tf.concat([ends * BEGIN, ids], axis=1), tf.concat([ids, ends * END], axis=1)


def text_examples(
    texts: tf.data.Dataset,
    tokenizer: Tokenizer,
    length: int | None = None,
    *,
    targets_as_input: bool = False,
) -> Examples:
    """Encodes texts, each on its own, for a language model of sentences.

    Args:
        texts: Of scalar strings.
        tokenizer: Tokenizer of the texts.
        length: Maximum number T of tokens of a row. A longer text becomes several rows, and
            what is before a row is not seen in it.
        targets_as_input: Whether the model wants the labels as its input `targets` too, because
            its output is a `ClassSoftmax` or an `AdaptiveSoftmax`.

    Returns:
        `Examples`, whose batches are `tokens` `(B, T)` int32, which begin with the begin id, or
        with `targets_as_input` a dictionary of `tokens` and `targets`; the tokens that follow
        each, `(B, T)` int32, the last one the end id; and the weights `(B, T)` float32, 0 for
        padding.

    Example:

    >>> texts, tokenizer = tf.data.Dataset.from_tensors("ba"), Tokenizer(kerasrnn.Vocabulary("ab"))
    >>> tokens, y, sample_weight = next(iter(text_examples(texts, tokenizer).batches(64)))
    >>> tokens.numpy().tolist(), y.numpy().tolist()
    ([[2, 5, 4]], [[5, 4, 3]])
    """

    def encode(batch):
        tokens, labels = next_tokens(batch, tokenizer)
        return _pieces(tokens, length), _pieces(labels, length)

    def finish(tokens, labels):
        weights = tf.cast(labels != PADDING, tf.float32)
        x = {"tokens": tokens, "targets": labels} if targets_as_input else tokens
        return x, labels, weights

    key = ("texts", *tokenizer.key(), length)
    return Examples(encode_in_bulk(as_dataset(texts, ("text",)), encode), (0,), finish, key)


def _pieces(ids, length: int | None):
    """Cuts the rows of a ragged tensor into rows of at most `length`."""
    if length is None:
        return ids
    starts = tf.ragged.range(ids.row_starts(), ids.row_limits(), length).flat_values
    return tf.RaggedTensor.from_row_starts(ids.flat_values, starts)
