"""An embedding layer from pretrained word vectors."""

from __future__ import annotations

import dataclasses
import itertools
import os

import keras
import numpy as np

from kerasrnn.checks import UserError, check_integer
from kerasrnn.embeddings.vector_files import WordVectors, iterate_words, read_vectors
from kerasrnn.vocabulary import PADDING, RESERVED, Vocabulary

__all__ = ["Coverage", "extended_vocabulary", "pretrained_embedding"]

# Tokens of the level "word" carry this mark on a side where no space stood (`￭,`); files of word
# vectors do not. It is that of `kerasrnn.text`, which needs TensorFlow.
JOINER = "￭"


@dataclasses.dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary has a vector; as a string, one line to print beside a result.

    Args:
        found: Number of words that are in the file as they are.
        found_lowercased: Number of words of which only the lower case is.
        missing: Number of words that are not, whose vectors are drawn at random.
        share_of_tokens: Fraction of the running words of the training text that have a vector;
            `None` where the vocabulary has no counts.

    Example:

    >>> print(Coverage(9_000, 710, 290, 0.994))
    97.1 % of 10,000 words, 99.4 % of the running words; 290 words are drawn at random
    """

    found: int
    found_lowercased: int
    missing: int
    share_of_tokens: float | None = None

    @property
    def share_of_types(self) -> float:
        """The share of the vocabulary's words, reserved ids aside, that have a vector."""
        return (self.found + self.found_lowercased) / self._words

    @property
    def _words(self) -> int:
        return self.found + self.found_lowercased + self.missing

    def __str__(self) -> str:
        running = ""
        if self.share_of_tokens is not None:
            running = f", {100 * self.share_of_tokens:.1f} % of the running words"
        drawn = "1 word is" if self.missing == 1 else f"{self.missing:,} words are"
        share = f"{100 * self.share_of_types:.1f} % of {self._words:,} words"
        return f"{share}{running}; {drawn} drawn at random"


def pretrained_embedding(
    vectors: str | os.PathLike[str] | WordVectors,
    vocabulary: Vocabulary,
    *,
    trainable: bool = False,
    lowercase: bool = True,
    seed: int | None = 1,
    name: str = "token_embedding",
) -> tuple[keras.layers.Embedding, Coverage]:
    """Builds an embedding layer that starts from pretrained vectors.

    The layer goes where a factory takes `embedding`. Padding gets zeros; the other reserved ids,
    and words without a vector, are drawn from a normal distribution of mean 0 with the standard
    deviation of the found vectors. The joiner marks of word tokens are left out in the search.

    Args:
        vectors: A file that `read_vectors` reads, or `WordVectors`.
        vocabulary: The words; their ids are the layer's.
        trainable: Whether training changes the vectors.
        lowercase: Whether a word that is not there may take the vector of its lower case.
        seed: Seed of the draw; `None` for another draw each time.
        name: Name of the layer, as the factory wants it: `"token_embedding"`,
            `"source_embedding"` or `"target_embedding"`.

    Returns:
        The layer, with `(V, D)` float32 weights and `mask_zero`, V being the size of the
        vocabulary; and its `Coverage`.

    Raises:
        ValueError: Where no word of the vocabulary has a vector, a vector is not finite, or the
            file is no file of vectors.

    Example:

    >>> vectors = WordVectors(["the", "cat"], [[0.5, 1.0, 2.0], [0.25, 0.0, -1.0]])
    >>> vocabulary = Vocabulary(["The", "cat", "￭!"], counts=[5, 3, 2])
    >>> layer, coverage = pretrained_embedding(vectors, vocabulary)
    >>> print(coverage)
    66.7 % of 3 words, 80.0 % of the running words; 1 word is drawn at random
    """
    if not isinstance(vocabulary, Vocabulary):
        raise UserError(f"Expected a `kerasrnn.Vocabulary`. Received: {vocabulary!r}")
    tries = [_spellings(token, lowercase) for token in vocabulary.tokens]
    source = f"{len(vectors)} words" if isinstance(vectors, WordVectors) else f"{vectors}"
    if not isinstance(vectors, WordVectors):
        wanted = itertools.chain.from_iterable(same + lower for same, lower in tries)
        vectors = read_vectors(vectors, set(wanted))
    rows = {}
    for row, word in enumerate(vectors.words):
        rows.setdefault(word, row)
    same = np.array([_first(rows, words) for words, _ in tries], int)
    lower = np.array([_first(rows, words) for _, words in tries], int)
    places = np.where(same >= 0, same, lower)
    if not (places >= 0).any():
        raise UserError(
            f"Expected vectors of at least one of the {len(places)} words of the vocabulary. "
            f"Received: {source} without any of them"
        )
    weights = _weights(vectors.vectors, places, seed)
    layer = keras.layers.Embedding(
        *weights.shape, mask_zero=True, trainable=trainable, name=name, weights=[weights]
    )
    return layer, _coverage(same, places, vocabulary)


def extended_vocabulary(
    vocabulary: Vocabulary,
    vectors: str | os.PathLike[str] | WordVectors,
    max_added: int | None = None,
) -> Vocabulary:
    """Adds words that have a vector, so that words unseen in training mean something later.

    A model that is trained with the longer vocabulary never sees the added words, so their
    vectors stay as they are: freeze the embedding (`trainable=False`), or the vectors of the seen
    words move away from them. It is for what a model reads; words that it should write have to
    occur in training. Words are added as the file spells them: where it is all lower case, so
    must be the text.

    Args:
        vocabulary: The words of the training text, which keep their ids.
        vectors: A file that `read_vectors` reads, or `WordVectors`.
        max_added: Maximum number of words to add, the first of the file, which are the most
            frequent ones; `None` adds all.

    Returns:
        A `Vocabulary`, the added words last; where it has counts, theirs are 0.

    Raises:
        ValueError: For a negative `max_added`.

    Example:

    >>> vectors = WordVectors(["the", "cat", "dog"], [[0.5], [0.25], [1.0]])
    >>> extended_vocabulary(Vocabulary(["cat"], counts=[3]), vectors, max_added=1).tokens
    ('cat', 'the')
    """
    if max_added is not None:
        check_integer("max_added", max_added, least=0)
    words = vectors.words if isinstance(vectors, WordVectors) else iterate_words(vectors)
    added = {}
    for word in words:
        if len(added) == max_added:
            break
        if word not in vocabulary:
            added[word] = None
    counts = vocabulary.counts
    return Vocabulary(
        [*vocabulary.tokens, *added], None if counts is None else [*counts, *(0 for _ in added)]
    )


def _spellings(token: str, lowercase: bool) -> tuple[list[str], list[str]]:
    """Lists how a file may spell a token: as it is, and in lower case; the best one first."""
    same = [token, token.strip(JOINER)]
    lower = [word.lower() for word in same] + [word.casefold() for word in same]
    return same, lower if lowercase else []


def _first(rows: dict[str, int], words: list[str]) -> int:
    return next((rows[word] for word in words if word in rows), -1)


def _weights(vectors: np.ndarray, places: np.ndarray, seed: int | None) -> np.ndarray:
    """Returns `(V, D)` float32: the vector of each id, drawn where its place is -1."""
    ids = np.flatnonzero(places >= 0)
    found = vectors[places[ids]]
    if not np.isfinite(found).all():
        raise UserError("Expected vectors of finite numbers. Received: others among them")
    shape = len(RESERVED) + len(places), vectors.shape[1]
    # A row is drawn for every id, so that a word's draw does not depend on the other words found.
    weights = np.random.default_rng(seed).standard_normal(shape, np.float32)
    weights *= np.std(found, dtype=np.float64).astype(np.float32)
    weights[len(RESERVED) + ids] = found
    weights[PADDING] = 0
    return weights


def _coverage(same: np.ndarray, places: np.ndarray, vocabulary: Vocabulary) -> Coverage:
    counts = np.array(vocabulary.counts or [0], np.int64)
    return Coverage(
        found=int((same >= 0).sum()),
        found_lowercased=int(((same < 0) & (places >= 0)).sum()),
        missing=int((places < 0).sum()),
        share_of_tokens=(float(counts[places >= 0].sum() / counts.sum()) if counts.sum() else None),
    )
