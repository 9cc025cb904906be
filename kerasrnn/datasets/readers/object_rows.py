"""Rows that name each of their values: which files have them, and what reads them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.readers.column_names import find_names
from kerasrnn.datasets.readers.json_objects import json_objects
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.reader_notes import note

__all__ = [
    "ALSO_OBJECTS",
    "OBJECTS",
    "field_names",
    "has_objects",
    "object_rows",
    "objects_of",
    "text_of_value",
]

# From a file and its encoding to the number of the line and the values by name of each row.
Reader = Callable[[str | os.PathLike[str], str], Iterator[tuple[int, dict[str, Any]]]]
# By ending what reads a file. A new form is an entry here: texts, images, series and sentences of
# labelled tokens are then read from it.
READERS: dict[str, Reader] = {
    ".jsonl": json_objects,
    ".ndjson": json_objects,
    ".json": json_objects,
}
# Read too where one names such a file, or a folder holds none of the others.
ALSO_OBJECTS = (".json",)
OBJECTS = tuple(form for form in READERS if form not in ALSO_OBJECTS)


def has_objects(path: str | os.PathLike[str]) -> bool:
    """Whether the rows of a file name their values, by its ending.

    Example:

    >>> has_objects("reviews.jsonl"), has_objects("reviews.JSON.GZ"), has_objects("reviews.csv")
    (True, True, False)
    """
    return form_of(path) in READERS


def objects_of(
    path: str | os.PathLike[str], encoding: str = "utf-8"
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Streams the rows of a file that names its values.

    Args:
        path: The file, see `has_objects`.
        encoding: That of the file.

    Yields:
        The number of the line that a row begins in, and its values by name.

    Raises:
        UserError: For a row of another form, whose line is named.
    """
    return READERS[form_of(path)](path, encoding)


def object_rows(
    path: str | os.PathLike[str], names: Mapping[str, Sequence[str]], encoding: str = "utf-8"
) -> Iterator[tuple[int, list[list[Any]]]]:
    """Streams some fields of the rows of a file that names its values.

    Args:
        path: The file, see `has_objects`.
        names: By role the names of the fields, with a slash where one is inside of another.
        encoding: That of the file.

    Yields:
        The number of the line, and for each role the values of its fields.

    Raises:
        ValueError: For a row of another form, or without the fields, whose line is named.
    """
    for number, row in objects_of(path, encoding):
        yield (
            number,
            [[_field(path, number, row, part) for part in parts] for parts in names.values()],
        )


def field_names(
    path: str | os.PathLike[str],
    names: Mapping[str, Sequence[str]],
    roles: Sequence[str],
    encoding: str = "utf-8",
) -> dict[str, Sequence[str]]:
    """Returns which fields are meant: those that were named, or have the usual names.

    Args:
        path: The file, see `has_objects`.
        names: By role the names that a user gave.
        roles: The roles.
        encoding: That of the file.

    Returns:
        By role the names of its fields, for `object_rows`; of a role that is not found its own. A
        note says which names are not those of the roles.
    """
    _, first = next(objects_of(path, encoding), (0, {}))
    usual = find_names([*first], [role for role in roles if role not in names])
    other = [f"{role}={name}" for role, name in usual.items() if name != role]
    if other:
        note(f"{path}: read as {', '.join(other)}")
    return {role: names.get(role, [usual.get(role, role)]) for role in roles}


def _field(path, number: int, row: dict[str, Any], name: str):
    value = row
    for key in [name] if name in row else name.split("/"):
        if not isinstance(value, dict) or key not in value:
            raise UserError(
                f"{path}, line {number}: expected the field {name}. "
                f"Received: {first_of(row) or 'none'} (`features` names another)"
            )
        value = value[key]
    return value


def text_of_value(path: str | os.PathLike[str], number: int, value: Any) -> str:
    """Returns a value as text; numbers and truth values are as JSON writes them.

    Raises:
        UserError: For a list, an object, null, or text that no UTF-8 can hold.
    """
    text = value if isinstance(value, str) else json.dumps(value)
    if value is None or isinstance(value, (list, dict)) or not _is_utf8(text):
        shown = json.dumps(value)
        raise UserError(f"{path}, line {number}: expected a text or a number. Received: {shown}")
    return text


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
