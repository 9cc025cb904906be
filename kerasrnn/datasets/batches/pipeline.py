"""Steps of a data pipeline: small functions `Dataset -> Dataset`.

A loader is a visible list of them: encode, keep, put into batches of like lengths, pad, finish.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from kerasrnn.text import Tokenizer
from kerasrnn.text.as_written import as_written
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, END, PADDING

__all__ = ["encode_in_bulk", "encode_pairs", "read_ahead", "teacher_forcing"]

ENCODED_AT_ONCE = 1024
READ_AHEAD = 4  # batches


def encode_in_bulk(examples: tf.data.Dataset, encode: Callable[..., Any]) -> tf.data.Dataset:
    """Encodes many examples at a time, which is much faster than one by one.

    Args:
        examples: Of scalars, such as strings.
        encode: From a batch of them, `(B,)` each, to a tuple of tensors `(B, …)` or ragged
            tensors `(B, None, …)`.

    Returns:
        Of such tuples.
    """
    batches = examples.batch(ENCODED_AT_ONCE)
    return batches.map(as_written(encode), num_parallel_calls=tf.data.AUTOTUNE)


def encode_pairs(pairs: tf.data.Dataset, source: Tokenizer, target: Tokenizer) -> tf.data.Dataset:
    """Turns pairs of texts into pairs of ids.

    Args:
        pairs: Of `(source, target)`, scalar strings; or of `(source, target, weight)`, where the
            third is a number.
        source: Tokenizer of the first text.
        target: Tokenizer of the second.

    Returns:
        Of batches of `(source, target)`, `(B, None)` ragged int32 ids each; the targets end with
        the end id; and of the weights `(B,)` float32, where there are some.
    """

    def encode(sources, targets, *weights):
        targets = target.encode(targets)
        ends = tf.fill([targets.nrows(), 1], END)
        weights = (tf.cast(each, tf.float32) for each in weights)
        return source.encode(sources), tf.concat([targets, ends], axis=1), *weights

    return encode_in_bulk(pairs, encode)


def teacher_forcing(
    source: Tensor, labels: Tensor, weights: Tensor | None = None
) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """Shifts the target by one, so that each token is predicted from the true ones before it.

    Args:
        source: What the decoder reads first: `(B, S)` int32 ids, or a dictionary of inputs.
        labels: `(B, T)` int32 ids that end with the end id.
        weights: `(B,)` float32, the weight of each row; 1 by default.

    Returns:
        `(x, y, sample_weight)` for `fit`: the dictionary of `source`, or of the inputs that were
        given, and `target` `(B, T)`, which begins with the begin id; the labels; and the weights
        `(B, T)` float32, 0 for padding, otherwise that of the row.
    """
    begin = tf.fill([tf.shape(labels)[0], 1], BEGIN)
    shifted = tf.where(labels == PADDING, PADDING, tf.concat([begin, labels[:, :-1]], axis=1))
    inputs = source if isinstance(source, dict) else {"source": source}
    of_tokens = tf.cast(labels != PADDING, tf.float32)
    if weights is not None:
        of_tokens *= weights[:, tf.newaxis]
    return {**inputs, "target": shifted}, labels, of_tokens


def read_ahead(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Makes the next batches while a model learns from this one.

    tf.data's tuner is left out: an iterator that ends may wait for the tuner's thread, which sleeps
    about as long as it has lived, so that a `fit` of 6.8 seconds took 10.2. What is to run in
    parallel does so without it.

    Args:
        batches: Of any elements.

    Returns:
        The same ones, in the same order.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(READ_AHEAD).with_options(options)
