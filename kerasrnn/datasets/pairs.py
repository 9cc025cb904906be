"""Loaders of text pairs: translation, dialogue, normalisation."""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.datasets.steps import (
    ENCODED_AT_ONCE,
    bucket_pairs,
    count_bucketed,
    encode_pairs,
    teacher_forcing,
)
from kerasrnn.text import Tokenizer

__all__ = ["longest_target", "pair_batches", "pair_epochs", "train_tokenizers"]

SHUFFLE_BUFFER = 100_000


def train_tokenizers(
    pairs: tf.data.Dataset, level: str = "character", **options
) -> tuple[Tokenizer, Tokenizer]:
    """Builds the vocabularies of both sides from the training split.

    Args:
        pairs: Of `(source, target)`, scalar strings.
        level: `"character"`, `"word"` or `"whitespace"`.
        **options: `min_count` and `max_size` of `Vocabulary.build`, for both.

    Returns:
        The tokenizers of the source and of the target.
    """
    batches = pairs.batch(ENCODED_AT_ONCE)
    return tuple(
        Tokenizer.train((batch[side] for batch in batches), level, **options) for side in (0, 1)
    )


def longest_target(pairs: tf.data.Dataset, target: Tokenizer) -> int:
    """Returns the number of tokens of the longest target, the end token counted."""
    lengths = pairs.batch(ENCODED_AT_ONCE).map(
        lambda _, targets: tf.reduce_max(target.encode(targets).row_lengths())
    )
    return 1 + int(max(lengths.as_numpy_iterator(), default=0))


def pair_batches(
    pairs: tf.data.Dataset,
    source: Tokenizer,
    target: Tokenizer,
    batch_size: int = 64,
    seed: int | None = None,
) -> tf.data.Dataset:
    """Makes the batches that `fit` and `evaluate` of an encoder-decoder take.

    Args:
        pairs: Of `(source, target)`, scalar strings.
        source: Tokenizer of the source.
        target: Tokenizer of the target.
        batch_size: Pairs in a batch.
        seed: Seed of a shuffle, another one each epoch; `None` keeps the order.

    Returns:
        Of `(x, y, sample_weight)`, see `steps.teacher_forcing`.

    Example:

    >>> pairs = tf.data.Dataset.from_tensors(("4 mars", "03-04"))
    >>> x, y, sample_weight = next(iter(pair_batches(pairs, *train_tokenizers(pairs))))
    >>> tuple(x["source"].shape), tuple(x["target"].shape), tuple(y.shape)
    ((1, 6), (1, 6), (1, 6))
    """
    encoded = encode_pairs(pairs, source, target).cache()
    number = count_bucketed(encoded, batch_size)  # `fit` wants to know it, for its progress bar
    if seed is not None:
        encoded = encoded.shuffle(SHUFFLE_BUFFER, seed=seed)
    batches = teacher_forcing(bucket_pairs(encoded, batch_size))
    return batches.apply(tf.data.experimental.assert_cardinality(number)).prefetch(tf.data.AUTOTUNE)


def pair_epochs(
    pairs: tf.data.Dataset,
    source: Tokenizer,
    target: Tokenizer,
    batch_size: int = 64,
    *,
    seed: int,
    first_epoch: int = 0,
) -> tuple[tf.data.Dataset, int]:
    """Makes one endless stream of all epochs, whose order depends on seed and epoch alone.

    A run that is interrupted and resumed at some epoch thus sees the batches that it would have
    seen without the interruption, and the number of batches is known from the start.

    Args:
        pairs: Of `(source, target)`, scalar strings.
        source: Tokenizer of the source.
        target: Tokenizer of the target.
        batch_size: Pairs in a batch.
        seed: Seed of the shuffles.
        first_epoch: The epoch that the stream begins with, from 0.

    Returns:
        The stream of `(x, y, sample_weight)`, and the number of batches in an epoch, for the
        `steps_per_epoch` of `fit`.
    """
    encoded = encode_pairs(pairs, source, target).cache()
    steps_per_epoch = count_bucketed(encoded, batch_size)

    def batches(epoch):
        shuffled = encoded.shuffle(
            SHUFFLE_BUFFER, seed=seed + epoch, reshuffle_each_iteration=False
        )
        return teacher_forcing(bucket_pairs(shuffled, batch_size))

    stream = tf.data.Dataset.counter(first_epoch).flat_map(batches)
    return stream.prefetch(tf.data.AUTOTUNE), steps_per_epoch
