"""Numeric series as people have them in Python: tables, arrays, lists of rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets.sources.series import Series

__all__ = ["RawSeries", "as_series", "is_table"]

# A `Series`, or what `as_series` makes one of: a table, an array, rows.
RawSeries = Any


def is_table(raw: Any) -> bool:
    """Whether something has columns under names, as a `Series`, a DataFrame or a dictionary has."""
    return hasattr(raw, "columns") or isinstance(raw, Mapping)


def as_series(raw: RawSeries, columns: Sequence[str] | None = None) -> Series:
    """Makes a `Series` of numbers, however they come.

    Args:
        raw: A `Series`; a table, such as a DataFrame or a dictionary of columns; a `(T, F)` array,
            or `(T,)` for one column; or an iterable of rows, each a list or a dictionary.
        columns: The names of the columns that are wanted, in their order. A table may have others
            beside them; the columns of an array have their order. By default all of them, which
            are called `"1"`, `"2"`, … where they have no names.

    Returns:
        The `Series`, float64.

    Raises:
        ValueError: For a text, other columns, rows of different lengths, or what is no finite
            number.

    Example:

    >>> as_series({"day": ["Mo", "Tu"], "rain": [0.5, 1]}, ["rain"]).values.tolist()
    [[0.5], [1.0]]
    >>> as_series([[1, 2], [3, 4]]).columns
    ('1', '2')
    """
    if isinstance(raw, Series):
        if columns is not None and raw.columns != tuple(columns):
            raise UserError(f"Expected the columns {list(columns)}. Received: {list(raw.columns)}")
        return raw
    if not is_table(raw):
        raw = _array_or_table(raw)
    if is_table(raw):
        return _from_table(raw, columns)
    values = _numbers(raw, "rows of numbers")
    if values.ndim == 1:
        values = values.reshape(len(values), 1 if values.size or columns is None else len(columns))
    if values.ndim != 2 or (columns is not None and values.shape[1] != len(columns)):
        wanted = "" if columns is None else f": {', '.join(columns)}"
        raise UserError(f"Expected rows and columns of numbers{wanted}. Received: {values.shape}")
    names = [str(i + 1) for i in range(values.shape[1])] if columns is None else columns
    return _finite(tuple(names), values)


def _array_or_table(raw):
    """Reads rows once; those of dictionaries become a dictionary of columns."""
    if isinstance(raw, (str, bytes, os.PathLike)):
        raise UserError(
            "Expected a series of numbers, such as an array or a table. Received: one text, "
            f"{raw!r:.60} (`read_series` reads files)"
        )
    for method in ("as_numpy_iterator", "numpy"):  # of a `tf.data.Dataset`, of a tensor
        if hasattr(raw, method):
            raw = getattr(raw, method)()
    if not isinstance(raw, Iterable):
        raise UserError(f"Expected a series of numbers. Received: {raw!r:.60}")
    if isinstance(raw, np.ndarray):
        return raw
    rows = list(raw)
    if rows and all(isinstance(row, Mapping) for row in rows):
        return {name: [row.get(name) for row in rows] for name in rows[0]}
    return rows


def _from_table(table, columns: Sequence[str] | None) -> Series:
    there = list(table.columns) if hasattr(table, "columns") else list(table)
    columns = there if columns is None else list(columns)
    missing = [name for name in columns if there.count(name) != 1]
    if missing or not columns:
        raise UserError(
            f"Expected a table with the columns {', '.join(map(str, columns)) or 'of a series'}. "
            f"Received: {', '.join(map(str, there)) or 'none'}"
        )
    values = [_numbers(table[name], f"numbers in the column {str(name)!r}") for name in columns]
    if len({each.shape for each in values}) > 1 or values[0].ndim != 1:
        raise UserError(
            "Expected columns of as many numbers each. "
            f"Received: {', '.join(str(each.shape) for each in values)}"
        )
    return _finite(tuple(map(str, columns)), np.stack(values, axis=1))


def _numbers(values, what: str) -> np.ndarray:
    try:
        array = np.asarray(values)
        # Digits in a text are no number, and neither is a date.
        texts = array.dtype == object and any(isinstance(x, (str, bytes)) for x in array.flat)
        if texts or array.dtype.kind not in "biufO":
            raise TypeError
        return array.astype("float64")
    except (OverflowError, TypeError, ValueError):
        raise UserError(f"Expected {what}. Received: {values!r:.60}") from None


def _finite(columns: tuple[str, ...], values: np.ndarray) -> Series:
    wrong = np.argwhere(~np.isfinite(values))
    if wrong.size:
        row, place = wrong[0]
        raise UserError(
            f"Expected finite numbers in the column {columns[place]!r}. "
            f"Received: {values[row, place]} in row {row}, from 0"
        )
    return Series(columns, values)
