"""Classes of words that occur in like company, found by exchanging words between them."""

from __future__ import annotations

import numpy as np

from kerasrnn.checks import check_integer, check_order
from kerasrnn.language_modeling.ngrams.ngram_counts import NgramCounts
from kerasrnn.vocabulary import RESERVED, UNKNOWN

__all__ = ["exchange_classes"]

FIRST = len(RESERVED)  # the reserved ids are classes by themselves, which no word moves into


def exchange_classes(counts: NgramCounts, num_classes: int, rounds: int = 5) -> np.ndarray:
    """Clusters the words of a text so that the class of one tells most about that of the next.

    The exchange algorithm (Kneser and Ney 1993; Martin, Liermann and Ney 1998, section 2): each
    word in turn, the most frequent ones first, moves into the class in which the likelihood of the
    text under a class bigram model is greatest, which never falls. The words start in classes by
    their rank of frequency, modulo C.

    Args:
        counts: The `NgramCounts` of the text, of order 2 or more.
        num_classes: The number of classes C.
        rounds: How often each word may move, at most; it ends where none does.

    Returns:
        The class of each id, `(V,)` int32: 0 to C − 1 for the words that occur, −1 for the others
        and the reserved ids.

    Raises:
        ValueError: For counts of single words alone, or less than one class or round.

    Example:

    >>> from kerasrnn.language_modeling import count_ngrams
    >>> counts = count_ngrams(["the cat saw a dog", "a cat heard the dog"], order=2)
    >>> classes = exchange_classes(counts, 3)
    >>> classes[[counts.vocabulary.id_of(word) for word in "the a cat dog saw heard".split()]]
    array([0, 0, 1, 1, 2, 2], dtype=int32)
    """
    check_order("order", counts.order, least=2)
    check_integer("num_classes", num_classes)
    check_integer("rounds", rounds)
    words = np.argsort(-counts.counts[0][FIRST:], kind="stable") + FIRST
    words = words[counts.counts[0][words] > 0]
    classes = np.arange(len(counts.vocabulary))
    classes[FIRST:] = UNKNOWN
    classes[words] = np.arange(len(words)) % num_classes + FIRST
    table = _ClassBigrams(counts, classes, num_classes + FIRST)
    for _ in range(rounds):
        if not sum(table.move(word) for word in words.tolist()):
            break
    return np.where(classes >= FIRST, classes - FIRST, -1).astype("int32")


class _ClassBigrams:
    """Counts of pairs of classes, kept up to date while words move."""

    def __init__(self, counts: NgramCounts, classes: np.ndarray, size: int):
        first, second = np.divmod(counts.keys[0], len(counts.vocabulary))
        numbers = counts.counts[1].astype("float64")
        pairs = classes[first] * size + classes[second]
        self.classes, self.size = classes, size
        self.numbers = np.bincount(pairs, numbers, size * size).reshape(size, size)
        self.terms = _x_log_x(self.numbers)
        self.totals = np.bincount(classes[FIRST:], counts.counts[0][FIRST:], size)
        self.words = counts.counts[0]
        others = first != second
        self.after = _neighbours(first[others], second[others], numbers[others], len(classes))
        self.before = _neighbours(second[others], first[others], numbers[others], len(classes))
        self.twice = np.zeros(len(classes))
        self.twice[first[~others]] = numbers[~others]

    def move(self, word: int) -> bool:
        """Moves a word where it fits best; says whether that is another class."""
        old = self.classes[word]
        after, before = (self._classes_of(each, word) for each in (self.after, self.before))
        self._add(word, old, after, before, -1)
        gains = self._gains(word, after, before)
        new = int(np.argmax(gains)) + FIRST
        if gains[new - FIRST] <= gains[old - FIRST] + 1e-9:
            new = old
        self._add(word, new, after, before, 1)
        self.classes[word] = new
        return new != old

    def _classes_of(self, neighbours, word: int) -> np.ndarray:
        """`(K,)` float64: how often each class is next to a word."""
        starts, others, numbers = neighbours
        part = slice(starts[word], starts[word + 1])
        return np.bincount(self.classes[others[part]], numbers[part], self.size)

    def _add(self, word: int, to: int, after: np.ndarray, before: np.ndarray, sign: int) -> None:
        self.numbers[to] += sign * after
        self.numbers[:, to] += sign * before
        self.numbers[to, to] += sign * self.twice[word]
        self.totals[to] += sign * self.words[word]
        self.terms[to] = _x_log_x(self.numbers[to])
        self.terms[:, to] = _x_log_x(self.numbers[:, to])

    def _gains(self, word: int, after: np.ndarray, before: np.ndarray) -> np.ndarray:
        """`(C,)` float64: what the log-likelihood gains by putting a word into each class."""
        columns, rows = np.flatnonzero(after), np.flatnonzero(before)
        own = slice(FIRST, None)
        wider = self.numbers[own, columns] + after[columns]
        gains = (_x_log_x(wider) - self.terms[own, columns]).sum(axis=1)
        wider = self.numbers[rows, own] + before[rows, None]
        gains += (_x_log_x(wider) - self.terms[rows, own]).sum(axis=0)
        # The pair of the class with itself was taken for two pairs.
        same, follows, precedes = np.diagonal(self.numbers)[own], after[own], before[own]
        gains -= _x_log_x(same + follows) + _x_log_x(same + precedes) - _x_log_x(same)
        gains += _x_log_x(same + follows + precedes + self.twice[word])
        totals = self.totals[own]
        return gains - 2 * (_x_log_x(totals + self.words[word]) - _x_log_x(totals))


def _neighbours(ids, others, numbers, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorts pairs by their first id; returns where each begins, the second ids and the numbers."""
    order = np.argsort(ids, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(ids, minlength=size))])
    return starts, others[order], numbers[order]


def _x_log_x(values: np.ndarray) -> np.ndarray:
    """x log x, 0 at 0; counts are whole numbers, so that 1 in place of 0 changes nothing."""
    return values * np.log(np.maximum(values, 1))
