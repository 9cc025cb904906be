"""Cells of a table whose columns are separated by a character."""

from __future__ import annotations

import contextlib
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
    path: str | os.PathLike[str], separator: str, encoding: str = "utf-8", *, quotes: bool = True
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
    path: str | os.PathLike[str],
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
    sizes = {}
    for separator in SEPARATORS:
        rows = separated_rows(path, separator, encoding)
        with contextlib.suppress(UserError):  # whoever reads it for good will say so
            first = next((row for _, row in rows), None)
            if first is None or fits(first):
                return separator
            others = itertools.islice(rows, LOOKED_AT)
            sizes[separator] = [len(first), *(len(row) for _, row in others)]
    enough = [each for each in sizes if sizes[each][0] >= least]
    alike = [each for each in enough if len(set(sizes[each])) == 1]
    return [*alike, *enough, SEPARATORS[0]][0]
