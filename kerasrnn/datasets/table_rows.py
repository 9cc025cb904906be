"""Rows of a user's table: tab-separated, comma-separated, or JSON lines."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence

from kerasrnn.checks import UserError
from kerasrnn.datasets.features import ROLES
from kerasrnn.datasets.local_files import form_of
from kerasrnn.files import is_blank, numbered_lines

__all__ = ["JSON_LINES", "TABLES", "column_numbers", "json_rows", "table_rows"]

JSON_LINES = (".jsonl", ".ndjson")
TABLES = (".tsv", ".csv", *JSON_LINES)
# Between the texts of several columns that are read as one; no line of a file contains it.
BORDER = "\n"


def table_rows(
    path: str | os.PathLike,
    roles: Sequence[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
) -> Iterator[tuple[str, ...]]:
    """Streams some columns of a table.

    A `.tsv` file for which nothing is named has exactly one column for each role, in their order,
    and no header. Of any other table the columns have the names of the roles, unless others are
    named: in the first row of a `.tsv` or `.csv` file, or as the keys of each object of JSON
    lines. Where all names are numbers, the columns are counted from 1 and there is no header.

    Args:
        path: The file, `.tsv`, `.csv`, `.jsonl` or `.ndjson`, perhaps with `.gz` behind.
        roles: The roles of the columns to read, see `features.ROLES`.
        names: What `feature_names` returned: of some roles the names or numbers of their columns.
        encoding: That of the file.

    Yields:
        A tuple of as many texts as there are roles.

    Raises:
        ValueError: For a row of another form or number of columns, whose line is named.

    Example:

    >>> rows = table_rows("reviews.csv", ("text", "label"), {"text": ["review"]})
    ... # doctest: +SKIP
    """
    form = form_of(path)
    names = {role: names.get(role, [role]) for role in roles} if names or form != ".tsv" else None
    if form in JSON_LINES:
        for number, values in json_rows(path, names, encoding):
            texts = [[_text(path, number, each) for each in value] for value in values]
            yield tuple(map(BORDER.join, texts))
        return
    if names is None:
        yield from _exact_rows(path, roles, encoding)
        return
    rows = _separated(path, form, encoding)
    numbers = column_numbers(names)
    if numbers is None:
        header = next(rows, (1, []))[1]
        numbers, width = _in_header(path, header, names), len(header)
    else:
        width = None
    least = 1 + max(map(max, numbers))
    for number, row in rows:
        if len(row) != width if width else len(row) < least:
            expected = (
                f"{width} columns, as in the header" if width else f"at least {least} columns"
            )
            raise UserError(f"{path}, line {number}: expected {expected}. Received: {len(row)}")
        yield tuple(BORDER.join(row[i] for i in places) for places in numbers)


def column_numbers(names: Mapping[str, Sequence[str]]) -> list[list[int]] | None:
    """Returns the places of columns that are named by numbers from 1; `None` for names."""
    if not all(part.isdecimal() and int(part) for parts in names.values() for part in parts):
        return None
    return [[int(part) - 1 for part in parts] for parts in names.values()]


def json_rows(
    path: str | os.PathLike, names: Mapping[str, Sequence[str]], encoding: str = "utf-8"
) -> Iterator[tuple[int, list[list]]]:
    """Streams some fields of the objects of JSON lines.

    Args:
        path: The file. Empty lines are left out.
        names: By role the names of the fields, with a slash where one is inside of another.
        encoding: That of the file.

    Yields:
        The number of the line, and for each role the values of its fields.

    Raises:
        ValueError: For a line that is no object or has not the fields, which is named.
    """
    for number, line in numbered_lines(path, encoding):
        if is_blank(line):
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(f"{path}, line {number}: expected a JSON object. {error}") from error
        if not isinstance(row, dict):
            raise UserError(f"{path}, line {number}: expected a JSON object. Received: {row!r}")
        yield (
            number,
            [[_field(path, number, row, part) for part in parts] for parts in names.values()],
        )


def _field(path, number: int, row: dict, name: str):
    value = row
    for key in [name] if name in row else name.split("/"):
        if not isinstance(value, dict) or key not in value:
            raise UserError(
                f"{path}, line {number}: expected the field {name}. "
                f"Received: {', '.join(map(str, row)) or 'none'}"
            )
        value = value[key]
    return value


def _text(path, number: int, value) -> str:
    """Returns a value as text; numbers and truth values are as JSON writes them."""
    text = value if isinstance(value, str) else json.dumps(value)
    if value is None or isinstance(value, (list, dict)) or not _is_utf8(text):
        shown = json.dumps(value)
        raise UserError(f"{path}, line {number}: expected a text or a number. Received: {shown}")
    return text


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _exact_rows(path, roles: Sequence[str], encoding: str) -> Iterator[tuple[str, ...]]:
    for number, row in _separated(path, ".tsv", encoding):
        if len(row) != len(roles):
            expected = ", a tab and ".join(ROLES[role] for role in roles)
            raise UserError(
                f"{path}, line {number}: expected {expected}. Received: {len(row)} columns"
            )
        yield tuple(row)


def _separated(path, form: str, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yields the number of the line and the columns of each row."""
    if form == ".tsv":
        for number, line in numbered_lines(path, encoding):
            yield number, line.split("\t")
        return
    lines = numbered_lines(path, encoding, ends=True)
    reader = csv.reader((line for _, line in lines), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise UserError(
            f"{path}, line {reader.line_num}: expected comma-separated values. {error}"
        ) from error


def _in_header(path, header: list[str], names: Mapping[str, Sequence[str]]) -> list[list[int]]:
    for role, parts in names.items():
        for part in parts:
            if header.count(part) != 1:
                raise UserError(
                    f"{path}, line 1: expected a header with the column {part} (`features` such "
                    f"as {role}=NAME names another). Received: {', '.join(header) or 'none'}"
                )
    return [[header.index(part) for part in parts] for parts in names.values()]
