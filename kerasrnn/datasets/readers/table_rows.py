"""Rows of a user's table: tab-separated, comma-separated, or JSON lines."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerasrnn.datasets.readers.column_names import find_names, place_of
from kerasrnn.datasets.readers.object_rows import (
    ALSO_OBJECTS,
    OBJECTS,
    has_objects,
    object_rows,
    objects_of,
    text_of_value,
)
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.separated import separated_rows
from kerasrnn.datasets.readers.table_layout import column_numbers, layout_of
from kerasrnn.files import WHITE_SPACE, is_blank

__all__ = [
    "ALL_TABLES",
    "ALSO_TABLES",
    "BORDER",
    "PLAIN",
    "TABLES",
    "column_numbers",
    "column_titles",
    "numbered_rows",
    "table_rows",
]

TABLES = (".tsv", ".csv", *OBJECTS)
# Read too where one names such a file, or a folder holds none of the others: text files, whose
# lines hold the columns with tabs between them.
PLAIN = (".txt", ".text")
ALSO_TABLES = (*ALSO_OBJECTS, *PLAIN)
ALL_TABLES = (*TABLES, *ALSO_TABLES)
# Between the texts of several columns that are read as one; no line of a file contains it.
BORDER = "\n"


def table_rows(
    path: str | os.PathLike[str],
    roles: Sequence[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
) -> Iterator[tuple[str, ...]]:
    """Streams some columns of a table.

    A file is read as JSON lines or as a table with commas, or another of `separated.SEPARATORS`,
    by its ending; as a table with tabs otherwise.

    - Of a `.csv` file the first row names the columns. Where nothing is named, those of the roles
      have their names or one of `column_names.SYNONYMS`.
    - JSON lines likewise, the names being the keys of each object.
    - A table with tabs has exactly one column for each role and no header, unless its first line
      names all the roles. Their order is that of the roles, but for a label that is clearly
      before its text, see `column_names.label_is_first`.
    - Where all names are numbers, columns are counted from 1 and there is no header.

    Args:
        path: The file, perhaps gzipped.
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
    return (row for _, row in numbered_rows(path, roles, names, encoding))


def numbered_rows(
    path: str | os.PathLike[str],
    roles: Sequence[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
    *,
    beside: bool = False,
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Streams what `table_rows` does, each row with the number of the line that it begins in.

    Args:
        path: As in `table_rows`.
        roles: As in `table_rows`.
        names: As in `table_rows`.
        encoding: As in `table_rows`.
        beside: Whether columns of other roles may be there or not, see `layout_of`.
    """
    if has_objects(path):
        names = _names_of_objects(path, roles, names, encoding)
        for number, values in object_rows(path, names, encoding):
            texts = (
                [_text_of(path, number, role, each) for each in value]
                for role, value in zip(names, values, strict=True)
            )
            yield number, tuple(map(BORDER.join, texts))
        return
    layout = layout_of(path, roles, names, encoding, beside=beside)
    rows = separated_rows(path, layout.separator, encoding, quotes=layout.quotes)
    for number, row in itertools.islice(rows, int(layout.header), None):
        if len(row) < layout.least and all(map(is_blank, row)):
            continue  # an empty line, as at the end of many files
        yield number, tuple(map(BORDER.join, layout.cells(path, number, row)))


def column_titles(
    path: str | os.PathLike[str],
    roles: Sequence[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
) -> dict[str, list[str]]:
    """Names the columns that `table_rows` reads.

    Args:
        path: As in `table_rows`.
        roles: As in `table_rows`.
        names: As in `table_rows`.
        encoding: As in `table_rows`.

    Returns:
        By role the names of its columns, as the file writes them; without a header their numbers
        from 1 where these were named, else the role.
    """
    if has_objects(path):
        return _names_of_objects(path, roles, names, encoding)
    layout = layout_of(path, roles, names, encoding)
    if not layout.header:
        return {role: list(names.get(role, [role])) for role in roles}
    _, header = next(separated_rows(path, layout.separator, encoding, quotes=layout.quotes))
    columns = ([header[place].strip(WHITE_SPACE) for place in each] for each in layout.places)
    return dict(zip(roles, columns, strict=True))


def _text_of(path, number: int, role: str, value) -> str:
    # A label or a number that is null is missing, as one that is empty.
    return (
        "" if role in ("label", "number") and value is None else text_of_value(path, number, value)
    )


def _names_of_objects(path, roles, names: Mapping[str, Any], encoding: str) -> dict[str, list[str]]:
    """Names the fields of all roles, those that nobody named by the keys of the first object."""
    keys = [*next(objects_of(path, encoding), (1, {}))[1]]
    found = find_names(keys, [role for role in roles if role not in names])
    if list(found) != list(found.values()):
        meant = ", ".join(f"{role}={name}" for role, name in found.items())
        note(f"{path}: the fields are taken for {meant} (`features` names others)")
    chosen = {role: names.get(role, [found.get(role, role)]) for role in roles}
    for role, parts in chosen.items():
        whole = place_of(keys, parts)
        if whole is not None and len(whole) == 1:
            chosen[role] = [keys[whole[0]]]
    return chosen
