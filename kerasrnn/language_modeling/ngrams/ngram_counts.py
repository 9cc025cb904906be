"""How often each n-gram occurs in a text: sorted tables, one for each order."""

from __future__ import annotations

import collections
import dataclasses
import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from kerasrnn.checks import UserError, check_order
from kerasrnn.language_modeling.ngrams.flat_ids import context_of, flat_ids
from kerasrnn.vocabulary import BEGIN, PADDING, RESERVED, UNKNOWN, Vocabulary

__all__ = ["NgramCounts", "count_ngrams"]


@dataclasses.dataclass(frozen=True)
class NgramCounts:
    """The n-grams of a text, order by order.

    A sentence has one begin token in front, and its end token is counted. The n-grams of an order
    are numbered: a single token by its id, and those of order n as they are sorted by the number
    of their first n − 1 tokens and then by their last token.

    Attributes:
        vocabulary: The `Vocabulary` of V ids.
        keys: For each order from 2 on, sorted `(R,)` int64: the number of the first n − 1 tokens,
            times V, plus the id of the last token.
        counts: For each order from 1 on, `(R,)` int64: how often each n-gram occurs.
        suffixes: For each order from 2 on, `(R,)` int32: the number of each n-gram's last n − 1
            tokens in the order below.
    """

    vocabulary: Vocabulary
    keys: list[np.ndarray]
    counts: list[np.ndarray]
    suffixes: list[np.ndarray]

    @property
    def order(self) -> int:
        """Maximum number of tokens of an n-gram."""
        return len(self.counts)

    def prefixes(self, order: int) -> np.ndarray:
        """`(R,)` int64: the number of the first n − 1 tokens of the n-grams of order n ≥ 2."""
        return self.keys[order - 2] // len(self.vocabulary)

    def begins(self) -> list[np.ndarray]:
        """For each order `(R,)` bool: whether an n-gram starts with the begin token."""
        begins = [np.arange(len(self.vocabulary)) == BEGIN]
        for order in range(2, self.order + 1):
            begins.append(begins[-1][self.prefixes(order)])
        return begins

    def continuation_counts(self) -> list[np.ndarray]:
        """Counts the different tokens that occur in front of each n-gram.

        Returns:
            For each order `(R,)` int64. Nothing precedes an n-gram that starts with the begin
            token, and of the highest order nothing longer is known: these keep their counts.
        """
        begins = self.begins()
        return [
            np.where(begins[n], self.counts[n], np.bincount(suffixes, minlength=len(begins[n])))
            for n, suffixes in enumerate(self.suffixes)
        ] + [self.counts[-1]]


def count_ngrams(
    sentences: Iterable[str | Sequence[str]], order: int, vocabulary: Vocabulary | None = None
) -> NgramCounts:
    """Counts the n-grams of a text.

    Args:
        sentences: Sentences, such as the lines of a file; they are read once.
        order: Maximum n.
        vocabulary: The `Vocabulary`; what it lacks counts as the unknown token. `None` builds one
            of all the tokens of the text.

    Returns:
        The `NgramCounts`.

    Raises:
        ValueError: For an order below 1, or a text without a word of the vocabulary.

    Example:

    >>> counts = count_ngrams(["a b a", "b a"], order=2)
    >>> [counts.vocabulary.token_of(i) for i in counts.counts[0].nonzero()[0]]
    ['<begin>', '<end>', 'a', 'b']
    >>> counts.counts[1].tolist()  # begin a, begin b, a end, a b, b a
    [1, 1, 2, 1, 2]
    """
    return count_ids(*encode_text(sentences, vocabulary), order)


def count_ids(ids: np.ndarray, vocabulary: Vocabulary, order: int) -> NgramCounts:
    """Counts the n-grams of a text of ids, `(P,)` int32, as `flat_ids` gives it."""
    check_order("order", order)
    if not (ids >= len(RESERVED)).any():
        received = "unknown words alone" if (ids == UNKNOWN).any() else "no words"
        raise UserError(f"Expected a text with words of the vocabulary. Received: {received}")
    size = len(vocabulary)
    keys, suffixes, counts = [], [], [np.bincount(ids, minlength=size)]
    found = ids
    for _ in range(1, order):
        context = context_of(found, ids)
        places = np.flatnonzero(context >= 0)
        wanted = context[places].astype("int64") * size + ids[places]
        table, rows, number = _unique(wanted)
        suffix = np.empty(len(table), "int32")
        suffix[rows] = found[places]
        found = np.full(len(ids), -1, "int32")
        found[places] = rows
        keys.append(table)
        counts.append(number)
        suffixes.append(suffix)
    return NgramCounts(vocabulary, keys, counts, suffixes)


def _unique(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the sorted different values, the place of each value among them, and how often."""
    if not len(values):
        return values, np.zeros(0, "int32"), np.zeros(0, "int64")
    order = np.argsort(values)
    ordered = values[order]
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    rows = np.empty(len(values), "int32")
    rows[order] = np.cumsum(new, dtype="int32") - 1
    firsts = np.flatnonzero(new)
    return ordered[firsts], rows, np.diff(firsts, append=len(values))


def encode_text(
    sentences: Iterable[str | Sequence[str]], vocabulary: Vocabulary | None
) -> tuple[np.ndarray, Vocabulary]:
    """Looks a text up, in a vocabulary or in one that it makes.

    Args:
        sentences: Sentences; they are read once.
        vocabulary: The `Vocabulary`, or `None`.

    Returns:
        `(P,)` int32, as `flat_ids` gives it, and the `Vocabulary`.
    """
    nothing = np.zeros(0, "int32")
    if vocabulary is not None:
        return np.concatenate([nothing, *flat_ids(sentences, vocabulary.id_of)]), vocabulary
    # Tokens are numbered as they come, and again when all are counted.
    numbers: dict[str, int] = collections.defaultdict(itertools.count(len(RESERVED)).__next__)
    ids = np.concatenate([nothing, *flat_ids(sentences, numbers.__getitem__)])
    counts = np.bincount(ids, minlength=len(numbers) + len(RESERVED))[len(RESERVED) :]
    vocabulary = Vocabulary.build(dict(zip(numbers, counts.tolist(), strict=True)))
    final = [*range(len(RESERVED)), *map(vocabulary.id_of, numbers)]
    return np.array(final, "int32")[ids], vocabulary


def kept_rows(counts: NgramCounts, min_counts: int | Sequence[int]) -> list[np.ndarray]:
    """Says which n-grams occur often enough.

    Args:
        counts: The `NgramCounts`.
        min_counts: Minimum count of an n-gram of each order, the last one for all higher orders
            too; the first is 1, and none is below the one before it, so that the start and the
            end of an n-gram are kept where it is.

    Returns:
        For each order `(R,)` bool.

    Raises:
        ValueError: For other `min_counts`.
    """
    least = np.atleast_1d(np.asarray(min_counts)).tolist()
    if not least or least[0] != 1 or len(least) > counts.order or sorted(least) != least:
        raise UserError(
            f"Expected `min_counts` for the orders from 1 to {counts.order} that begin with 1 and "
            f"never fall: single words are left out by the vocabulary. Received: {min_counts}"
        )
    least += least[-1:] * (counts.order - len(least))
    kept = [number >= bound for number, bound in zip(counts.counts, least, strict=True)]
    kept[0] = np.arange(len(kept[0])) != PADDING
    return kept
