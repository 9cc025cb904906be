"""Rows at regular times: holes found and filled, rows merged, missing numbers filled."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.panels.raw_panel import RawRows
from kerasrnn.datasets.panels.time_steps import TimeStep
from kerasrnn.datasets.readers.reader_notes import note

__all__ = ["MISSING_RULES", "filled", "known_rows", "merged", "regular"]

# What stands for a number that is missing.
MISSING_RULES = {
    "last": "the last one before it",
    "linear": "a line between its neighbours",
    "zero": "0",
}
# More rows that are missing than these for each that is there are a slip.
MOST_HOLES = 20
HINT = "`resample` such as 1d makes them regular, `irregular` takes the rows as they are"


def merged(rows: RawRows, step: TimeStep) -> RawRows:
    """Makes one row of all that are within a step: the mean of the numbers that are there.

    Args:
        rows: A series with times.
        step: How far the rows will be from each other.

    Returns:
        The rows, at the times at which the steps begin; those without numbers are all there.
    """
    times = step.floor(np.asarray(rows.times))
    groups, first = np.unique(times, return_index=True)
    here = ~np.isnan(rows.values)
    sums = np.add.reduceat(np.where(here, rows.values, 0.0), first, axis=0)
    counts = np.add.reduceat(here, first, axis=0, dtype="int64")
    values = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    new = dataclasses.replace(rows, values=values, times=groups, lines=rows.lines[first])
    return _with_holes(new, step)[0]


def regular(series: Sequence[RawRows], step: TimeStep, missing: str) -> list[RawRows]:
    """Puts rows where times are missing.

    Args:
        series: With times.
        step: How far the rows are from each other.
        missing: `"refuse"`, or what will fill the rows.

    Raises:
        ValueError: For a time between those of the step; for one that is missing where that is
            refused.
    """
    found, holes, where = [], 0, None
    for rows in series:
        new, number = _with_holes(rows, step)
        if number and where is None:
            where = new.where(int(np.flatnonzero(new.lines == 0)[0]))
        holes += number
        found.append(new)
    if holes and missing == "refuse":
        total = sum(len(rows.lines) for rows in series)
        raise UserError(
            f"{where}: expected a row for each step of {step}. Received: {holes:,} times missing "
            f"beside {total:,} that are there (`missing` such as last fills them; {HINT})"
        )
    if holes:
        note(f"{where}: {holes:,} rows added for times that are missing")
    return found


def _with_holes(rows: RawRows, step: TimeStep) -> tuple[RawRows, int]:
    before = np.asarray(rows.times)
    places, exact = step.places(before)
    if not exact.all():
        row = int(np.flatnonzero(~exact)[0])
        raise UserError(
            f"{rows.where(row)}: expected times with a regular step, such as {step}, the most "
            f"frequent one. Received: {before[row].item()}{rows.of} ({HINT})"
        )
    number = int(places[-1]) + 1
    holes = number - len(places)
    if holes > MOST_HOLES * len(places):
        raise UserError(
            f"{rows.where(0)}: expected rows with a step of {step}{rows.of}. Received: {holes:,} "
            f"times missing beside {len(places):,} that are there ({HINT})"
        )
    if not holes:
        return rows, 0
    values = np.full((number, rows.values.shape[1]), np.nan)
    lines = np.zeros(number, "int64")
    values[places], lines[places] = rows.values, rows.lines
    times = step.after(before[0], np.arange(number))
    return dataclasses.replace(rows, values=values, times=times, lines=lines), holes


def known_rows(rows: RawRows, ahead: Sequence[int]) -> int:
    """Counts the rows up to the last one that has a number of a column that is not known ahead.

    Args:
        rows: A series.
        ahead: Places of the columns that are known ahead; without any all rows are known.

    Raises:
        ValueError: Where there is no such row.
    """
    if not ahead:
        return len(rows.values)
    past = np.delete(rows.values, ahead, axis=1)
    there = np.flatnonzero(~np.isnan(past).all(axis=1))
    if not there.size:
        raise UserError(f"{rows.path}: expected numbers of the past{rows.of}. Received: none")
    return int(there[-1]) + 1


def filled(
    series: Sequence[RawRows],
    known: Sequence[int],
    columns: Sequence[str],
    ahead: Sequence[int],
    missing: str,
) -> list[np.ndarray]:
    """Fills the numbers that are missing.

    Those at the beginning of a series are the first one that is there, those at its end the last;
    but 0 by the rule `"zero"`.

    Args:
        series: The rows.
        known: How many rows of each are the past; behind them only columns known ahead are filled.
        columns: Names of the columns.
        ahead: Places of those that are known ahead.
        missing: `"refuse"`, `"last"`, `"linear"` or `"zero"`.

    Returns:
        `(T, F)` float64 for each series.

    Raises:
        ValueError: Where numbers are missing and that is refused; for a column without any in a
            series; for one that is known ahead and ends too early.
    """
    counts = np.zeros(len(columns), "int64")
    total, where, found = 0, None, []
    for rows, number in zip(series, known, strict=True):
        values = rows.values.copy()
        total += number
        for place, name in enumerate(columns):
            end = len(values) if place in ahead else number
            column = values[:end, place]
            empty = np.isnan(column)
            if not empty.any():
                continue
            if empty.all() and missing != "zero":
                raise UserError(
                    f"{rows.path}: expected numbers in {name!r}{rows.of}. Received: none"
                )
            if empty[number:].any():
                first = number + int(np.flatnonzero(empty[number:])[0])
                raise UserError(
                    f"{rows.where(first)}: expected a number in {name!r}, which is known "
                    f"ahead{rows.of}. Received: none"
                )
            where = where or rows.where(int(np.flatnonzero(empty)[0]))
            counts[place] += empty.sum()
            if missing != "refuse":
                column[empty] = _stand_ins(column, empty, missing)
        found.append(values)
    if counts.any():
        shown = first_of(
            f"{count:,} in {name!r}" for name, count in zip(columns, counts, strict=True) if count
        )
        if missing == "refuse":
            raise UserError(
                f"{where}: expected numbers in all rows (`missing` last, linear or zero fills "
                f"them). Received: of {total:,} missing {shown}"
            )
        note(f"{where}: of {total:,} numbers missing, now {MISSING_RULES[missing]}: {shown}")
    return found


def _stand_ins(column: np.ndarray, empty: np.ndarray, missing: str) -> np.ndarray:
    if missing == "zero":
        return np.zeros(int(empty.sum()))
    there, gone = np.flatnonzero(~empty), np.flatnonzero(empty)
    if missing == "linear":  # beyond the ends the first and the last number
        return np.interp(gone, there, column[there])
    before = np.maximum(np.searchsorted(there, gone) - 1, 0)
    return column[there[before]]
