"""A column of a table of examples: rows of any lengths, in memory or in a file."""

from __future__ import annotations

import dataclasses
import math
import os
from typing import Any

import numpy as np

from kerasrnn.checks import UserError

__all__ = ["Column", "FileRows", "MemoryRows", "pad_rows"]


class MemoryRows:
    """Rows of numbers in an array.

    Args:
        values: `(M, …)` array.
    """

    def __init__(self, values: np.ndarray):
        self.values = values
        self.dtype, self.shape = values.dtype, values.shape[1:]

    def __len__(self) -> int:
        return len(self.values)

    def ranges(self, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
        """Returns the rows of some ranges, one range behind the other.

        Args:
            starts: `(R,)` int, the first row of each range.
            stops: `(R,)` int, the row behind its last one.
        """
        return self.values[_numbers(starts, stops)]


class FileRows:
    """Rows of numbers in a file, read when they are asked for: none stays in memory.

    A memory map would keep every page that was touched among the resident memory of the process.

    Args:
        path: The file, which holds the rows and nothing else.
        dtype: Kind of the numbers.
        shape: Shape of a row.
        number: How many there are.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
        number: int,
    ):
        self.path, self.dtype, self.shape = path, np.dtype(dtype), tuple(shape)
        self.number = number

    def __len__(self) -> int:
        return self.number

    def ranges(self, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
        """Returns the rows of some ranges, as that of `MemoryRows`."""
        rows = np.empty((int(np.sum(stops - starts)), *self.shape), self.dtype)
        size = self.dtype.itemsize * math.prod(self.shape)
        target = rows.reshape(-1).view(np.uint8).data
        place = 0
        with open(self.path, "rb", buffering=0) as file:
            for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
                end = place + (stop - start) * size
                file.seek(start * size)
                while place < end:
                    read = file.readinto(target[place:end])
                    if not read:
                        raise UserError(
                            f"Expected row {stop - 1} in {self.path}. Received: a shorter file"
                        )
                    place += read
        return rows


@dataclasses.dataclass(frozen=True)
class Column:
    """One part of all examples.

    Attributes:
        rows: The innermost rows of all examples, one behind the other.
        offsets: For each dimension whose size differs, from the outer to the inner one, `(n + 1,)`
            int: where in the next dimension, or in `rows`, each of n rows begins and the last
            ends. None where all examples have the same shape, and a row each.
    """

    rows: MemoryRows | FileRows
    offsets: tuple[np.ndarray, ...] = ()

    def lengths(self) -> np.ndarray | int:
        """Returns the sizes of the first dimension of the examples, `(N,)`, or their common one."""
        if self.offsets:
            return np.diff(self.offsets[0]).astype(np.int32)
        return self.rows.shape[0] if self.rows.shape else 1

    def take(self, indices: np.ndarray, width: int | None = None) -> np.ndarray:
        """Returns some examples, padded on the right with 0.

        Args:
            indices: `(B,)` int, the places of the examples.
            width: Size of the first dimension where that differs; by default the greatest of these
                examples. With it the inner dimensions get the greatest size of all examples.

        Returns:
            `(B, …)` array.
        """
        starts, stops, sizes = indices, indices + 1, []
        for offsets in self.offsets:
            rows = _numbers(starts, stops)
            sizes.append((offsets[rows + 1] - offsets[rows]).astype(np.int64))
            starts, stops = (offsets[ends].astype(np.int64) for ends in (starts, stops))
        values = self.rows.ranges(starts, stops)
        for level in reversed(range(len(sizes))):
            to = width
            if level and width is not None:
                to = int(np.diff(self.offsets[level]).max(initial=0))
            values = pad_rows(values, sizes[level], to)
        return values

    def signature(self) -> tuple[tuple[int | None, ...], np.dtype]:
        """Returns the shape `(B, …)` and the kind of what `take` returns."""
        return (None,) * (1 + len(self.offsets)) + self.rows.shape, self.rows.dtype


def pad_rows(values: np.ndarray, sizes: np.ndarray, width: int | None = None) -> np.ndarray:
    """Puts values that stand one behind the other into padded rows.

    Args:
        values: `(sum of the sizes, …)` array.
        sizes: `(B,)` int, how many of them are in each row.
        width: Size W of a row; the greatest by default.

    Returns:
        `(B, W, …)` array, 0 behind the end of each row.

    Example:

    >>> pad_rows(np.array([7, 8, 9]), np.array([1, 2])).tolist()
    [[7, 0], [8, 9]]
    """
    width = int(sizes.max(initial=0)) if width is None else width
    rows = np.zeros((len(sizes), width, *values.shape[1:]), values.dtype)
    rows[np.arange(width) < sizes[:, None]] = values
    return rows


def _numbers(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Returns all numbers of some ranges, one range behind the other."""
    sizes = stops - starts
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - sizes), sizes) + np.arange(total)
