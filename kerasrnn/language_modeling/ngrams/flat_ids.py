"""Sentences as one flat array of ids: counting and scoring walk over all of them at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from kerasrnn.language_modeling.next_token_model import token_lists
from kerasrnn.vocabulary import BEGIN, END

__all__ = ["flat_ids", "ngrams_of", "per_sentence"]

# Sentences that are looked up at a time: enough for NumPy, few enough to hold their strings.
BATCH = 8_192


def flat_ids(
    sentences: Iterable[str | Sequence[str]], lookup: Callable[[str], int]
) -> Iterator[np.ndarray]:
    """Looks the tokens of sentences up, some thousand sentences at a time.

    Args:
        sentences: Sentences; they are read once.
        lookup: From a token to its id.

    Yields:
        `(P,)` int32: for each sentence the begin id, its tokens' and the end id.

    Example:

    >>> [ids.tolist() for ids in flat_ids(["a b", "", ["b"]], {"a": 4, "b": 5}.get)]
    [[2, 4, 5, 3, 2, 3, 2, 5, 3]]
    """
    sentences = token_lists(sentences)
    while batch := list(itertools.islice(sentences, BATCH)):
        lengths = np.fromiter(map(len, batch), "int64", len(batch))
        ends = np.cumsum(lengths + 2) - 1
        begins = ends - lengths - 1
        ids = np.empty(ends[-1] + 1, "int32")
        inner = np.ones(len(ids), bool)
        inner[begins] = inner[ends] = False
        ids[begins], ids[ends] = BEGIN, END
        ids[inner] = np.fromiter(map(lookup, itertools.chain(*batch)), "int32", lengths.sum())
        yield ids


def per_sentence(ids: np.ndarray, values: np.ndarray) -> list[np.ndarray]:
    """Cuts what belongs to each place of a text, `(P,)`, into sentences, without the begin token.

    Example:

    >>> [part.tolist() for part in per_sentence(np.array([2, 4, 3, 2, 3]), np.arange(5))]
    [[1, 2], [4]]
    """
    ends = np.flatnonzero(ids == END) + 1
    return [part[1:] for part in np.split(values, ends[:-1])]


def ngrams_of(
    ids: np.ndarray, keys: Sequence[np.ndarray], vocabulary_size: int
) -> Iterator[np.ndarray]:
    """Finds the n-grams that end at each place of a text in tables, one order after the other.

    An n-gram's number is its row in the sorted table of its order, whose keys are the number of
    the n-gram without its last token, times V, plus the last token. The number of a single token
    is its id.

    Args:
        ids: `(P,)` int32, as from `flat_ids`.
        keys: For each order from 2 on, sorted `(R,)` int64.
        vocabulary_size: Number of tokens V.

    Yields:
        For each order from 1 on, `(P,)` int64: the number of the n-gram that ends here, −1 where
        the table lacks it or the sentence is too short.
    """
    found = ids.astype("int64")
    yield found
    for table in keys:
        found = rows_of(table, context_of(found, ids) * vocabulary_size + ids)
        yield found


def context_of(found: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Returns the numbers of the n-grams that end one place before, −1 where a sentence begins."""
    context = np.empty_like(found)
    context[:1], context[1:] = -1, found[:-1]
    context[ids == BEGIN] = -1
    return context


def rows_of(table: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Returns the rows of a sorted table that hold what is wanted, −1 where none does."""
    if not len(table):
        return np.full(len(wanted), -1, "int64")
    rows = np.minimum(np.searchsorted(table, wanted), len(table) - 1)
    return np.where(table[rows] == wanted, rows, -1)
