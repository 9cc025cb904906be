"""Reading ARPA files, whoever wrote them."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import warnings
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.files import open_bytes
from kerasrnn.language_modeling.ngrams.arpa import LINES, NAMES, OTHER_UNKNOWN
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.language_modeling.ngrams.ngram_table import Ngrams, model_of
from kerasrnn.vocabulary import END, RESERVED, UNKNOWN, Vocabulary

__all__ = ["read_arpa"]

# The decimal log-probability that KenLM gives what a closed vocabulary lacks.
NEVER_SEEN = -100.0


def read_arpa(path: str | os.PathLike[str]) -> BackoffModel:
    """Reads an n-gram model from an ARPA file, plain or gzipped.

    `<unk>` (or `<UNK>`) becomes the unknown id, `<s>` and `</s>` become begin and end; where the
    file has the word `<unknown>` beside `<unk>`, that one is the unknown id, as `write_arpa` has
    it. The other words make the vocabulary, in their order. A back-off weight that is missing is
    0, and an n-gram that is missing although longer ones start with it has the probability that
    backing off gives it.

    Args:
        path: The file.

    Returns:
        A `BackoffModel`. Where the file has no unknown word, the unknown token's decimal
        log-probability is −100, as KenLM has it, and a `UserWarning` says so.

    Raises:
        ValueError: Where the file is no ARPA file; the message names the file and the line.
    """
    with _open(path) as lines:
        sizes = _sizes(lines)
        lines.expect(rb"\1-grams:")
        vocabulary, ids, unigrams = _unigrams(lines, sizes[0])
        orders = [unigrams]
        for n, size in enumerate(sizes[1:], start=2):
            lines.expect(rf"\{n}-grams:".encode())
            orders.append(_ngrams(lines, n, size, ids.__getitem__))
        lines.expect(b"\\end\\")
    return model_of(vocabulary, orders)


class _Lines:
    """The lines of a file, and what is wrong with them."""

    def __init__(self, path, file):
        self.path, self.number, self._file = path, 0, file

    def __iter__(self) -> Iterator[bytes]:
        try:
            for line in self._file:
                self.number += 1
                yield line
        except (EOFError, OSError, zlib.error) as error:
            raise self.wrong("a file that is not damaged", str(error)) from None

    def wrong(self, expected: str, received: object, number: int | None = None) -> UserError:
        number = self.number if number is None else number
        return UserError(f"{self.path}, line {number}: expected {expected}. Received: {received}")

    def expect(self, wanted: bytes) -> None:
        """Goes past the next line that is not blank, which must be this one."""
        line = next((line for line in self if line.strip()), b"the end of the file")
        if line.strip() != wanted:
            raise self.wrong(wanted.decode(), repr(line.strip())[1:])


@contextlib.contextmanager
def _open(path: str | os.PathLike[str]) -> Iterator[_Lines]:
    with open_bytes(path) as file:
        yield _Lines(path, file)


def _sizes(lines: _Lines) -> list[int]:
    """Reads the header: the number of n-grams of each order."""
    for line in lines:
        if line.strip() == b"\\data\\":
            break
    else:
        raise lines.wrong("\\data\\", "the end of the file")
    sizes: list[int] = []
    for line in lines:
        if not line.strip():
            if sizes:
                return sizes
            continue
        found = re.fullmatch(rb"ngram\s+(\d+)\s*=\s*(\d+)", line.strip())
        if not found or int(found[1]) != len(sizes) + 1:
            expected = f"'ngram {len(sizes) + 1}=' and a number"
            raise lines.wrong(expected, repr(line.strip())[1:])
        sizes.append(int(found[2]))
    raise lines.wrong("1-grams", "the end of the file")


def _unigrams(lines: _Lines, size: int) -> tuple[Vocabulary, dict[bytes, int], Ngrams]:
    """Reads the single words, which make the vocabulary."""
    words: dict[bytes, int] = {}

    def number(word: bytes) -> int:
        word.decode("utf-8")
        return words.setdefault(word, len(words))

    first = lines.number + 1
    found = _ngrams(lines, 1, size, number)
    if len(words) < size:
        twice = np.flatnonzero(found.ids[:, 0] != np.arange(size))[0]
        word = list(words)[found.ids[twice, 0]]
        raise lines.wrong("each word once", repr(word)[1:], first + twice)
    names = {name: i for i, name in NAMES.items()}
    if OTHER_UNKNOWN in words and NAMES[UNKNOWN] in words:
        del names[NAMES[UNKNOWN]]
        names[OTHER_UNKNOWN] = UNKNOWN
    elif NAMES[UNKNOWN] not in words and b"<UNK>" in words:
        names[b"<UNK>"] = UNKNOWN
    if NAMES[END] not in words:
        raise lines.wrong("a 1-gram </s>", f"{size} others")
    tokens = [word for word in words if word not in names]
    ids = names | {word: i for i, word in enumerate(tokens, start=len(RESERVED))}
    vocabulary = Vocabulary([token.decode("utf-8") for token in tokens])
    rows = np.array([ids[word] for word in words])
    log_probs, backoffs = (
        np.full(len(vocabulary), NEVER_SEEN * np.log(10)),
        np.zeros(len(vocabulary)),
    )
    log_probs[rows], backoffs[rows] = found.log_probs, found.backoffs
    if UNKNOWN not in rows:
        warnings.warn(
            f"{lines.path} has no <unk>: the decimal log-probability of what its vocabulary "
            f"lacks is taken to be {NEVER_SEEN:.0f}.",
            stacklevel=3,
        )
    return vocabulary, ids, Ngrams(np.arange(len(vocabulary))[:, None], log_probs, backoffs)


def _ngrams(lines: _Lines, n: int, size: int, lookup: Callable[[bytes], int]) -> Ngrams:
    """Reads the n-grams of order n."""
    first, parts = lines.number + 1, []
    for start in range(0, size, LINES):
        wanted = min(LINES, size - start)
        block = list(itertools.islice(lines, wanted))
        parts.append(_parsed(lines, block, lines.number - len(block) + 1, n, lookup))
        if len(block) < wanted:
            raise lines.wrong(f"{size} {n}-grams", f"{start + len(block)}, then the file ends")
    if not parts:
        parts = [_parse([], n, lookup)]
    ids, log_probs, backoffs = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Ngrams(ids, log_probs, backoffs, f"{lines.path}, line {{}}", first)


def _parsed(lines: _Lines, block: list[bytes], first: int, n: int, lookup) -> tuple:
    """Parses lines, and says which one is broken where one is."""
    try:
        return _parse(block, n, lookup)
    except (ValueError, KeyError):
        for number, line in enumerate(block, start=first):
            try:
                _parse([line], n, lookup)
            except (ValueError, KeyError):
                expected = (
                    f"a log-probability of at most 0, {n} words in UTF-8 that are 1-grams, and "
                    "perhaps a back-off weight"
                )
                raise lines.wrong(expected, repr(line.strip())[1:], number) from None
        raise


def _parse(block: list[bytes], n: int, lookup) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the ids, `(R, n)` int32, and in natural logarithms log-probabilities and weights."""
    rows = [line.split() for line in block]
    if not set(map(len, rows)) <= {n + 1, n + 2}:
        raise UserError
    words = itertools.chain.from_iterable(row[1 : n + 1] for row in rows)
    ids = np.fromiter(map(lookup, words), "int32", n * len(rows)).reshape(-1, n)
    log_probs = np.array([float(row[0]) for row in rows])
    backoffs = np.array([float(row[n + 1]) if len(row) > n + 1 else 0.0 for row in rows])
    if not ((log_probs <= 0).all() and (backoffs < np.inf).all()):
        raise UserError
    return ids, log_probs * np.log(10), backoffs * np.log(10)
