"""Which examples go into which batch, by their lengths alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kerasrnn.checks import UserError, check_integer

__all__ = ["Batch", "BatchPlan"]

# Lengths between two numbers of the grid count as the same; the grid of static shapes is coarser,
# for there to be few shapes, and its numbers are multiples of eight.
RATIO, STATIC_RATIO, STATIC_MULTIPLE = 1.05, 1.25, 8


class Batch(NamedTuple):
    """The examples of a batch.

    Attributes:
        indices: `(B,)` int, their places.
        real: How many of them count; those behind only fill the batch up.
        width: The length that all are padded to, or `None` for that of the longest.
    """

    indices: np.ndarray
    real: int
    width: int | None


class BatchPlan:
    """Puts examples of like length together, since a masked step is computed all the same.

    Examples are sorted by the length of their first side, among like ones by that of the second,
    and cut into batches. Those of like lengths change places at random in each epoch, and so do
    the batches; their number does not change.

    Args:
        lengths: `(N, K)` int, the number of steps of each side of each example.
        batch_size: Examples in a batch; the last one may have fewer.
        batch_tokens: Instead, the greatest product of the examples in a batch and the steps of
            the longest side; a longer example is a batch of its own.
        static_shapes: Whether batches are cut from buckets of like lengths, padded to the greatest
            one of the bucket and filled up to the same number of examples, so that there are at
            most as many shapes as buckets.

    Raises:
        ValueError: For a size below 1.

    Example:

    >>> plan = BatchPlan(np.array([[3], [5], [3], [5]]), batch_tokens=10)
    >>> [batch.indices.tolist() for batch in plan.epoch()]
    [[0, 2], [1, 3]]
    """

    def __init__(
        self,
        lengths: np.ndarray,
        batch_size: int = 64,
        batch_tokens: int | None = None,
        static_shapes: bool = False,
    ):
        for name, value in (("batch_size", batch_size), ("batch_tokens", batch_tokens)):
            if value is not None:
                check_integer(name, value)
        self.lengths = np.asarray(lengths)
        self.batch_size, self.batch_tokens = batch_size, batch_tokens
        longest = self.lengths.max(axis=1, initial=1)
        if static_shapes:
            self._widths = _on_grid(longest, STATIC_RATIO, STATIC_MULTIPLE)[0]
            self._key = self._widths
            self._starts, self._sizes = self._cut_buckets()
        else:
            self._widths = None
            self._key = _key(self.lengths)
            self._starts, self._sizes = self._cut_sorted(longest), None

    def __len__(self) -> int:
        """Returns the number of batches of an epoch."""
        return len(self._starts) - 1

    def epoch(
        self, seed: int | None = None, shard: tuple[int, int] | None = None
    ) -> Iterator[Batch]:
        """Gives the batches of an epoch.

        Args:
            seed: What the order depends on, anything that `numpy.random.default_rng` takes; `None`
                keeps the order as far as the lengths allow.
            shard: Index of a worker and number of workers, each of which gets its share of the
                batches and as many as the others: where they do not come out even, one is given
                to several, and counts for one of them only.

        Yields:
            The batches; the examples of each are in their order.
        """
        index, count = (0, 1) if shard is None else check_shard(shard)
        order, places = self._order(seed)
        for turn in range(index, self.number(shard) * count, count):
            place = places[min(turn, len(self) - 1)]
            indices = np.sort(order[self._starts[place] : self._starts[place + 1]])
            width = None if self._widths is None else int(self._widths[indices[0]])
            real = len(indices) if turn < len(self) else 0
            if self._sizes is not None:
                missing = self._sizes[place] - len(indices)
                indices = np.concatenate([indices, np.full(missing, indices[0])])
            yield Batch(indices, real, width)

    def number(self, shard: tuple[int, int] | None = None) -> int:
        """Returns how many batches each of several workers gets in an epoch."""
        return -(-len(self) // (1 if shard is None else check_shard(shard)[1]))

    def padding_waste(self) -> float:
        """Returns the fraction of padding among the steps of all sides, without a seed; that of
        other epochs hardly differs."""
        steps = sum(rows * sum(widths) for rows, widths in self.sizes())
        return 1 - int(self.lengths.sum()) / steps if steps else 0.0

    def sizes(self) -> Iterator[tuple[int, list[int]]]:
        """Gives the rows of each batch, and how long each side of it is, without a seed."""
        for indices, _, width in self.epoch():
            lengths = self.lengths[indices]
            longest = lengths.max(axis=0).tolist()
            yield len(indices), longest if width is None else [width] * len(longest)

    def _order(self, seed) -> tuple[np.ndarray, np.ndarray]:
        """Returns the sorted examples and the order of the batches."""
        if seed is None:
            order = np.argsort(self._key, kind="stable")
            firsts = np.minimum.reduceat(order, self._starts[:-1]) if len(self) else order
            return order, np.argsort(firsts, kind="stable")
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self._key))
        order = order[np.argsort(self._key[order], kind="stable")]
        return order, rng.permutation(len(self))

    def _cut_sorted(self, longest: np.ndarray) -> np.ndarray:
        number = len(longest)
        if self.batch_tokens is None:
            return np.array([*range(0, number, self.batch_size), number])
        # What is like counts as the longest of it, so that chance does not move the cuts.
        sides = [_on_grid(side, RATIO, 1)[0] for side in self.lengths.T]
        steps = np.max(sides, axis=0)[np.argsort(self._key, kind="stable")]
        starts = [0]
        while starts[-1] < number:
            first = starts[-1]
            following = steps[first : first + self.batch_tokens // steps[first]]
            taken = np.maximum.accumulate(following) * np.arange(1, len(following) + 1)
            starts.append(first + max(1, int(np.sum(taken <= self.batch_tokens))))
        return np.array(starts)

    def _cut_buckets(self) -> tuple[np.ndarray, np.ndarray]:
        widths, counts = np.unique(np.asarray(self._widths), return_counts=True)
        starts, sizes, first = [], [], 0
        for width, count in zip(widths.tolist(), counts.tolist(), strict=True):
            tokens = self.batch_tokens
            size = self.batch_size if tokens is None else max(1, tokens // width)
            starts += range(first, first + count, size)
            sizes += [size] * -(-count // size)
            first += count
        return np.array([*starts, first]), np.array(sizes, int)


def check_shard(shard: tuple[int, int]) -> tuple[int, int]:
    """Raises a `ValueError` for what is no index and number of workers."""
    index, count = shard
    if not 0 <= index < count:
        raise UserError(
            f"Expected `shard` as an index from 0 and a number above it. Received: {shard}"
        )
    return index, count


def _key(lengths: np.ndarray) -> np.ndarray:
    """Numbers examples so that like ones have the same number, and near ones a near one."""
    key = np.zeros(len(lengths), np.int64)
    for side in lengths.T:
        _, place = _on_grid(side, RATIO, 1)
        # Up and down in turns: the second side goes on where the first one moves up.
        turned = np.where(key % 2 == 0, place, -place)
        key = key * (2 * (place.max(initial=0) + 1)) + place.max(initial=0) + turned
        key = np.unique(key, return_inverse=True)[1].reshape(-1)
    return key


def _on_grid(lengths: np.ndarray, ratio: float, multiple: int) -> tuple[np.ndarray, np.ndarray]:
    """Rounds lengths up to a grid; returns the numbers of the grid and their places in it."""
    grid = [multiple]
    while grid[-1] < lengths.max(initial=1):
        grid.append(max(grid[-1] + multiple, int(grid[-1] * ratio) // multiple * multiple))
    places = np.searchsorted(grid, lengths)
    return np.array(grid)[places], places
