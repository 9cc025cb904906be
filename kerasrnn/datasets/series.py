"""Numeric series from a CSV file, and their parts in the order of time."""

from __future__ import annotations

import csv
import dataclasses
import math
import os
from collections.abc import Iterator, Sequence

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets.splits import PERIOD, Part, check_split
from kerasrnn.files import WHITE_SPACE, number_of, numbered_lines

__all__ = ["Series", "read_series"]


@dataclasses.dataclass(frozen=True)
class Series:
    """Columns of numbers, a row for each step of time.

    Attributes:
        columns: Names of the F columns.
        values: `(T, F)` float64.
    """

    columns: tuple[str, ...]
    values: np.ndarray

    def part(self, split: str) -> Series:
        """Cuts out a split: the first 80 % of the rows, the next 10 % or the last 10 %.

        Args:
            split: `"train"`, `"validation"` or `"test"`.

        Returns:
            The rows of the split.

        Raises:
            ValueError: For an unknown split.

        Example:

        >>> series = Series(("x",), np.arange(20.0)[:, None])
        >>> series.part("validation").values.ravel().tolist()
        [16.0, 17.0]
        """
        check_split(split)
        start, stop = (len(self.values) * end // PERIOD for end in Part(split).cut("series"))
        return Series(self.columns, self.values[start:stop])


def read_series(
    path: str | os.PathLike, columns: Sequence[str] | None = None, *, encoding: str = "utf-8"
) -> Series:
    """Reads columns of numbers from a UTF-8 CSV file, a row for each step of time.

    The first row gives the names of the columns where none of its cells is a number; without such
    a row they are called `"1"`, `"2"`, … Empty lines are left out.

    Args:
        path: The file, with commas between the cells.
        columns: Names of the columns to read, in this order; all by default. The others need not
            be numbers.
        encoding: That of the file, a name that Python knows.

    Returns:
        The `Series`.

    Raises:
        ValueError: Where the file is not there, is not UTF-8 or has no row of numbers, for an
            unknown column, or, naming line and column, for a cell that is missing or is no finite
            number.

    Example:

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "weather.csv")
    ...     _ = path.write_text("day,rain\\nMonday,0.5\\nTuesday,1.5\\n")
    ...     read_series(path, ["rain"]).values.tolist()
    [[0.5], [1.5]]
    """
    rows = _rows(path, encoding)
    line, first = next(rows, (0, None))
    if first is None:
        raise UserError(f"{path}: expected rows of numbers, which are not there")
    header = None if any(number_of(cell) is not None for cell in first) else first
    names = header or [str(i + 1) for i in range(len(first))]
    if len(set(names)) != len(names):
        raise UserError(f"{path}: expected columns of distinct names. Received: {names}")
    places = _places(path, names, columns)
    if header is None:
        rows = _put_back((line, first), rows)
    values = [_numbers(path, line, row, names, places) for line, row in rows]
    if not values:
        raise UserError(f"{path}: expected rows of numbers, which are not there")
    return Series(tuple(names[i] for i in places), np.array(values, "float64"))


def _rows(path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    lines = numbered_lines(path, encoding, ends=True)
    reader = csv.reader(line for _, line in lines)
    try:
        for row in reader:
            if row:
                yield reader.line_num, [cell.strip(WHITE_SPACE) for cell in row]
    except csv.Error as error:
        raise UserError(
            f"{path}, line {reader.line_num}: expected comma-separated values. Received: {error}"
        ) from None


def _put_back(row, rows) -> Iterator:
    yield row
    yield from rows


def _places(path, names: Sequence[str], columns: Sequence[str] | None) -> list[int]:
    chosen = names if columns is None else columns
    unknown = [name for name in chosen if name not in names]
    if unknown or len(set(chosen)) != len(chosen):
        raise UserError(
            f"{path}: expected distinct columns among {', '.join(names)}. "
            f"Received: {', '.join(chosen)}"
        )
    return [names.index(name) for name in chosen]


def _numbers(path, line: int, row: Sequence[str], names, places: Sequence[int]) -> list[float]:
    if len(row) != len(names):
        raise UserError(f"{path}, line {line}: expected {len(names)} cells. Received: {len(row)}")
    numbers = []
    for i in places:
        number = number_of(row[i])
        if number is None or not math.isfinite(number):
            raise UserError(
                f"{path}, line {line}, column {names[i]!r}: expected a finite number. "
                f"Received: {row[i]!r}"
            )
        numbers.append(number)
    return numbers
