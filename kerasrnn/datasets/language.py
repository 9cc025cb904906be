"""Loaders of texts whose next token is predicted: one stream, or text by text."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from kerasrnn.datasets.examples import Examples
from kerasrnn.datasets.steps import ENCODED_AT_ONCE, encode_in_bulk
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import BEGIN, END, PADDING

__all__ = ["next_tokens", "stream_batches", "text_examples"]


def next_tokens(texts, tokenizer: Tokenizer):
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
        length: The greatest number T of tokens of a row. A longer text becomes several rows, and
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

    def to_dense(tokens, labels):
        return tf.reshape(tokens, [-1]), tf.reshape(labels, [-1])

    def finish(tokens, labels):
        return _batch(tokens, labels, targets_as_input)

    encoded = encode_in_bulk(texts, encode).map(to_dense).cache()
    return Examples(encoded, lambda tokens, labels: tf.size(labels), finish)


def stream_batches(
    texts: tf.data.Dataset,
    tokenizer: Tokenizer,
    batch_size: int = 64,
    length: int = 100,
    *,
    targets_as_input: bool = False,
) -> tf.data.Dataset:
    """Makes the batches of one running text, for truncated BPTT with `views.stream`.

    All texts are joined in their order, the end id behind each; where a text begins, the model
    reads the begin id. What is joined is cut into B rows of the same length, up to one token,
    which run on from batch to batch. All ids are held in memory, eight bytes a token.

    Args:
        texts: Of scalar strings.
        tokenizer: Tokenizer of the texts.
        batch_size: Number of rows B of every batch.
        length: Number of tokens T of a row: the steps that the gradient runs back. The last batch
            may be shorter, or longer by one token, so that no row of it is empty.
        targets_as_input: As in `text_examples`.

    Returns:
        A `tf.data.Dataset` of batches as those of `text_examples`, in their order; each token of
        the texts and each end id is a label once.

    Raises:
        ValueError: Where there are fewer tokens than rows, or a size is below 1.

    Example:

    >>> texts = tf.data.Dataset.from_tensor_slices(["ab", "b"])
    >>> tokenizer = Tokenizer(kerasrnn.Vocabulary("ab"))
    >>> batches = stream_batches(texts, tokenizer, batch_size=2, length=2)
    >>> [(tokens.numpy().tolist(), y.numpy().tolist()) for tokens, y, _ in batches]
    [([[2, 4, 5], [2, 5, 0]], [[4, 5, 3], [5, 3, 0]])]
    """
    for name, value in (("batch_size", batch_size), ("length", length)):
        if value < 1:
            raise ValueError(f"Expected `{name}` of at least 1. Received: {value}")
    tokens, labels = _joined(texts, tokenizer)
    if len(labels) < batch_size:
        raise ValueError(
            f"Expected at least as many tokens as rows, {batch_size}. Received: {len(labels)}"
        )
    tokens, labels = _rows(tokens, batch_size), _rows(labels, batch_size)
    columns = labels.shape[1]
    starts = list(range(0, columns, length))
    if columns - starts[-1] == 1 and PADDING in labels[:, -1]:
        starts.pop()  # a batch with rows of padding only is none
    ends = tf.constant([*starts[1:], columns], tf.int64)
    starts = tf.constant(starts, tf.int64)
    tokens, labels = tf.convert_to_tensor(tokens), tf.convert_to_tensor(labels)

    def batch(start, end):
        return _batch(tokens[:, start:end], labels[:, start:end], targets_as_input)

    batches = tf.data.Dataset.from_tensor_slices((starts, ends)).map(batch)
    return batches.prefetch(tf.data.AUTOTUNE)


def _pieces(ids, length: int | None):
    """Cuts the rows of a ragged tensor into rows of at most `length`."""
    if length is None:
        return ids
    starts = tf.ragged.range(ids.row_starts(), ids.row_limits(), length).flat_values
    return tf.RaggedTensor.from_row_starts(ids.flat_values, starts)


def _joined(texts: tf.data.Dataset, tokenizer: Tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """Encodes all texts; returns the ids to read and those to predict, `(N,)` int32 each."""

    def encode(batch):
        return tuple(ids.flat_values for ids in next_tokens(batch, tokenizer))

    encoded = texts.batch(ENCODED_AT_ONCE).map(encode, num_parallel_calls=tf.data.AUTOTUNE)
    pieces = list(encoded.as_numpy_iterator())
    return tuple(np.concatenate([piece[i] for piece in pieces]) for i in (0, 1))


def _rows(ids: np.ndarray, batch_size: int) -> np.ndarray:
    """Cuts a stream into rows; the first ones are longer by one where it does not come out even."""
    pieces = np.array_split(ids, batch_size)
    rows = np.full((batch_size, len(pieces[0])), PADDING, "int32")
    for row, piece in zip(rows, pieces, strict=True):
        row[: len(piece)] = piece
    return rows


def _batch(tokens, labels, targets_as_input: bool):
    weights = tf.cast(labels != PADDING, tf.float32)
    return {"tokens": tokens, "targets": labels} if targets_as_input else tokens, labels, weights
