"""Text files of lines, packed or not: errors name the line, and no file is left half-written."""

from __future__ import annotations

import contextlib
import gzip
import os
import pathlib
import tempfile
import zlib
from collections.abc import Iterator
from typing import TextIO

from kerasrnn.checks import UserError

__all__ = ["numbered_lines", "read_sentences", "wrong_line", "written_beside"]

GZIP = b"\x1f\x8b"


def numbered_lines(path: str | os.PathLike) -> Iterator[tuple[int, str]]:
    """Yields each line of a UTF-8 text file, without its end, and its number, from 1.

    A gzip file is known by its first bytes, whatever its name is. Lines end with a line feed, or
    a carriage return and a line feed; other characters that separate lines are part of the text.

    Args:
        path: The file.

    Raises:
        ValueError: For a file that is not there, that is no whole gzip file, or that has a line
            which is not UTF-8.
    """
    if not os.path.isfile(path):
        raise UserError(f"Expected a file. Received: {str(path)!r}, which is not there")
    with open(path, "rb") as file:
        packed = file.read(2) == GZIP
    try:
        with gzip.open(path) if packed else open(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    byte = line[error.start]
                    raise wrong_line(path, number, "UTF-8", f"the byte 0x{byte:02x}") from error
                yield number, text.removesuffix("\n").removesuffix("\r")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{path}: expected a whole gzip file. Received: {error}") from error


def read_sentences(path: str | os.PathLike) -> Iterator[str]:
    """Reads a text file, plain or compressed by gzip, a line at a time.

    Args:
        path: The file, in UTF-8.

    Yields:
        Its lines, without their ends.

    Raises:
        ValueError: For a file that is not there, or a line that is not UTF-8, which is named.
    """
    return (line for _, line in numbered_lines(path))


def wrong_line(path: str | os.PathLike, number: int, expected: str, received: str) -> UserError:
    """Returns the error of a broken line; a long line is shortened."""
    received = received if len(received) <= 80 else f"{received[:80]} …"
    return UserError(f"{path}, line {number}: expected {expected}. Received: {received}")


@contextlib.contextmanager
def written_beside(path: str | os.PathLike) -> Iterator[TextIO]:
    """Opens a UTF-8 text file for writing that takes its name when it is whole.

    Args:
        path: The file; packed by gzip where its name ends with `.gz`.
    """
    path = pathlib.Path(path)
    if not path.parent.is_dir():
        raise UserError(f"Expected a folder. Received: {str(path.parent)!r}, which is not there")
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        beside = pathlib.Path(folder, path.name)
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(beside, "wt", encoding="utf-8", newline="\n") as file:
            yield file
        os.replace(beside, path)
