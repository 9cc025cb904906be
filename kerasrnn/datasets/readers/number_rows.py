"""Rows of cells from a file of numbers: what separates them, and whether the first are names."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.object_rows import has_objects, objects_of
from kerasrnn.datasets.readers.separated import separated_rows
from kerasrnn.files import WHITE_SPACE, is_blank, number_of, numbered_lines, wrong_line

__all__ = ["named_rows", "number_of_cell"]

# In this order, for numbers may have a decimal comma.
SEPARATORS = (";", "\t", ",")
LOOKED_AT = 10  # lines by which the separator is chosen


def named_rows(
    path: str | os.PathLike[str], encoding: str = "utf-8", header: bool | None = None
) -> tuple[list[str], str, Iterator[tuple[int, list[str]]]]:
    """Opens a file of numbers.

    Args:
        path: The file, perhaps gzipped: JSON lines, whose keys are the names, where its
            name ends in `.jsonl`, `.ndjson` or `.json`; else a table. Its cells are separated by
            tabs where it ends in `.tsv`, or by what each of the first lines has equally often
            outside of quotes, of semicolon, tab and comma in this order; by commas in doubt.
        encoding: That of the file.
        header: Whether the first row has the names of the columns; by default where none of its
            cells is a number.

    Returns:
        The names of the columns, `"1"`, `"2"`, … without a header; what separates cells; and the
        rows, each with the number of its line. Empty lines are left out.

    Raises:
        UserError: For a file without rows, or, while rows are read, for a row of another length or
            form, whose line is named.
    """
    if has_objects(path):
        if header is False:
            raise UserError(f"{path}: expected a header, for JSON lines name all cells")
        rows = objects_of(path, encoding)
        line, first = next(rows, (0, {}))
        names = list(first)
        rows = itertools.chain([(line, first)], rows)
        rows = ((number, _cells_of(path, number, row, names)) for number, row in rows)
        separator = ""
    else:
        separator = "\t" if form_of(path) == ".tsv" else _separator(path, encoding)
        rows = _separated(path, encoding, separator)
        line, names = next(rows, (0, []))
        if header is None:
            header = all(number_of_cell(cell, separator) is None for cell in names)
        if not header:
            rows = itertools.chain([(line, names)], rows)
            names = [str(i + 1) for i in range(len(names))]
    if not line:
        raise UserError(f"{path}: expected rows of numbers, which are not there")
    return names, separator, _of_width(path, rows, len(names))


def number_of_cell(cell: str, separator: str) -> float | None:
    """Reads a number, see `files.number_of`; with a decimal comma where no commas separate cells.

    Example:

    >>> number_of_cell("1,5", ";"), number_of_cell("1,5", ","), number_of_cell("1.000,5", ";")
    (1.5, None, None)
    """
    if separator in (";", "\t") and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    return number_of(cell)


def _separator(path, encoding: str) -> str:
    lines = (line for _, line in numbered_lines(path, encoding) if not is_blank(line))
    first = list(itertools.islice(lines, LOOKED_AT))
    for separator in SEPARATORS:
        # Every other part is within quotes.
        numbers = {sum(part.count(separator) for part in line.split('"')[::2]) for line in first}
        if len(numbers) == 1 and numbers != {0}:
            return separator
    return ","


def _separated(path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    for number, row in separated_rows(path, separator, encoding):
        cells = [cell.strip(WHITE_SPACE) for cell in row]
        if cells != [""]:
            yield number, cells


def _cells_of(path, number: int, row: dict[str, Any], names: Sequence[str]) -> list[str]:
    if row.keys() != set(names):
        raise wrong_line(path, number, f"the fields {', '.join(names)}", ", ".join(row))
    values = (row[name] for name in names)
    return [value if isinstance(value, str) else json.dumps(value) for value in values]


def _of_width(path, rows, width: int) -> Iterator[tuple[int, list[str]]]:
    for number, row in rows:
        if len(row) != width:
            raise UserError(f"{path}, line {number}: expected {width} cells. Received: {len(row)}")
        yield number, row
