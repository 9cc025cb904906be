"""Encoded examples, and the two ways into batches: once through, or epoch after epoch."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.datasets.batches.batch_plan import BatchPlan
from kerasrnn.datasets.batches.example_cache import cached_store
from kerasrnn.datasets.batches.pipeline import read_ahead
from kerasrnn.datasets.batches.store import Store
from kerasrnn.text.as_written import as_written

__all__ = ["Examples"]


@dataclasses.dataclass(frozen=True)
class Examples:
    """Examples as ids and numbers that become the batches of `fit`.

    They are encoded once, when the first batch or their number is asked for, and kept in memory;
    those of more than 256 MB in a temporary folder, or in one that `cached` names.

    Attributes:
        encoded: A `tf.data.Dataset` of batches of examples, in any number: one tensor or a tuple
            of them, `(B, …)` each, ragged where sizes differ.
        sides: The places in the tuple of those whose first dimension is steps of time.
        finish: A function that turns a batch, in which what was ragged is padded with 0 on the
            right, into `(x, y, sample_weight)`.
        key: What was encoded how, but for the source: anything that JSON can hold.
        cache: Folder of the cache and the source, see `cached`.
    """

    encoded: tf.data.Dataset
    sides: tuple[int, ...]
    finish: Callable[..., Any]
    key: tuple[Any, ...] = ()
    cache: tuple[str | os.PathLike[str], object] | None = None

    def cached(self, folder: str | os.PathLike[str], source: Any) -> Examples:
        """Keeps the encoded examples in a folder, from which a later run reads them.

        Args:
            folder: Folder of any number of caches. The name of each is a digest of the encoding,
                vocabularies included, and of the source, so that no other one is ever read.
            source: Where the raw examples come from, anything that JSON can hold; it must change
                whenever they do, as `source_digest` does.

        Returns:
            Such `Examples`.
        """
        return dataclasses.replace(self, cache=(folder, source))

    def take(self, number: int) -> Examples:
        """Returns the first examples alone, for which no more than about a thousand are encoded.

        Args:
            number: How many, of at least 1.
        """
        first = self.encoded.unbatch().take(number).ragged_batch(number)
        return dataclasses.replace(self, encoded=first, cache=None)

    @functools.cached_property
    def store(self) -> Store:
        """The encoded examples, each of which is at hand."""
        if self.cache is None:
            return Store.build(self.encoded)
        return cached_store(self.encoded, self.key, *self.cache)

    def lengths(self) -> np.ndarray:
        """Returns the number of steps of each side of each example, `(N, K)` int32."""
        sides = [self.store.columns[side].lengths() for side in self.sides or (0,)]
        return np.stack([np.broadcast_to(side, len(self.store)) for side in sides], axis=1)

    def longest(self, side: int = -1) -> int:
        """Returns the number of steps of the longest example, 0 where there is none.

        The examples are encoded for it, if they have not been: batches are made of the same ones.

        Args:
            side: Which of `sides`; by default the last one, that of a target.
        """
        return int(self.lengths()[:, side].max(initial=0))

    def batches(
        self,
        batch_size: int = 64,
        seed: int | None = None,
        *,
        batch_tokens: int | None = None,
        static_shapes: bool = False,
        shard: tuple[int, int] | None = None,
    ) -> tf.data.Dataset:
        """Makes the batches that `fit` and `evaluate` take.

        Args:
            batch_size: Examples in a batch; fewer in the last one.
            seed: Seed of a shuffle, another one each epoch; `None` keeps the order as far as
                batches of like lengths allow.
            batch_tokens: Instead of `batch_size`, the maximum number of steps of a batch, padding
                included, of its longest side.
            static_shapes: Whether there are few shapes, for compilers that want that, see
                `BatchPlan`; rows that only fill a batch up have the weight 0.
            shard: Index of a worker and number of workers; each example is in one of the shards,
                and all have the same number of batches.

        Returns:
            A `tf.data.Dataset` of `(x, y, sample_weight)`, whose cardinality is known.
        """
        plan = BatchPlan(self.lengths(), batch_size, batch_tokens, static_shapes)
        epochs = itertools.count()

        def arrays() -> Iterator[tuple]:
            epoch = next(epochs)
            return self._arrays(plan, None if seed is None else [seed, epoch], shard)

        # `fit` wants to know their number, for its progress bar.
        number = tf.data.experimental.assert_cardinality(plan.number(shard))
        return read_ahead(self._finished(arrays).apply(number))

    def epochs(
        self,
        batch_size: int = 64,
        *,
        seed: int,
        first_epoch: int = 0,
        batch_tokens: int | None = None,
        static_shapes: bool = False,
        shard: tuple[int, int] | None = None,
    ) -> tuple[tf.data.Dataset, int]:
        """Makes one endless stream of all epochs, whose order depends on seed and epoch alone.

        A run that is interrupted and resumed at some epoch thus sees the batches that it would
        have seen without the interruption.

        Args:
            batch_size: As in `batches`, with all that follows.
            seed: Seed of the shuffles.
            first_epoch: The epoch that the stream begins with, from 0.
            batch_tokens: As in `batches`.
            static_shapes: As in `batches`.
            shard: As in `batches`.

        Returns:
            The stream of `(x, y, sample_weight)`, and the number of batches in an epoch, for the
            `steps_per_epoch` of `fit`.
        """
        plan = BatchPlan(self.lengths(), batch_size, batch_tokens, static_shapes)

        def arrays() -> Iterator[tuple]:
            for epoch in itertools.count(first_epoch) if len(plan) else ():
                yield from self._arrays(plan, [seed, epoch], shard)

        return read_ahead(self._finished(arrays)), plan.number(shard)

    def padding_waste(
        self, batch_size: int = 64, batch_tokens: int | None = None, static_shapes: bool = False
    ) -> float:
        """Returns the fraction of padding that the batches have, without making them.

        Args:
            batch_size: As in `batches`, with all that follows.
            batch_tokens: As in `batches`.
            static_shapes: As in `batches`.
        """
        return BatchPlan(self.lengths(), batch_size, batch_tokens, static_shapes).padding_waste()

    def sizes_of_batches(
        self, batch_size: int = 64, batch_tokens: int | None = None, static_shapes: bool = False
    ) -> Iterator[tuple[int, list[int]]]:
        """Gives the sizes of the batches, without making them.

        Args:
            batch_size: As in `batches`, with all that follows.
            batch_tokens: As in `batches`.
            static_shapes: As in `batches`.

        Yields:
            The rows of a batch, and the steps of each of `sides`, padding included.
        """
        plan = BatchPlan(self.lengths(), batch_size, batch_tokens, static_shapes)
        for rows, steps in plan.sizes():
            yield rows, steps if self.sides else []

    def _arrays(self, plan: BatchPlan, seed, shard) -> Iterator[tuple]:
        for indices, real, width in plan.epoch(seed, shard):
            yield (np.arange(len(indices)) < real, *self.store.take(indices, width))

    def _finished(self, arrays: Callable[..., Any]) -> tf.data.Dataset:
        kinds = [column.signature() for column in self.store.columns]
        signature = [tf.TensorSpec(shape, dtype) for shape, dtype in kinds]
        signature = (tf.TensorSpec((None,), tf.bool), *signature)
        batches = tf.data.Dataset.from_generator(arrays, output_signature=signature)
        return batches.map(as_written(self._weighted), num_parallel_calls=tf.data.AUTOTUNE)

    def _weighted(self, real, *parts):
        """Finishes a batch; what only fills it up weighs nothing."""
        x, y, weights = self.finish(*parts)
        real = tf.reshape(tf.cast(real, weights.dtype), [-1] + [1] * (weights.shape.rank - 1))
        return x, y, weights * real
