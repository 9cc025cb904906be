"""Reading: bytes and lines of a user's file, gzipped or not, and what is wrong with them."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from io import BufferedReader
from typing import BinaryIO, cast

from kerasrnn.checks import UserError

__all__ = [
    "check_encoding",
    "decoded_lines",
    "numbered_lines",
    "open_bytes",
    "unpacked",
    "wrong_line",
]

_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def numbered_lines(
    path: str | os.PathLike[str], encoding: str = "utf-8", *, ends: bool = False
) -> Iterator[tuple[int, str]]:
    """Yields the lines of a text file and their numbers, from 1.

    Lines end with a line feed, or a carriage return and a line feed; other characters that
    separate lines are part of the text. A byte order mark is left out. A gzip file is known by its
    first bytes, whatever its name is.

    Args:
        path: The file.
        encoding: A name that Python knows, such as `"latin-1"` or `"cp949"`.
        ends: Whether the ends of the lines stay.

    Raises:
        UserError: For a file that is not there or cannot be read, that is no whole gzip file, or
            that has a line of another encoding, which is named.
    """
    with open_bytes(path) as file:
        for number, line in enumerate(decoded_lines(file, path, encoding), start=1):
            yield number, line if ends else line.removesuffix("\n").removesuffix("\r")


def decoded_lines(file: BinaryIO, name: object, encoding: str = "utf-8") -> Iterator[str]:
    """Yields the lines of a binary file, their ends included; see `numbered_lines`.

    Args:
        file: The file, or standard input.
        name: Its name, for the error.
        encoding: As in `numbered_lines`.
    """
    kind = check_encoding(encoding)
    if kind.startswith(("utf-16", "utf-32")):  # a line feed may be half of a character
        yield from _wide_lines(file, name, encoding)
        return
    for number, line in enumerate(file, start=1):
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            yield line.decode(kind)
        except UnicodeDecodeError as error:
            wide = number == 1 and line.startswith(_UTF_16)
            hint = f"`encoding` names another, such as {'utf-16' if wide else 'latin-1'}"
            received = f"the byte 0x{line[error.start]:02x} ({hint})"
            raise wrong_line(name, number, encoding.upper(), received) from None


def _wide_lines(file: BinaryIO, name: object, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(file, encoding, newline="\n")
    try:
        for number, line in enumerate(text):
            yield line if number else line.removeprefix("\ufeff")
    except UnicodeError as error:
        raise UserError(f"{name}: expected {encoding.upper()}. Received: {error}") from None
    finally:
        text.detach()


def check_encoding(encoding: str) -> str:
    """Returns the usual name of an encoding, or raises a `UserError` where Python knows none."""
    try:
        kind = codecs.lookup(encoding).name
        "".encode(kind)  # not every codec is one of texts
    except (LookupError, TypeError, ValueError):
        raise UserError(
            f"Expected `encoding` to be a name such as utf-8 or latin-1. Received: {encoding!r}"
        ) from None
    return "utf-8" if kind == "utf-8-sig" else kind


@contextlib.contextmanager
def open_bytes(path: str | os.PathLike[str]) -> Iterator[BufferedReader]:
    """Opens a user's file for reading, decompressed where its first bytes are those of gzip.

    Args:
        path: The file.

    Raises:
        UserError: For a file that is not there, cannot be read or is no whole gzip file.
    """
    if os.path.isdir(path):
        raise UserError(f"Expected a file. Received: {str(path)!r}, a folder")
    try:
        file = open(path, "rb")
    except FileNotFoundError:
        raise UserError(f"Expected a file. Received: {str(path)!r}, which is not there") from None
    except OSError as error:
        raise UserError(
            f"Expected a file that can be read. Received: {str(path)!r} ({error.strerror})"
        ) from None
    with file:
        try:
            yield unpacked(file)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UserError(f"{path}: expected a whole gzip file. Received: {error}") from error


def unpacked(file: BufferedReader) -> BufferedReader:
    """Returns a buffered file, or standard input, decompressed where it begins as gzip does."""
    # Reads, closes and peeks as a buffered reader does.
    return cast(BufferedReader, gzip.open(file)) if file.peek(2)[:2] == _GZIP else file


def wrong_line(name: object, number: int, expected: str, received: str) -> UserError:
    """Returns the error of a line; what was received is shortened where it is long."""
    received = received if len(received) <= 80 else f"{received[:80]} …"
    return UserError(f"{name}, line {number}: expected {expected}. Received: {received}")
