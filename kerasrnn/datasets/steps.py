"""Steps of a data pipeline: small functions `Dataset -> Dataset`.

A loader is a visible list of them: tokenise, cache, shuffle, bucket by length and pad, prefetch.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import BEGIN, END, PADDING

__all__ = ["bucket", "count_bucketed", "encode_in_bulk", "encode_pairs", "teacher_forcing"]

# A batch holds sequences of like length, because a masked step is computed all the same.
BOUNDARIES = (8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 192, 256, 384, 512, 1024, 4096)
ENCODED_AT_ONCE = 1024


def encode_in_bulk(examples: tf.data.Dataset, encode: Callable) -> tf.data.Dataset:
    """Encodes many examples at a time, which is much faster than one by one.

    Args:
        examples: Of scalars, such as strings.
        encode: From a batch of them, `(B,)` each, to a tuple of tensors `(B, …)` or ragged
            tensors `(B, None, …)`.

    Returns:
        Of tuples of tensors without the first dimension; what was ragged is dense.
    """

    def to_dense(*parts):
        return tuple(
            part.to_tensor() if isinstance(part, tf.RaggedTensor) else part for part in parts
        )

    batches = examples.batch(ENCODED_AT_ONCE)
    return batches.map(encode, num_parallel_calls=tf.data.AUTOTUNE).unbatch().map(to_dense)


def encode_pairs(pairs: tf.data.Dataset, source: Tokenizer, target: Tokenizer) -> tf.data.Dataset:
    """Turns pairs of texts into pairs of ids.

    Args:
        pairs: Of `(source, target)`, scalar strings.
        source: Tokenizer of the first text.
        target: Tokenizer of the second.

    Returns:
        Of `(source, target)`, `(S,)` and `(T,)` int32 ids; the target ends with the end id.
    """

    def encode(sources, targets):
        targets = target.encode(targets)
        ends = tf.fill([targets.nrows(), 1], END)
        return source.encode(sources), tf.concat([targets, ends], axis=1)

    def to_dense(source_ids, target_ids):
        return tf.reshape(source_ids, [-1]), tf.reshape(target_ids, [-1])

    return encode_in_bulk(pairs, encode).map(to_dense)


def bucket(encoded: tf.data.Dataset, length: Callable, batch_size: int) -> tf.data.Dataset:
    """Puts examples of like length into batches, padded with 0 on the right.

    Args:
        encoded: Of structures of tensors.
        length: From such a structure to the number of its steps.
        batch_size: Examples in a batch; fewer where a bucket runs out.

    Returns:
        Of the same structures with a dimension B in front; each dimension of unknown size is
        padded to the greatest in the batch.
    """
    return encoded.bucket_by_sequence_length(
        length,
        bucket_boundaries=BOUNDARIES,
        bucket_batch_sizes=[batch_size] * (len(BOUNDARIES) + 1),
    )


def count_bucketed(encoded: tf.data.Dataset, length: Callable, batch_size: int) -> int:
    """Returns how many batches `bucket` will make, in whatever order the examples come."""

    def number(*parts):
        return tf.searchsorted(BOUNDARIES, [tf.cast(length(*parts), tf.int32)], "right")

    numbers = encoded.map(number).batch(ENCODED_AT_ONCE)
    counts = sum(
        tf.math.bincount(batch, minlength=len(BOUNDARIES) + 1).numpy() for batch in numbers
    )
    return int((-(-counts // batch_size)).sum())


def teacher_forcing(source, labels):
    """Shifts the target by one, so that each token is predicted from the right ones before it.

    Args:
        source: What the decoder reads first: `(B, S)` int32 ids, or a dictionary of inputs.
        labels: `(B, T)` int32 ids that end with the end id.

    Returns:
        `(x, y, sample_weight)` for `fit`: the dictionary of `source`, or of the inputs that were
        given, and `target` `(B, T)`, which begins with the begin id; the labels; and the weights
        `(B, T)` float32, 0 for padding.
    """
    begin = tf.fill([tf.shape(labels)[0], 1], BEGIN)
    shifted = tf.where(labels == PADDING, PADDING, tf.concat([begin, labels[:, :-1]], axis=1))
    inputs = source if isinstance(source, dict) else {"source": source}
    return {**inputs, "target": shifted}, labels, tf.cast(labels != PADDING, tf.float32)
