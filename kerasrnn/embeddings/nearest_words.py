"""The words whose vectors point in the most similar direction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, check_integer
from kerasrnn.embeddings.vector_files import WordVectors

__all__ = ["nearest_words"]


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
    places: dict[str, int] = {}
    for place, each in enumerate(vectors.words):
        places.setdefault(each, place)
    if isinstance(word, str):
        if word not in places:
            raise UserError(
                f"Expected one of {len(places):,} words with a vector. Received: {word!r}"
            )
        target = vectors.vectors[places.pop(word)]
    else:
        target = np.asarray(word, np.float32)
        if target.shape != vectors.vectors.shape[1:]:
            raise UserError(
                f"Expected a word or a vector of the shape {vectors.vectors.shape[1:]}. "
                f"Received: shape {target.shape}"
            )
    rows = vectors.vectors[list(places.values())]
    similarities = _directions(rows) @ _directions(target[np.newaxis])[0]
    words, order = list(places), np.argsort(-similarities, kind="stable")[:number]
    return [(words[i], float(similarities[i])) for i in order]


def _directions(rows: np.ndarray) -> np.ndarray:
    """Divides each row by its length, but for one of zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
