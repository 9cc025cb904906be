"""Writing files so that a crash leaves the old one or the new one, never half of either."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable

from kerasrnn.checks import UserError

__all__ = ["read_json", "write_beside", "write_json"]


def write_beside(path: pathlib.Path, write: Callable[[pathlib.Path], object]) -> None:
    """Calls `write` with a path beside `path`, of the same suffix, and renames the result."""
    beside = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    try:
        write(beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_json(path: pathlib.Path, content: dict) -> None:
    """Writes a dictionary as indented JSON."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_beside(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def read_json(path: pathlib.Path) -> dict:
    """Reads a JSON file; a broken one is a `ValueError` that names it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise UserError(f"{path}: expected JSON. {error}") from None
