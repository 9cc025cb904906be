"""JSON files: written whole, and without NaN and infinity, which JSON does not have."""

from __future__ import annotations

import json
import math
import os
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.files.lines import open_bytes
from kerasrnn.files.writing import write_beside

__all__ = ["json_text", "read_json", "write_json"]

# Bytes that are read, and levels of lists within lists; a file of this package has a tenth.
MOST, MOST_LEVELS = 2**28, 100
TOO_DEEP = "lists that are nested too deep"


def json_text(content: Any, indent: int | None = None) -> str:
    """Returns JSON, in which NaN and infinity are null.

    Example:

    >>> json_text({"loss": float("nan"), "f1": 0.5})
    '{"loss": null, "f1": 0.5}'
    """
    return json.dumps(_finite(content), indent=indent, ensure_ascii=False, allow_nan=False)


def _finite(content):
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def write_json(path: str | os.PathLike[str], content: dict[str, Any]) -> None:
    """Writes a dictionary as indented JSON, see `json_text` and `write_beside`."""
    text = json_text(content, indent=2) + "\n"
    # Half of a surrogate pair, as in a path that is not UTF-8, becomes JSON's own escape.
    write_beside(path, lambda place: place.write_bytes(text.encode("utf-8", "backslashreplace")))


def read_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads a JSON file.

    Raises:
        UserError: Where it is not there or holds something else, NaN or more than 256 MB.
    """
    with open_bytes(path) as file:
        content = file.read(MOST + 1)
    if len(content) > MOST:
        raise UserError(f"{path}: expected JSON of at most {MOST:,} bytes. Received: more")
    try:
        content = json.loads(content, parse_constant=_no_number)
        _check_levels(content, MOST_LEVELS)
    except ValueError as error:
        raise UserError(f"{path}: expected JSON. Received: {error}") from None
    except RecursionError:
        raise UserError(f"{path}: expected JSON. Received: {TOO_DEEP}") from None
    return content


def _no_number(name: str) -> None:
    raise ValueError(f"{name}, which is no number of JSON")


def _check_levels(content, most: int) -> None:
    inside = content.values() if isinstance(content, dict) else content
    if not isinstance(content, (dict, list)):
        return
    if not most:
        raise ValueError(TOO_DEEP)
    for each in inside:
        _check_levels(each, most - 1)
