"""ARPA files, in which n-gram models go to and come from KenLM, SRILM and others."""

from __future__ import annotations

import gzip
import os
import pathlib
import re
from collections.abc import Iterator

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.files import beside
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.vocabulary import BEGIN, END, RESERVED, UNKNOWN

__all__ = ["write_arpa"]

# The reserved ids' names there; what SRILM writes for the begin token, which is never predicted.
NAMES = {UNKNOWN: b"<unk>", BEGIN: b"<s>", END: b"</s>"}
OTHER_UNKNOWN = RESERVED[UNKNOWN].encode()
NEVER = "-99"

LINES = 65_536  # that are written or read at a time


def write_arpa(model: BackoffModel, path: str | os.PathLike[str]) -> None:
    """Writes an n-gram model as an ARPA file.

    The unknown, begin and end ids are named `<unk>`, `<s>` and `</s>`, as all tools have it. A
    text whose rare words were replaced by the word `<unk>` before, such as the Penn Treebank of
    Mikolov, makes that an ordinary word of the vocabulary: then it keeps its name, other tools
    take it for what they do not know either, and our unknown token is named `<unknown>`.

    Args:
        model: The `BackoffModel`.
        path: The file; one whose name ends in `.gz` is compressed. It is written beside and
            renamed.

    Raises:
        ValueError: Where a token of the vocabulary contains white space or is one of the names
            `<s>`, `</s>` and `<unknown>`, for which the file has no room.

    Example:

    >>> import pathlib, tempfile
    >>> from kerasrnn.language_modeling import add_k, read_arpa
    >>> model = add_k(["a b", "a"], order=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "add_one.arpa.gz"
    ...     write_arpa(model, path)
    ...     read_arpa(path)
    <BackoffModel of 5 / 4 n-grams>
    """
    path = pathlib.Path(path)
    names = _names(model)
    with beside(path) as place, open(place, "wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                packed.writelines(_sections(model, names))
        else:
            file.writelines(_sections(model, names))


def _names(model: BackoffModel) -> np.ndarray:
    """`(V,)` of `str`: what each id is called."""
    tokens = model.vocabulary.tokens
    taken = {NAMES[BEGIN].decode(), NAMES[END].decode(), OTHER_UNKNOWN.decode()}
    for token in tokens:
        if token in taken or re.search(r"[ \t\n\r\x0b\x0c]", token):
            raise UserError(
                "Expected tokens without white space, none of which an ARPA file has another "
                f"meaning for. Received: {token!r}"
            )
    unknown = OTHER_UNKNOWN if NAMES[UNKNOWN].decode() in tokens else NAMES[UNKNOWN]
    reserved = ["", unknown.decode(), NAMES[BEGIN].decode(), NAMES[END].decode()]
    return np.array([*reserved, *tokens], object)


def _sections(model: BackoffModel, names: np.ndarray) -> Iterator[bytes]:
    """Yields the file, some thousand lines at a time."""
    # Orders that no sentence was long enough for are left out: some tools do not take them.
    sizes = [size for size in model.sizes if size]
    header = [f"ngram {n}={size}" for n, size in enumerate(sizes, start=1)]
    yield "\n".join(["\\data\\", *header, ""]).encode()
    for n in range(1, len(sizes) + 1):
        yield f"\n\\{n}-grams:\n".encode()
        rows = np.arange(len(model.log_probs[n - 1]))
        rows = rows[1:] if n == 1 else rows  # no padding
        for start in range(0, len(rows), LINES):
            yield "".join(_lines(model, names, n, rows[start : start + LINES])).encode()
    yield b"\n\\end\\\n"


def _lines(model: BackoffModel, names: np.ndarray, n: int, rows: np.ndarray) -> Iterator[str]:
    """Yields the lines of some n-grams of order n."""
    columns, size = [], len(names)
    row = rows
    for keys in reversed(model.keys[: n - 1]):
        columns.append(names[keys[row] % size])
        row = keys[row] // size
    columns.append(names[row])
    words = map(" ".join, zip(*reversed(columns), strict=True))
    # Nine digits: the error is far below what the file's readers keep in single precision.
    log_probs = [f"{each:.9g}" for each in model.log_probs[n - 1][rows] / np.log(10)]
    if n == 1:
        log_probs = [NEVER if i == BEGIN else each for i, each in zip(rows, log_probs, strict=True)]
    ends = ["\n"] * len(rows)
    if n < model.order:
        backoffs = model.backoffs[n - 1][rows] / np.log(10)
        ends = [f"\t{each:.9g}\n" if each else "\n" for each in backoffs.tolist()]
    for log_prob, each, end in zip(log_probs, words, ends, strict=True):
        yield f"{log_prob}\t{each}{end}"
