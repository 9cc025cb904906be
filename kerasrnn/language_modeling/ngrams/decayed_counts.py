"""Counts of n-grams that decay with each token that is read: what a cache consists of."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from kerasrnn.vocabulary import BEGIN

__all__ = ["DecayedCounts"]


class DecayedCounts:
    """The decayed counts of the tokens behind each context, and what they say is next.

    A count is a pair: its value, and what the clock said then. It is brought up to date when it
    is touched, so that a token costs a few look-ups however much has been read. The sum over the
    tokens of a context is under the key `None`.

    Args:
        base: `(V,)` float64, the distribution before anything is read.
        order: Maximum n of the n-grams.
        decay: What the logarithm of a count loses with each token.
        pseudo_count: The weight of what the shorter context says, as a count.
        traceless: Ids that are not counted, and do not move the clock.
    """

    def __init__(
        self,
        base: np.ndarray,
        order: int,
        decay: float,
        pseudo_count: float,
        traceless: Collection[int],
    ):
        self.base, self.order = base, order
        self.decay, self.pseudo_count = decay, pseudo_count
        self.traceless = frozenset(traceless)
        self._base = base.tolist()  # whose items are faster
        self._table: dict[tuple, dict] = {}  # {context: {token: (count, clock)}}
        self._clock = 0
        self._journal: list[tuple] | None = None  # what `try_to_read` takes back

    def read(self, ids: Sequence[int]) -> np.ndarray:
        """Scores each token of a sentence, then counts it.

        Args:
            ids: The n ids of a sentence, or of its beginning.

        Returns:
            `(n,)` float64, natural logarithms.
        """
        past = (BEGIN, *ids)
        log_probs = np.empty(len(ids))
        for i, token in enumerate(ids, start=1):
            log_probs[i - 1] = math.log(self._prob(past, i, token))
            self.add(past, i, token)
        return log_probs

    def try_to_read(self, ids: Sequence[int]) -> np.ndarray:
        """Returns what `read` would, and counts nothing in the end."""
        self._journal, clock = [], self._clock
        try:
            return self.read(ids)
        finally:
            for followers, token, old in reversed(self._journal):
                if old is None:
                    del followers[token]
                else:
                    followers[token] = old
            self._journal, self._clock = None, clock

    def add(self, past: tuple[int, ...], i: int, token: int) -> bool:
        """Counts a token behind `past[:i]`; tells whether it is one that counts."""
        if token in self.traceless:
            return False
        self._clock += 1
        for context in self._contexts(past, i):
            followers = self._table.setdefault(context, {})
            for key in (token, None):
                old = followers.get(key)
                if self._journal is not None:
                    self._journal.append((followers, key, old))
                followers[key] = (1.0 if old is None else 1.0 + self._now(old), self._clock)
        return True

    def distribution(self, past: tuple[int, ...], unigrams: np.ndarray | None = None) -> np.ndarray:
        """Gives the probabilities of all tokens behind `past`, which begins with begin.

        Args:
            past: Ids.
            unigrams: `(V,)` float64, the decayed counts without context, where they are at hand.

        Returns:
            `(V,)` float64.
        """
        probs = self.base.copy()
        for context in self._contexts(past, len(past)):
            followers = self._table.get(context)
            if not followers:
                break
            total = self._now(followers[None]) + self.pseudo_count
            probs *= self.pseudo_count / total
            if unigrams is not None and not context:
                probs += unigrams / total
            else:
                tokens = [token for token in followers if token is not None]
                probs[tokens] += [self._now(followers[token]) / total for token in tokens]
        return probs

    def _prob(self, past: tuple[int, ...], i: int, token: int) -> float:
        prob = self._base[token]
        for context in self._contexts(past, i):
            followers = self._table.get(context)
            if not followers:
                break  # nor was a longer context seen
            count = followers.get(token)
            count = 0.0 if count is None else self._now(count)
            total = self._now(followers[None])
            prob = (count + self.pseudo_count * prob) / (total + self.pseudo_count)
        return prob

    def _contexts(self, past: tuple[int, ...], i: int) -> Iterator[tuple[int, ...]]:
        """Yields the last 0, 1, ... tokens of `past[:i]`."""
        return (past[i - n : i] for n in range(min(self.order, i + 1)))

    def _now(self, count: tuple[float, int]) -> float:
        value, clock = count
        return value * math.exp(self.decay * (clock - self._clock))
