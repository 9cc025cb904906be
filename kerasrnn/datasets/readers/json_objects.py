"""Objects of JSON files: one on each line, or a list of them."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.files import is_blank, numbered_lines

__all__ = ["json_objects"]


def json_objects(
    path: str | os.PathLike[str], encoding: str = "utf-8"
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Streams the objects of JSON lines, or of a `.json` file that is one list of objects.

    Args:
        path: The file; empty lines are left out. A list is kept in memory.
        encoding: That of the file.

    Yields:
        The number of the line that it begins in, and the object.

    Raises:
        UserError: For a line that is no object, which is named.
    """
    lines = (
        (number, line) for number, line in numbered_lines(path, encoding) if not is_blank(line)
    )
    first = next(lines, None)
    if first and form_of(path) == ".json" and first[1].lstrip().startswith("["):
        yield from _listed(path, encoding)
        return
    for number, line in itertools.chain([first] if first else [], lines):
        yield number, _object(path, number, _parsed(path, number, line))


def _parsed(path, number: int, text: str):
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"{path}, line {number}: expected a JSON object. {error}") from error


def _object(path, number: int, row) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise UserError(f"{path}, line {number}: expected a JSON object. Received: {row!r:.80}")
    return row


def _listed(path, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    text = "".join(line for _, line in numbered_lines(path, encoding, ends=True))
    number, place, decoder = 1, text.index("[") + 1, json.JSONDecoder()
    number += text.count("\n", 0, place)
    while True:
        start = _behind(text, place, " \t\r\n,")
        number += text.count("\n", place, start)
        if text[start : start + 1] == "]":
            return
        try:
            row, place = decoder.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(f"{path}, line {number}: expected a JSON object. {error}") from error
        yield number, _object(path, number, row)
        number += text.count("\n", start, place)


def _behind(text: str, place: int, characters: str) -> int:
    while text[place : place + 1] and text[place] in characters:
        place += 1
    return place
