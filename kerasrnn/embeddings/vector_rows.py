"""The rows of a file of word vectors: its form, then each word and what reads its vector."""

from __future__ import annotations

import codecs
import contextlib
import dataclasses
import functools
import os
import re
from collections.abc import Callable, Iterator, Sequence
from io import BufferedReader
from typing import BinaryIO

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.files import open_bytes

__all__ = ["Form", "opened", "recognise", "rows"]

HEAD = 1 << 20  # bytes from which the form of a file is recognised
LONGEST_WORD = 4096  # bytes; a longer "word" of a binary file is a sign of lost places
WHITE = b" \t\r\n"  # what may end a line
OTHER_FORMS = {
    b"PK\x03\x04": "a zip archive; unpack it first",
}
_GAP = re.compile(rb"([ \t]+)")
_NUMBER_AT_END = re.compile(rb"[ \t][-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclasses.dataclass(frozen=True)
class Form:
    """What the beginning of a file says: `count` is the header's number of words, if any."""

    binary: bool
    count: int | None
    dimensions: int


@contextlib.contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[BufferedReader]:
    """Opens a file of word vectors, gzipped or not; says what is wrong with one that is none."""
    with open_bytes(path) as file:
        magic = file.peek(4)[:4]
        if magic in OTHER_FORMS:
            raise UserError(f"{path}: expected word vectors. Received: {OTHER_FORMS[magic]}")
        yield file


def recognise(path: str | os.PathLike[str], file: BinaryIO) -> Form:
    """Finds the form of a file, and leaves it at its first word."""
    head = file.read(HEAD)
    line, _, rest = head.partition(b"\n")
    numbers = line.removeprefix(codecs.BOM_UTF8).split()
    if len(numbers) == 2 and all(number.isdigit() for number in numbers):
        count, dimensions = map(int, numbers)
        form = Form(_is_binary(rest, dimensions), count, dimensions)
    else:
        # The first line itself tells that this is a text of numbers, wanted or not.
        form = Form(False, None, len(_GAP.split(line.rstrip(WHITE))) // 2)
        if not form.dimensions or _row(line, form.dimensions) is None:
            received = _excerpt(line) if head else "an empty file"
            raise UserError(
                f"{path}, line 1: expected a header (the number of words and of dimensions) or a "
                f"word and its numbers. Received: {received}"
            )
    if form.dimensions < 1:
        raise UserError(f"{path}, line 1: expected vectors of at least one number. Received: 0")
    file.seek(0 if form.count is None else len(line) + 1)
    return form


def _is_binary(rest: bytes, dimensions: int) -> bool:
    """Tells from what follows a header whether numbers are bytes or text."""
    if _row(rest.partition(b"\n")[0], dimensions) is not None or not rest:
        return False
    # What is left is binary, or a text with a broken first line, whose numbers are still ASCII:
    # each takes two bytes at least.
    numbers = rest.partition(b" ")[2][: 2 * dimensions]
    return bool(_CONTROL.search(rest)) or not numbers.isascii()


def _row(line: bytes, dimensions: int) -> tuple[bytes, np.ndarray] | None:
    """Reads a line of text as a word and its numbers; `None` where it is none."""
    columns = _columns(line.rstrip(WHITE), dimensions)
    try:
        return None if columns is None else (columns[0], _to_float32(columns[1]))
    except ValueError:
        return None


def _columns(line: bytes, dimensions: int) -> tuple[bytes, list[bytes]] | None:
    """Splits a line at its last spaces; `None` where it has another number of columns."""
    if b"\t" in line or b"  " in line:
        parts = _GAP.split(line)
        word, numbers = b"".join(parts[: -2 * dimensions]), parts[-2 * dimensions + 1 :: 2]
    else:
        word, *numbers = line.rsplit(b" ", dimensions)
    if len(numbers) != dimensions or not word.strip(b" \t"):
        return None
    # A number too many would otherwise pass for the end of a word.
    return None if _NUMBER_AT_END.search(word) else (word, numbers)


def _to_float32(numbers: Sequence[bytes]) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.fromiter(map(float, numbers), np.float32, len(numbers))


Row = tuple[str, Callable[[], np.ndarray]]


def rows(path: str | os.PathLike[str], file: BinaryIO, form: Form) -> Iterator[Row]:
    """Yields each word, and a function that reads its vector."""
    read, count = _binary_rows if form.binary else _text_rows, 0
    for row in read(path, file, form):
        count += 1
        yield row
    if form.count not in (None, count):
        raise UserError(
            f"{path}: expected {form.count} words, as its header says. Received: {count}"
        )


def _text_rows(path, file: BinaryIO, form: Form) -> Iterator[Row]:
    for number, line in enumerate(file, start=1 if form.count is None else 2):
        line = line.rstrip(WHITE)
        if not line:
            continue
        place = f"{path}, line {number}"
        columns = _columns(line, form.dimensions)
        if columns is None:
            raise _malformed(place, form, line)
        try:
            word = columns[0].decode("utf-8")
        except UnicodeDecodeError as error:
            raise UserError(f"{place}: expected UTF-8. {error}") from error
        yield word, functools.partial(_text_vector, place, form, line, columns[1])


def _text_vector(place, form: Form, line: bytes, numbers: list[bytes]) -> np.ndarray:
    try:
        vector = _to_float32(numbers)
    except ValueError:
        raise _malformed(place, form, line) from None
    return _finite(place, vector)


def _binary_rows(path, file: BinaryIO, form: Form) -> Iterator[Row]:
    size, number, buffer, start = 4 * form.dimensions, 0, b"", 0
    while True:
        if len(buffer) - start < LONGEST_WORD + size:
            buffer, start = buffer[start:] + file.read(HEAD + size), 0
        # word2vec ends each record with a line end; gensim does not.
        while buffer[start : start + 1] == b"\n":
            start += 1
        if start == len(buffer):
            return
        number += 1
        place = f"{path}, record {number}"
        space = buffer.find(b" ", start, start + LONGEST_WORD)
        if space <= start or len(buffer) < space + 1 + size:
            raise _malformed(place, form, buffer[start : start + LONGEST_WORD])
        word = buffer[start:space].decode("utf-8", errors="replace")
        start = space + 1 + size
        yield word, functools.partial(_binary_vector, place, buffer[space + 1 : start])


def _binary_vector(place, numbers: bytes) -> np.ndarray:
    return _finite(place, np.frombuffer(numbers, "<f4").astype(np.float32, copy=False))


def _finite(place, vector: np.ndarray) -> np.ndarray:
    wrong = np.flatnonzero(~np.isfinite(vector))
    if len(wrong):
        raise UserError(
            f"{place}: expected finite numbers. Received: {vector[wrong[0]]} as number "
            f"{wrong[0] + 1}"
        )
    return vector


def _malformed(place, form: Form, received: bytes) -> UserError:
    numbers = "1 number" if form.dimensions == 1 else f"{form.dimensions} numbers"
    detail = "" if form.binary else f", {len(_GAP.split(received)) // 2 + 1} columns"
    return UserError(
        f"{place}: expected a word and {numbers}. Received: {_excerpt(received)}{detail}"
    )


def _excerpt(line: bytes) -> str:
    text = line[:50].decode("utf-8", errors="backslashreplace").rstrip()
    return repr(text + " …" if len(line) > 50 else text)
