"""Files of word vectors: word2vec (text and binary), fastText (text and models) and GloVe."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.embeddings.fasttext_model import (
    is_fasttext_model,
    model_dimensions,
    read_model_vectors,
)
from kerasrnn.embeddings.vector_rows import opened, recognise, rows
from kerasrnn.files import beside
from kerasrnn.vocabulary import Vocabulary

__all__ = ["WordVectors", "iterate_words", "read_vectors", "vector_dimensions", "write_vectors"]

_ASCII_SPACE = re.compile(r"[ \t\n\r\v\f]")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class WordVectors:
    """Words and a vector of each, in the order of their file.

    Vectors that are in memory already come in here too: those of gensim, for example, as
    `WordVectors(keyed.index_to_key, keyed.vectors)`.

    Args:
        words: N words. Where one is repeated, the first place is the one that is used.
        vectors: `(N, D)` numbers; kept as float32.
        compose: A function from another word to a vector `(D,)`, or to `None`; a model of fastText
            has one.

    Raises:
        ValueError: Where the vectors are no matrix with a row for each word.

    Example:

    >>> WordVectors(["cat", "dog"], [[0.5, 1.0, 2.0], [0.25, 0.0, -1.0]])
    <WordVectors of 2 words, 3 numbers each>
    """

    words: tuple[str, ...]
    vectors: np.ndarray
    compose: Callable[[str], np.ndarray | None] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(self.words))
        with np.errstate(over="ignore"):  # who uses a vector asks whether it is finite
            object.__setattr__(self, "vectors", np.asarray(self.vectors, np.float32))
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.words):
            raise UserError(
                f"Expected a matrix with a row for each of {len(self.words)} words. "
                f"Received: shape {self.vectors.shape}"
            )

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"<WordVectors of {len(self)} words, {self.vectors.shape[1]} numbers each>"


def read_vectors(
    path: str | os.PathLike[str], wanted: Collection[str] | Vocabulary | None = None
) -> WordVectors:
    """Reads word vectors, in the format that the content of the file shows.

    The file is read as a stream, and the vectors of unwanted words are skipped, so that a file may
    be far bigger than the memory. Four formats are read so, each also gzipped: word2vec's text (a
    header with the number of words N and the number of dimensions D, then a word and D
    numbers a line), fastText's `.vec` (the same), GloVe's (no header; D follows from the first
    line) and word2vec's binary (the header, then for each word its bytes, a space and D
    little-endian float32). A first line of just two whole numbers is a header.

    Columns are separated by ASCII spaces or tabs and counted from the right, so that a word may
    hold other spaces, and even these as long as it does not end in a number. Empty lines are
    skipped. Where a word is repeated, its first vector stays. Text is UTF-8; in a binary file an
    invalid byte becomes U+FFFD, because word2vec cuts long words in the middle of a character.

    The fifth one is fastText's model, `.bin`, which composes vectors of words that it has not seen
    (`WordVectors.compose`). It is read as a whole, by gensim: `pip install "kerasrnn[fasttext]"`.

    Args:
        path: The file.
        wanted: The words to keep, or a `Vocabulary` with them; `None` keeps all.

    Returns:
        `WordVectors`, in the order of the file.

    Raises:
        ValueError: Where the file is not there or is none of the five; naming the line or the
            binary record, where one is no word with D numbers or a wanted one is not finite; or
            where the header counts other words than there are.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "vectors.txt")
    ...     _ = path.write_text("the 0.5 0.25\\ncat 1.5 -2\\n")
    ...     read_vectors(path, {"cat", "dog"}).vectors
    array([[ 1.5, -2. ]], dtype=float32)
    """
    if isinstance(wanted, str):
        raise UserError(f"Expected `wanted` to be a collection of words. Received: {wanted!r}")
    keep = None
    if wanted is not None:
        keep = frozenset(wanted.tokens if isinstance(wanted, Vocabulary) else wanted)
    if is_fasttext_model(path):
        found, vectors, composed = read_model_vectors(path, keep)
        return WordVectors(tuple(found), vectors, composed)
    words, data = {}, bytearray()
    with opened(path) as file:
        form = recognise(path, file)
        for word, vector in rows(path, file, form):
            if word not in words and (keep is None or word in keep):
                data += vector().tobytes()
                words[word] = None
    vectors = np.frombuffer(data, np.float32).reshape(len(words), form.dimensions)
    return WordVectors(tuple(words), vectors)


def iterate_words(path: str | os.PathLike[str]) -> Iterator[str]:
    """Yields the words of a file one after another, without their vectors.

    Args:
        path: A file as for `read_vectors`, with the same errors.
    """
    if is_fasttext_model(path):
        yield from read_vectors(path).words
        return
    with opened(path) as file:
        for word, _ in rows(path, file, recognise(path, file)):
            yield word


def vector_dimensions(path: str | os.PathLike[str]) -> int:
    """Returns the number D of dimensions of a file, of which the beginning alone is read.

    Args:
        path: A file as for `read_vectors`, with the same errors.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "vectors.txt")
    ...     _ = path.write_text("the 0.5 0.25\\ncat 1.5 -2\\n")
    ...     vector_dimensions(path)
    2
    """
    if is_fasttext_model(path):
        return model_dimensions(path)
    with opened(path) as file:
        return recognise(path, file).dimensions


def write_vectors(path: str | os.PathLike[str], words: Sequence[str], vectors: np.ndarray) -> None:
    """Writes word2vec's text format, with as many digits as give the same float32 back.

    The file is written beside and renamed; a file that is there already is left as it is.

    Args:
        path: A new file.
        words: N distinct words without ASCII white space.
        vectors: `(N, D)` finite numbers; written as float32.

    Raises:
        ValueError: For a file that exists, a folder that does not, a word or a vector that
            cannot be written, or another number of vectors than of words; all before writing.

    Example:

    >>> import tempfile
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
        raise UserError(f"Expected a new file. Received: {str(path)!r}, which exists")
    table = WordVectors(tuple(words), vectors)
    _check_writable(table)
    with beside(path) as place, open(place, "wb") as file:
        file.write(b"%d %d\n" % table.vectors.shape)
        for word, row in zip(table.words, table.vectors, strict=True):
            numbers = " ".join(f"{number:.9g}" for number in row.tolist())
            file.write(f"{word} {numbers}\n".encode())


def _check_writable(table: WordVectors) -> None:
    if table.vectors.shape[1] == 0:
        raise UserError("Expected vectors of at least one number. Received: none")
    seen = set()
    for word, row in zip(table.words, table.vectors, strict=True):
        if not word or _ASCII_SPACE.search(word):
            raise UserError(f"Expected words without white space. Received: {word!r}")
        if word.encode(errors="replace").decode() != word:
            raise UserError(f"Expected words that UTF-8 can write. Received: {word!r}")
        if word in seen:
            raise UserError(f"Expected distinct words. Received {word!r} more than once")
        if not np.isfinite(row).all():
            raise UserError(f"Expected finite numbers. Received: {word!r} with others")
        seen.add(word)
