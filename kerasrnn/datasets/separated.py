"""Cells of a table whose columns are separated by a character."""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Callable, Iterator, Sequence

from kerasrnn.checks import UserError
from kerasrnn.files import numbered_lines

__all__ = ["SEPARATORS", "separated_rows", "separator_of"]

# Of a `.csv` file, the first that fits being meant.
SEPARATORS = (",", ";", "\t", "|")
# Enough to see whether all rows have as many columns.
LOOKED_AT = 100
# Python refuses cells of more than 131,072 characters, which long texts have. The limit is one for
# the whole process, and files are read in several threads: it is raised once, for good. It stays,
# so that a quote that nothing closes ends with an error instead of all memory.
csv.field_size_limit(max(csv.field_size_limit(), 10**8))


def separated_rows(
    path: str | os.PathLike, separator: str, encoding: str = "utf-8", *, quotes: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """Yields the cells of each row, and the number of the line that it begins in.

    Args:
        path: The file.
        separator: What stands between two cells.
        encoding: That of the file.
        quotes: Whether quotes around a cell are none of it, and let it hold separators and line
            ends, as in a `.csv` file; empty lines are then no rows.

    Raises:
        UserError: For a line whose quotes are wrong.
    """
    if not quotes:
        for number, line in numbered_lines(path, encoding):
            yield number, line.split(separator)
        return
    lines = numbered_lines(path, encoding, ends=True)
    reader = csv.reader((line for _, line in lines), delimiter=separator, strict=True)
    first = 1
    try:
        for row in reader:
            if row:
                yield first, row
            first = reader.line_num + 1
    except csv.Error as error:
        what = "comma-separated values" if separator == "," else f"values between {separator!r}"
        lines = f"line {first}" if reader.line_num <= first else f"lines {first} to the end"
        if reader.line_num > first and "end of data" not in str(error):
            lines = f"line {reader.line_num}"
        raise UserError(f"{path}, {lines}: expected {what}. {error}") from error


def separator_of(
    path: str | os.PathLike,
    encoding: str,
    fits: Callable[[Sequence[str]], bool],
    least: int,
) -> str:
    """Finds what separates the columns of a `.csv` file: a comma, unless another one fits better.

    Args:
        path: The file.
        encoding: That of the file.
        fits: Whether the cells of the first row are those that are looked for.
        least: How many columns there are at least.

    Returns:
        The first of `SEPARATORS` by which the first row fits; where none does, by which the first
        hundred rows have the same number of columns; otherwise by which the first row has enough.
    """
    tried = {each: _first_rows(path, each, encoding) for each in SEPARATORS}
    for separator, rows in tried.items():
        if rows and fits(rows[0]):
            return separator
    for separator, rows in tried.items():
        if len({len(row) for row in rows}) == 1 and len(rows[0]) >= least:
            return separator
    enough = (each for each, rows in tried.items() if rows and len(rows[0]) >= least)
    return next(enough, SEPARATORS[0])


def _first_rows(path, separator: str, encoding: str) -> list[list[str]]:
    try:
        rows = separated_rows(path, separator, encoding)
        return [row for _, row in itertools.islice(rows, LOOKED_AT)]
    except UserError:  # whoever reads it for good will say so
        return []
