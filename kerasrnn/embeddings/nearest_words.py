"""The words whose vectors point in the most similar direction."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, check_integer
from kerasrnn.embeddings.vector_files import WordVectors

__all__ = ["nearest_to_sum", "nearest_words"]

SPELLINGS = 3  # that are named beside a word without a vector


def nearest_words(
    vectors: WordVectors, word: str | Sequence[float] | np.ndarray, number: int = 10
) -> list[tuple[str, float]]:
    """Finds the words that stand closest to a word.

    The similarity is the cosine of the angle between two vectors, 1 for the same direction: the
    length of a vector, which grows with how often a word was trained, does not count.

    Args:
        vectors: `WordVectors` of N words, `(N, D)`.
        word: A word, which is not among the answers itself; or a vector `(D,)`, such as
            king − man + woman, which any word may be closest to.
        number: How many words.

    Returns:
        Up to `number` words with their similarity, the closest first, equally close ones in their
        order. A word without a direction, whose numbers are all 0, has the similarity 0.

    Raises:
        ValueError: For a word that has no vector, or a vector of another size.

    Example:

    >>> vectors = WordVectors(["cat", "dog", "the"], [[3, 4], [8, 6], [-4, 3]])
    >>> [(word, round(similarity, 3)) for word, similarity in nearest_words(vectors, "cat", 2)]
    [('dog', 0.96), ('the', 0.0)]
    """
    check_integer("number", number)
    places = _places(vectors)
    if isinstance(word, str):
        _check_known(places, word)
        target = vectors.vectors[places.pop(word)]
    else:
        target = np.asarray(word, np.float32)
        if target.shape != vectors.vectors.shape[1:]:
            raise UserError(
                f"Expected a word or a vector of the shape {vectors.vectors.shape[1:]}. "
                f"Received: shape {target.shape}"
            )
    return _nearest(vectors, places, target, number)


def nearest_to_sum(
    vectors: WordVectors, terms: Sequence[tuple[str, float]], number: int = 10
) -> list[tuple[str, float]]:
    """Finds the words that stand closest to a sum of words, none of which is among the answers.

    That answers analogies: man is to king as woman is to the word closest to king − man + woman
    (Mikolov et al. 2013c, section 4). Each word counts by its direction alone.

    Args:
        vectors: `WordVectors` of N words, `(N, D)`.
        terms: Words with their factors, such as 1 and -1.
        number: How many words.

    Returns:
        As `nearest_words`.

    Raises:
        ValueError: For no word, or one that has no vector.

    Example:

    >>> table = {"man": [1, 0, 0], "king": [1, 1, 0], "woman": [0, 0, 1], "queen": [0, 1, 1]}
    >>> vectors = WordVectors(list(table), list(table.values()))
    >>> nearest_to_sum(vectors, [("king", 1), ("man", -1), ("woman", 1)], 1)[0][0]
    'queen'
    """
    check_integer("number", number)
    places = _places(vectors)
    for word, _ in terms:
        _check_known(places, word)
    if not terms:
        raise UserError("Expected at least a word. Received: none")
    rows = _directions(vectors.vectors[[places[word] for word, _ in terms]])
    factors = np.array([factor for _, factor in terms], np.float32)
    own = {word for word, _ in terms}
    left = {word: place for word, place in places.items() if word not in own}
    return _nearest(vectors, left, factors @ rows, number)


def _places(vectors: WordVectors) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, each in enumerate(vectors.words):
        places.setdefault(each, place)
    return places


def _check_known(places: dict[str, int], word: str) -> None:
    if word in places:
        return
    near = difflib.get_close_matches(word, (each for each in places if each[:1] == word[:1]))
    hint = f"; spelled alike: {', '.join(near[:SPELLINGS])}" if near else ""
    raise UserError(
        f"Expected one of {len(places):,} words with a vector. Received: {word!r}{hint}"
    )


def _nearest(
    vectors: WordVectors, places: dict[str, int], target: np.ndarray, number: int
) -> list[tuple[str, float]]:
    rows = vectors.vectors[list(places.values())]
    similarities = _directions(rows) @ _directions(target[np.newaxis])[0]
    words, order = list(places), np.argsort(-similarities, kind="stable")[:number]
    return [(words[i], float(similarities[i])) for i in order]


def _directions(rows: np.ndarray) -> np.ndarray:
    """Divides each row by its length, but for one of zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
