"""Steps of a data pipeline: small functions `Dataset -> Dataset`.

A loader is a visible list of them: tokenise, cache, shuffle, bucket by length and pad, prefetch.
"""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import BEGIN, END, PADDING

__all__ = ["bucket_pairs", "count_bucketed", "encode_pairs", "teacher_forcing"]

# A batch holds sequences of like length, because a masked step is computed all the same.
BOUNDARIES = (8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128, 192, 256, 384, 512, 1024, 4096)
ENCODED_AT_ONCE = 1024


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

    encoded = pairs.batch(ENCODED_AT_ONCE).map(encode, num_parallel_calls=tf.data.AUTOTUNE)
    return encoded.unbatch().map(to_dense)


def bucket_pairs(encoded: tf.data.Dataset, batch_size: int) -> tf.data.Dataset:
    """Puts pairs of like length into batches, padded with 0 on the right.

    Args:
        encoded: Of `(source, target)` ids, see `encode_pairs`.
        batch_size: Pairs in a batch; fewer where a bucket runs out.

    Returns:
        Of `(source, target)`, `(B, S)` and `(B, T)` int32.
    """
    return encoded.bucket_by_sequence_length(
        lambda source, target: tf.maximum(tf.size(source), tf.size(target)),
        bucket_boundaries=BOUNDARIES,
        bucket_batch_sizes=[batch_size] * (len(BOUNDARIES) + 1),
        padded_shapes=([None], [None]),
        padding_values=(PADDING, PADDING),
    )


def count_bucketed(encoded: tf.data.Dataset, batch_size: int) -> int:
    """Returns how many batches `bucket_pairs` will make, in whatever order the pairs come."""

    def bucket(source, target):
        return tf.searchsorted(BOUNDARIES, [tf.maximum(tf.size(source), tf.size(target))], "right")

    buckets = encoded.map(bucket).batch(ENCODED_AT_ONCE)
    counts = sum(
        tf.math.bincount(batch, minlength=len(BOUNDARIES) + 1).numpy() for batch in buckets
    )
    return int((-(-counts // batch_size)).sum())


def teacher_forcing(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Shifts the target by one, so that each token is predicted from the right ones before it.

    Args:
        batches: Of `(source, target)`, `(B, S)` and `(B, T)` int32, see `bucket_pairs`.

    Returns:
        Of `(x, y, sample_weight)` for `fit`: the dictionary of `source` `(B, S)` and `target`
        `(B, T)`, which begins with the begin id; the labels `(B, T)` int32, which end with the
        end id; the weights `(B, T)` float32, 0 for padding.
    """

    def shift(source, labels):
        begin = tf.fill([tf.shape(labels)[0], 1], BEGIN)
        shifted = tf.where(labels == PADDING, PADDING, tf.concat([begin, labels[:, :-1]], axis=1))
        weights = tf.cast(labels != PADDING, tf.float32)
        return {"source": source, "target": shifted}, labels, weights

    return batches.map(shift, num_parallel_calls=tf.data.AUTOTUNE)
