"""Numeric series from a file, and their parts in the order of time."""

from __future__ import annotations

import array
import dataclasses
import math
import os
from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, check_texts
from kerasrnn.datasets.readers.number_rows import named_rows, number_of_cell
from kerasrnn.datasets.readers.splits import PERIOD, Part, check_split
from kerasrnn.datasets.readers.times import is_time

__all__ = ["Series", "read_series"]

# What people write where a number is missing, and numbers that are not finite.
MISSING = ("", "-", "?", "n/a", "na", "nil", "none", "null")
NOT_FINITE = ("nan", "inf", "infinity")


@dataclasses.dataclass(frozen=True)
class Series:
    """Columns of numbers, a row for each step of time.

    Attributes:
        columns: Names of the F columns.
        values: `(T, F)` float64.
        times: For each row the date or time that its file has for it, as a text; `None` without.
        time_name: Name of the column that they are from.
        left_out: Of each column that was left out since it has no numbers, its name and a cell.
    """

    columns: tuple[str, ...]
    values: np.ndarray
    times: tuple[str, ...] | None = None
    time_name: str = "time"
    left_out: tuple[tuple[str, str], ...] = ()

    def rows(self, start: int | None, stop: int | None = None) -> Series:
        """Cuts out rows.

        Args:
            start: The first row, from the end where it is negative.
            stop: The row behind the last one; the end by default.

        Returns:
            These rows.

        Example:

        >>> Series(("x",), np.arange(5.0)[:, None]).rows(-2).values.ravel().tolist()
        [3.0, 4.0]
        """
        times = None if self.times is None else self.times[start:stop]
        return dataclasses.replace(self, values=self.values[start:stop], times=times)

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
        return self.rows(start, stop)


def read_series(
    path: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
    *,
    encoding: str = "utf-8",
    header: bool | None = None,
) -> Series:
    """Reads columns of numbers from a file, a row for each step of time.

    A number is digits, perhaps with a sign, a decimal point, an exponent and white space around:
    neither `1,000` nor `5 %`, `0x1F` or `nan`. Where semicolons or tabs separate the cells, it may
    have a decimal comma. Empty lines are left out.

    Args:
        path: The file: `.csv` with commas, semicolons or tabs between the cells, `.tsv`, or
            `.jsonl`, each perhaps gzipped.
        columns: Names of the columns to read, in this order. By default all but those that are
            mostly something else than numbers, such as dates.
        encoding: That of the file, a name that Python knows.
        header: Whether the first row has the names of the columns, as it has by default where none
            of its cells is a number. Without names they are called `"1"`, `"2"`, …

    Returns:
        The `Series`; its `times` are those of the first column of dates or times, if any.

    Raises:
        ValueError: Where the file is not there, has another encoding or no row of numbers, for an
            unknown column, or, naming line and column, for a cell that is missing or is no finite
            number.

    Example:

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "weather.csv")
    ...     _ = path.write_text("day,rain\\n2026-11-01,0.5\\n2026-11-02,1.5\\n")
    ...     series = read_series(path)
    >>> series.columns, series.values.tolist(), series.times
    (('rain',), [[0.5], [1.5]], ('2026-11-01', '2026-11-02'))
    """
    names, separator, rows = named_rows(path, encoding, header)
    cells = _Cells(names, separator, None if columns is None else _places(path, names, columns))
    for line, row in rows:
        cells.add(line, row)
    if not cells.number:
        raise UserError(f"{path}: expected rows of numbers, which are not there")
    return cells.series(path)


def _places(path, names: Sequence[str], columns: Sequence[str]) -> list[int]:
    chosen = check_texts("columns", columns, "names")
    unknown = [name for name in chosen if names.count(name) != 1]
    if unknown or not chosen or len(set(chosen)) != len(chosen):
        raise UserError(
            f"{path}: expected distinct columns among {', '.join(names)}. "
            f"Received: {', '.join(chosen) or 'none'}"
        )
    return [names.index(name) for name in chosen]


class _Cells:
    """What is read of a file: numbers, what is no number, and the times of the rows.

    Args:
        names: Those of all columns.
        separator: What separates cells.
        places: Which columns were chosen, `None` for those of numbers.
    """

    def __init__(self, names: Sequence[str], separator: str, places: Sequence[int] | None):
        self.names, self.separator = names, separator
        self.chosen, self.places = places, range(len(names)) if places is None else places
        self.number = 0
        self.values = [array.array("d") for _ in self.places]
        # Of each column, the first cell that is no number, and how many texts there are.
        self.wrong: list[tuple[int, str] | None] = [None for _ in self.places]
        self.texts = [0 for _ in self.places]
        self.missing = [0 for _ in self.places]
        self.time, self.times = None, []

    def add(self, line: int, row: Sequence[str]) -> None:
        if not self.number:
            others = [i for i in range(len(row)) if i not in (self.chosen or ())]
            times = (i for i in others if number_of_cell(row[i], self.separator) is None)
            self.time = next((i for i in times if is_time(row[i])), None)
        self.number += 1
        if self.time is not None:
            self.times.append(row[self.time])
        for j, i in enumerate(self.places):
            number = number_of_cell(row[i], self.separator)
            if number is None or not math.isfinite(number):
                self.wrong[j] = self.wrong[j] or (line, row[i])
                word = row[i].lower()
                if word in MISSING:
                    self.missing[j] += 1
                elif number is None and word.lstrip("+-") not in NOT_FINITE:
                    self.texts[j] += 1
            self.values[j].append(math.nan if number is None else number)

    def series(self, path) -> Series:
        """Makes the series, or raises a `UserError` that names the cell that is no number."""
        kept = [j for j in range(len(self.places)) if self.chosen is not None or self._is_kept(j)]
        for j in kept:
            wrong = self.wrong[j]
            if wrong is not None:
                line, cell = wrong
                raise UserError(
                    f"{path}, line {line}, column {self.names[self.places[j]]!r}: expected a "
                    f"finite number. Received: {cell!r:.80}"
                )
        left_out = tuple(
            (self.names[self.places[j]], wrong[1])
            for j, wrong in enumerate(self.wrong)
            if j not in kept and wrong is not None
        )
        if not kept:
            shown = ", ".join(f"{name} ({cell!r:.40})" for name, cell in left_out)
            raise UserError(f"{path}: expected a column of numbers. Received: {shown}")
        columns = tuple(self.names[self.places[j]] for j in kept)
        if len(set(columns)) != len(columns):
            raise UserError(f"{path}: expected columns of distinct names. Received: {columns}")
        values = np.stack([np.frombuffer(self.values[j]) for j in kept], axis=1)
        found = Series(columns, values, left_out=left_out)
        if self.time is None:
            return found
        name = self.names[self.time]
        return dataclasses.replace(found, times=tuple(self.times), time_name=name)

    def _is_kept(self, j: int) -> bool:
        """Whether a column is one of numbers, of which none may be missing."""
        numbers = self.number - self.texts[j] - self.missing[j]
        return 0 < numbers >= self.texts[j]
