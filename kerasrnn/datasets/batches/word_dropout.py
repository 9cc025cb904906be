"""Word dropout: some tokens become the unknown one in training."""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.checks import check_number
from kerasrnn.text.as_written import as_written
from kerasrnn.vocabulary import RESERVED, UNKNOWN

__all__ = ["drop_words"]

# The inputs that hold the ids of a text, and by which number each is drawn; the labels, and
# `targets` that repeat them, stay.
INPUTS = {"tokens": 0, "source": 1, "target": 2, "first": 0, "second": 1}
# Of so many inputs of a batch the draws differ.
PLACES = 3


def drop_words(
    batches: tf.data.Dataset, rate: float, *, seed: int, first_batch: int = 0
) -> tf.data.Dataset:
    """Replaces a fraction of the tokens that a model reads by the unknown one.

    So it learns what to do with unknown tokens, and not to rely on single ones
    (Iyyer et al. 2015, section 3.1; for what a decoder reads, Bowman et al. 2016, section 3.1).
    Padding and the other reserved ids stay. What is dropped depends on nothing but the seed and
    the number of the batch: it is drawn anew in each epoch, and a run that is resumed sees what
    it would have seen.

    Args:
        batches: The stream of all epochs, of `(x, y, sample_weight)`; x is `(B, T)` int ids, or a
            dictionary, of which `tokens`, `source` and `target`, `first` and `second` lose tokens.
        rate: The fraction, from 0 to below 1.
        seed: Seed of the draws.
        first_batch: The number of the batch that the stream begins with, from 0.

    Returns:
        The same stream with other ids.

    Raises:
        ValueError: For a fraction out of range.

    Example:

    >>> batches = tf.data.Dataset.from_tensors((tf.range(4, 12)[tf.newaxis], [0], [1.0]))
    >>> ids, _, _ = next(iter(drop_words(batches, 0.5, seed=1)))
    >>> 1 in ids.numpy()
    True
    """
    check_number("rate", rate, below=1)

    def drop(ids, number, place):
        draws = tf.random.stateless_uniform(tf.shape(ids), [seed, number * PLACES + place])
        dropped = tf.where((draws < rate) & (ids >= len(RESERVED)), UNKNOWN, ids)
        return tf.ensure_shape(dropped, ids.shape)  # a stateful model wants to know its batch

    def of_batch(number, batch):
        x, *others = batch
        if isinstance(x, dict):
            dropped = {
                name: drop(x[name], number, place) for name, place in INPUTS.items() if name in x
            }
            return {**x, **dropped}, *others
        return drop(x, number, 0), *others

    return batches.enumerate(first_batch).map(
        as_written(of_batch), num_parallel_calls=tf.data.AUTOTUNE
    )
