"""The weights of an embedding from pretrained word vectors."""

from __future__ import annotations

import itertools
import os

import keras
import numpy as np

from kerasrnn.checks import UserError, check_integer
from kerasrnn.embeddings.coverage import Coverage
from kerasrnn.embeddings.vector_files import WordVectors, iterate_words, read_vectors
from kerasrnn.vocabulary import PADDING, RESERVED, Vocabulary

__all__ = ["extended_vocabulary", "pretrained_embedding", "pretrained_weights"]

# Tokens of the level "word" carry this mark on a side where no space stood (`￭,`); files of word
# vectors do not. It is that of `kerasrnn.text`, which needs TensorFlow.
JOINER = "￭"


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

    The layer goes where a factory takes `embedding`; its weights are those of `pretrained_weights`.

    Args:
        vectors: A file that `read_vectors` reads, or `WordVectors`.
        vocabulary: The words; their ids are the layer's.
        trainable: Whether training changes the vectors; `callbacks.FreezeEmbeddings` lets it do so
            later.
        lowercase: Whether a word that is not there may take the vector of its lower case.
        seed: Seed of the draw; `None` for another draw each time.
        name: Name of the layer, as the factory wants it: `"token_embedding"`,
            `"source_embedding"` or `"target_embedding"`.

    Returns:
        The layer, with `(V, D)` float32 weights and `mask_zero`, V being the size of the
        vocabulary; and its `Coverage`.

    Raises:
        ValueError: As `pretrained_weights`.

    Example:

    >>> vectors = WordVectors(["the", "cat"], [[0.5, 1.0, 2.0], [0.25, 0.0, -1.0]])
    >>> vocabulary = Vocabulary(["the", "cat", "￭!"], counts=[5, 3, 2])
    >>> layer, coverage = pretrained_embedding(vectors, vocabulary)
    >>> print(coverage)
    66.7 % of 3 words, 80.0 % of the running words; 1 word is drawn at random
    """
    weights, coverage = pretrained_weights(vectors, vocabulary, lowercase=lowercase, seed=seed)
    layer = keras.layers.Embedding(
        *weights.shape, mask_zero=True, trainable=trainable, name=name, weights=[weights]
    )
    return layer, coverage


def pretrained_weights(
    vectors: str | os.PathLike[str] | WordVectors,
    vocabulary: Vocabulary,
    *,
    lowercase: bool = True,
    seed: int | None = 1,
) -> tuple[np.ndarray, Coverage]:
    """Makes the weights of an embedding from pretrained vectors.

    A word gets its own vector, or else that of its lower case, or else the one that a model of
    fastText composes of its n-grams. Padding gets zeros; the other reserved ids, and words without
    a vector, are drawn from a normal distribution of mean 0 with the standard deviation of the
    found vectors. The joiner marks of word tokens are left out in the search.

    Args:
        vectors: A file that `read_vectors` reads, or `WordVectors`.
        vocabulary: The words.
        lowercase: Whether a word that is not there may take the vector of its lower case.
        seed: Seed of the draw; `None` for another draw each time.

    Returns:
        `(V, D)` float32, V being the size of the vocabulary; and the `Coverage`.

    Raises:
        ValueError: Where no word of the vocabulary has a vector, a vector is not finite, or the
            file is no file of vectors.

    Example:

    >>> vectors = WordVectors(["the", "cat"], [[0.5, 1.0, 2.0], [0.25, 0.0, -1.0]])
    >>> weights, coverage = pretrained_weights(vectors, Vocabulary(["The", "dog", "cat"]))
    >>> weights[[4, 6]]
    array([[ 0.5 ,  1.  ,  2.  ],
           [ 0.25,  0.  , -1.  ]], dtype=float32)
    """
    if not isinstance(vocabulary, Vocabulary):
        raise UserError(f"Expected a `kerasrnn.Vocabulary`. Received: {vocabulary!r}")
    tries = [_spellings(token, lowercase) for token in vocabulary.tokens]
    source = f"{len(vectors)} words" if isinstance(vectors, WordVectors) else f"{vectors}"
    if not isinstance(vectors, WordVectors):
        wanted = itertools.chain.from_iterable(same + lower for same, lower in tries)
        vectors = read_vectors(vectors, set(wanted))
    rows: dict[str, int] = {}
    for row, word in enumerate(vectors.words):
        rows.setdefault(word, row)
    same = np.array([_first(rows, words) for words, _ in tries], int)
    lower = np.array([_first(rows, words) for _, words in tries], int)
    places = np.where(same >= 0, same, lower)
    composed = _composed(vectors, vocabulary, places)
    if not (places >= 0).any() and not composed:
        raise UserError(
            f"Expected vectors of at least one of the {len(places)} words of the vocabulary. "
            f"Received: {source} without any of them"
        )
    ids = np.flatnonzero(places >= 0)
    numbers = np.concatenate([ids, np.array(list(composed), int)])
    found = np.concatenate([vectors.vectors[places[ids]], *(v[None] for v in composed.values())])
    weights = _weights(found, numbers, len(places), seed)
    return weights, _coverage(same, places, list(composed), vocabulary)


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


def _composed(
    vectors: WordVectors, vocabulary: Vocabulary, places: np.ndarray
) -> dict[int, np.ndarray]:
    """Composes vectors of the tokens that have none, by their numbers."""
    if vectors.compose is None:
        return {}
    found = {
        i: vectors.compose(vocabulary.tokens[i].strip(JOINER)) for i in np.where(places < 0)[0]
    }
    return {int(i): vector for i, vector in found.items() if vector is not None}


def _weights(found: np.ndarray, numbers: np.ndarray, words: int, seed: int | None) -> np.ndarray:
    """Returns `(V, D)` float32: the found vectors, those of words of these numbers, and others."""
    if not np.isfinite(found).all():
        raise UserError("Expected vectors of finite numbers. Received: others among them")
    shape = len(RESERVED) + words, found.shape[1]
    # A row is drawn for every id, so that a word's draw does not depend on the other words found.
    weights = np.random.default_rng(seed).standard_normal(shape, np.float32)
    weights *= np.std(found, dtype=np.float64).astype(np.float32)
    weights[len(RESERVED) + numbers] = found
    weights[PADDING] = 0
    return weights


def _coverage(
    same: np.ndarray, places: np.ndarray, composed: list[int], vocabulary: Vocabulary
) -> Coverage:
    kinds = {
        "found": same >= 0,
        "lowercased": (same < 0) & (places >= 0),
        "composed": np.isin(np.arange(len(places)), composed),
    }
    number = {kind: int(each.sum()) for kind, each in kinds.items()}
    counts = np.array(vocabulary.counts or [0] * len(places), np.int64)
    total = int(counts.sum())
    share = {kind: float(counts[each].sum() / max(total, 1)) for kind, each in kinds.items()}
    covered = np.logical_or.reduce(list(kinds.values()))
    return Coverage(
        found=number["found"],
        found_lowercased=number["lowercased"],
        missing=len(places) - sum(number.values()),
        share_of_tokens=float(counts[covered].sum() / total) if total else None,
        composed=number["composed"],
        tokens_lowercased=share["lowercased"],
        tokens_composed=share["composed"],
    )
