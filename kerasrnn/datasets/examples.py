"""Encoded examples, and the two ways into batches: once through, or epoch after epoch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from kerasrnn.datasets.steps import bucket, count_bucketed

__all__ = ["Examples"]

SHUFFLE_BUFFER = 100_000


@dataclasses.dataclass(frozen=True)
class Examples:
    """Examples as ids and numbers, one by one, that become the batches of `fit`.

    Attributes:
        encoded: A `tf.data.Dataset` of one structure of tensors for each example, cached.
        length: A function of such a structure that gives the number of its steps.
        finish: A function that turns a padded batch of the structures, with one more dimension
            in front, into `(x, y, sample_weight)`.
    """

    encoded: tf.data.Dataset
    length: Callable
    finish: Callable

    def batches(self, batch_size: int = 64, seed: int | None = None) -> tf.data.Dataset:
        """Makes the batches that `fit` and `evaluate` take.

        Args:
            batch_size: Examples in a batch; fewer where those of like length run out.
            seed: Seed of a shuffle, another one each epoch; `None` keeps the order.

        Returns:
            A `tf.data.Dataset` of `(x, y, sample_weight)`, whose cardinality is known.
        """
        number = count_bucketed(self.encoded, self.length, batch_size)
        encoded = self.encoded
        if seed is not None:
            encoded = encoded.shuffle(SHUFFLE_BUFFER, seed=seed)
        batches = self._finished(encoded, batch_size)
        # `fit` wants to know their number, for its progress bar.
        batches = batches.apply(tf.data.experimental.assert_cardinality(number))
        return batches.prefetch(tf.data.AUTOTUNE)

    def epochs(
        self, batch_size: int = 64, *, seed: int, first_epoch: int = 0
    ) -> tuple[tf.data.Dataset, int]:
        """Makes one endless stream of all epochs, whose order depends on seed and epoch alone.

        A run that is interrupted and resumed at some epoch thus sees the batches that it would
        have seen without the interruption.

        Args:
            batch_size: Examples in a batch.
            seed: Seed of the shuffles.
            first_epoch: The epoch that the stream begins with, from 0.

        Returns:
            The stream of `(x, y, sample_weight)`, and the number of batches in an epoch, for the
            `steps_per_epoch` of `fit`.
        """
        steps_per_epoch = count_bucketed(self.encoded, self.length, batch_size)

        def epoch_batches(epoch):
            shuffled = self.encoded.shuffle(
                SHUFFLE_BUFFER, seed=seed + epoch, reshuffle_each_iteration=False
            )
            return self._finished(shuffled, batch_size)

        stream = tf.data.Dataset.counter(first_epoch).flat_map(epoch_batches)
        return stream.prefetch(tf.data.AUTOTUNE), steps_per_epoch

    def _finished(self, encoded: tf.data.Dataset, batch_size: int) -> tf.data.Dataset:
        batches = bucket(encoded, self.length, batch_size)
        return batches.map(self.finish, num_parallel_calls=tf.data.AUTOTUNE)
