"""The nearest words, against angles that are measured one by one."""

import math

import numpy as np
import pytest

from kerasrnn.embeddings import WordVectors, nearest_words

WORDS = [f"word{i}" for i in range(13)]


def angles(table, target):
    """The cosine of each word's vector with another one, in plain Python."""
    found = {}
    for word, row in zip(table.words, table.vectors.tolist(), strict=True):
        product = sum(a * b for a, b in zip(row, target, strict=True))
        found.setdefault(word, product / math.hypot(*row) / math.hypot(*target))
    return found


def test_words_come_in_the_order_of_their_angles(rng):
    # Lengths differ by far, so that a product that is not divided by them has another order.
    rows = rng.standard_normal((13, 5)) * np.exp(rng.standard_normal((13, 1)) * 2)
    table = WordVectors(WORDS, rows)
    for number, target in ((7, "word3"), (100, rng.standard_normal(5))):
        row = table.vectors[3] if isinstance(target, str) else target
        wanted = angles(table, row.tolist())
        wanted.pop(target if isinstance(target, str) else None, None)
        found = nearest_words(table, target, number)
        assert [word for word, _ in found] == sorted(wanted, key=wanted.get)[::-1][:number]
        for word, similarity in found:
            assert similarity == pytest.approx(wanted[word], abs=1e-5)


def test_of_a_repeated_word_the_first_vector_counts():
    table = WordVectors(["a", "b", "a", "zero"], [[1, 0], [0, 1], [0, 2], [0, 0]])
    assert nearest_words(table, "a") == [("b", 0.0), ("zero", 0.0)]
    assert nearest_words(table, "b", 1) == [("a", 0.0)]
    assert nearest_words(table, [0, 3], 1) == [("b", 1.0)]


def test_what_has_no_neighbours_is_said():
    table = WordVectors(WORDS, np.ones((13, 5)))
    with pytest.raises(ValueError, match="one of 13 words with a vector. Received: 'word'"):
        nearest_words(table, "word")
    with pytest.raises(ValueError, match=r"vector of the shape \(5,\). Received: shape \(3,\)"):
        nearest_words(table, [1, 2, 3])
    with pytest.raises(ValueError, match="number"):
        nearest_words(table, "word1", 0)
