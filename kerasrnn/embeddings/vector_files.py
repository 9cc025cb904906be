"""Files of word vectors: word2vec (text and binary), fastText and GloVe."""

from __future__ import annotations

import codecs
import contextlib
import dataclasses
import functools
import gzip
import os
import pathlib
import re
import tempfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np

from kerasrnn.vocabulary import Vocabulary

__all__ = ["WordVectors", "iterate_words", "read_vectors", "write_vectors"]

HEAD = 1 << 20  # bytes from which the form of a file is recognised
LONGEST_WORD = 4096  # bytes; a longer "word" of a binary file is a sign of lost places
WHITE = b" \t\r\n"  # what may end a line
GZIP = b"\x1f\x8b"
OTHER_FORMS = {
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"\xba\x16\x4f\x2f": "a fastText model; its vectors are in the .vec file",
}
_GAP = re.compile(rb"([ \t]+)")
_NUMBER_AT_END = re.compile(rb"[ \t][-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ASCII_SPACE = re.compile(r"[ \t\n\r\v\f]")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class WordVectors:
    """Words and a vector of each, in the order of their file.

    Vectors that are in memory already come in here too: those of gensim, for example, as
    `WordVectors(keyed.index_to_key, keyed.vectors)`.

    Args:
        words: N words. Where one is repeated, the first place is the one that is used.
        vectors: `(N, D)` numbers; kept as float32.

    Raises:
        ValueError: Where the vectors are no matrix with a row for each word.

    Example:

    >>> WordVectors(["cat", "dog"], [[0.5, 1.0, 2.0], [0.25, 0.0, -1.0]])
    <WordVectors of 2 words, 3 numbers each>
    """

    words: tuple[str, ...]
    vectors: np.ndarray

    def __post_init__(self):
        object.__setattr__(self, "words", tuple(self.words))
        with np.errstate(over="ignore"):  # who uses a vector asks whether it is finite
            object.__setattr__(self, "vectors", np.asarray(self.vectors, np.float32))
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.words):
            raise ValueError(
                f"Expected a matrix with a row for each of {len(self.words)} words. "
                f"Received: shape {self.vectors.shape}"
            )

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"<WordVectors of {len(self)} words, {self.vectors.shape[1]} numbers each>"


def read_vectors(
    path: str | os.PathLike, wanted: Collection[str] | Vocabulary | None = None
) -> WordVectors:
    """Reads word vectors, in the form that the content of the file shows.

    The file is read as a stream, and the vectors of unwanted words are passed over, so that a
    file may be far bigger than the memory. Four forms are known, each also gzipped: word2vec's
    text (a header with the number of words N and the number of dimensions D, then a word and D
    numbers a line), fastText's `.vec` (the same), GloVe's (no header; D follows from the first
    line) and word2vec's binary (the header, then for each word its bytes, a space and D
    little-endian float32). A first line of just two whole numbers is a header.

    Columns are separated by ASCII spaces or tabs and counted from the right, so that a word may
    hold other spaces, and even these as long as it does not end in a number. Empty lines are
    passed over. Where a word is repeated, its first vector stays. Text is UTF-8; in a binary file
    an invalid byte becomes U+FFFD, because word2vec cuts long words in the middle of a letter.

    Args:
        path: The file.
        wanted: The words to keep, or a `Vocabulary` with them; `None` keeps all.

    Returns:
        `WordVectors`, in the order of the file.

    Raises:
        ValueError: Where the file is not there or is none of the four; naming the line or the
            binary record, where one is no word with D numbers or a wanted one is not finite; or
            where the header counts other words than there are.

    Example:

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "vectors.txt")
    ...     _ = path.write_text("the 0.5 0.25\\ncat 1.5 -2\\n")
    ...     read_vectors(path, {"cat", "dog"}).vectors
    array([[ 1.5, -2. ]], dtype=float32)
    """
    if isinstance(wanted, str):
        raise ValueError(f"Expected `wanted` to be a collection of words. Received: {wanted!r}")
    keep = None
    if wanted is not None:
        keep = frozenset(wanted.tokens if isinstance(wanted, Vocabulary) else wanted)
    words, data = {}, bytearray()
    with _opened(path) as file:
        form = _recognise(path, file)
        for word, vector in _rows(path, file, form):
            if word not in words and (keep is None or word in keep):
                data += vector().tobytes()
                words[word] = None
    vectors = np.frombuffer(data, np.float32).reshape(len(words), form.dimensions)
    return WordVectors(tuple(words), vectors)


def iterate_words(path: str | os.PathLike) -> Iterator[str]:
    """Yields the words of a file one after another, without their vectors.

    Args:
        path: A file as for `read_vectors`, with the same errors.
    """
    with _opened(path) as file:
        for word, _ in _rows(path, file, _recognise(path, file)):
            yield word


def write_vectors(path: str | os.PathLike, words: Sequence[str], vectors) -> None:
    """Writes word2vec's text form, with as many digits as give the same float32 back.

    The file is written beside and renamed; a file that is there already is left as it is.

    Args:
        path: A new file.
        words: N distinct words without ASCII white space.
        vectors: `(N, D)` finite numbers; written as float32.

    Raises:
        ValueError: For a file that exists, a folder that does not, a word or a vector that
            cannot be written, or another number of vectors than of words; all before writing.

    Example:

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "vectors.txt")
    ...     write_vectors(path, ["cat", "dog"], [[0.5, 1.0], [0.25, -1.0]])
    ...     print(path.read_text(), end="")
    2 2
    cat 0.5 1
    dog 0.25 -1
    """
    path = pathlib.Path(path)
    if path.exists():
        raise ValueError(f"Expected a new file. Received: {str(path)!r}, which exists")
    if not path.parent.is_dir():
        raise ValueError(f"Expected a folder. Received: {str(path.parent)!r}, which is not there")
    table = WordVectors(words, vectors)
    _check_writable(table)
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        beside = pathlib.Path(beside, path.name)
        with open(beside, "wb") as file:
            file.write(b"%d %d\n" % table.vectors.shape)
            for word, row in zip(table.words, table.vectors, strict=True):
                numbers = " ".join(f"{number:.9g}" for number in row.tolist())
                file.write(f"{word} {numbers}\n".encode())
        os.replace(beside, path)


def _check_writable(table: WordVectors) -> None:
    if table.vectors.shape[1] == 0:
        raise ValueError("Expected vectors of at least one number. Received: none")
    seen = set()
    for word, row in zip(table.words, table.vectors, strict=True):
        if not word or _ASCII_SPACE.search(word):
            raise ValueError(f"Expected words without white space. Received: {word!r}")
        if word.encode(errors="replace").decode() != word:
            raise ValueError(f"Expected words that UTF-8 can write. Received: {word!r}")
        if word in seen:
            raise ValueError(f"Expected distinct words. Received {word!r} more than once")
        if not np.isfinite(row).all():
            raise ValueError(f"Expected finite numbers. Received: {word!r} with others")
        seen.add(word)


class _Form(NamedTuple):
    """What the beginning of a file says: `count` is the header's number of words, if any."""

    binary: bool
    count: int | None
    dimensions: int


@contextlib.contextmanager
def _opened(path) -> Iterator[BinaryIO]:
    if not os.path.isfile(path):
        raise ValueError(f"Expected a file. Received: {str(path)!r}, which is not there")
    with open(path, "rb") as file:
        magic = file.read(4)
    if magic in OTHER_FORMS:
        raise ValueError(f"{path}: expected word vectors. Received: {OTHER_FORMS[magic]}")
    try:
        with gzip.open(path) if magic.startswith(GZIP) else open(path, "rb") as file:
            yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: expected a whole gzip file. {error}") from error


def _recognise(path, file: BinaryIO) -> _Form:
    """Finds the form of a file, and leaves it at its first word."""
    head = file.read(HEAD)
    line, _, rest = head.partition(b"\n")
    numbers = line.removeprefix(codecs.BOM_UTF8).split()
    if len(numbers) == 2 and all(number.isdigit() for number in numbers):
        count, dimensions = map(int, numbers)
        form = _Form(_is_binary(rest, dimensions), count, dimensions)
    else:
        # The first line itself tells that this is a text of numbers, wanted or not.
        form = _Form(False, None, len(_GAP.split(line.rstrip(WHITE))) // 2)
        if not form.dimensions or _row(line, form.dimensions) is None:
            received = _excerpt(line) if head else "an empty file"
            raise ValueError(
                f"{path}, line 1: expected a header (the number of words and of dimensions) or a "
                f"word and its numbers. Received: {received}"
            )
    if form.dimensions < 1:
        raise ValueError(f"{path}, line 1: expected vectors of at least one number. Received: 0")
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


def _rows(path, file: BinaryIO, form: _Form) -> Iterator[Row]:
    """Yields each word, and a function that reads its vector."""
    read, count = _binary_rows if form.binary else _text_rows, 0
    for row in read(path, file, form):
        count += 1
        yield row
    if form.count not in (None, count):
        raise ValueError(
            f"{path}: expected {form.count} words, as its header says. Received: {count}"
        )


def _text_rows(path, file: BinaryIO, form: _Form) -> Iterator[Row]:
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
            raise ValueError(f"{place}: expected UTF-8. {error}") from error
        yield word, functools.partial(_text_vector, place, form, line, columns[1])


def _text_vector(place, form: _Form, line: bytes, numbers: list[bytes]) -> np.ndarray:
    try:
        vector = _to_float32(numbers)
    except ValueError:
        raise _malformed(place, form, line) from None
    return _finite(place, vector)


def _binary_rows(path, file: BinaryIO, form: _Form) -> Iterator[Row]:
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
        raise ValueError(
            f"{place}: expected finite numbers. Received: {vector[wrong[0]]} as number "
            f"{wrong[0] + 1}"
        )
    return vector


def _malformed(place, form: _Form, received: bytes) -> ValueError:
    numbers = "1 number" if form.dimensions == 1 else f"{form.dimensions} numbers"
    detail = "" if form.binary else f", {len(_GAP.split(received)) // 2 + 1} columns"
    return ValueError(
        f"{place}: expected a word and {numbers}. Received: {_excerpt(received)}{detail}"
    )


def _excerpt(line: bytes) -> str:
    text = line[:50].decode("utf-8", errors="backslashreplace").rstrip()
    return repr(text + " …" if len(line) > 50 else text)
