"""A cache language model: recent words are likely to occur again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kerasrnn.checks import check_number, check_order
from kerasrnn.language_modeling.next_token_model import (
    NEVER,
    NextTokenModel,
    Session,
    encode,
)
from kerasrnn.language_modeling.ngrams.decayed_counts import DecayedCounts
from kerasrnn.language_modeling.uniform import open_size
from kerasrnn.vocabulary import BEGIN, END, UNKNOWN, Vocabulary

__all__ = ["Cache"]


class Cache(NextTokenModel):
    r"""Predicts tokens by how often they occurred in the text before, the last ones most.

    Kuhn and De Mori (1990), "A cache-based natural language model for speech recognition", with
    the exponential decay of Clarkson and Robinson (1997), "Language model adaptation using
    mixtures and an exponentially decaying cache", and caches of n-grams. A token that is t tokens
    old counts as $e^{-\text{decay} \, (t - 1)}$, the last one as 1. With c(h, w) the decayed count
    of w behind the tokens h, the last n - 1 ones of the same sentence or the last n - 2 and so on,
    and c(h) their sum over w,

    $P(w \mid h) = \frac{c(h, w) + \kappa \, P(w \mid h')}{c(h) + \kappa}$,

    where h' is h without its first token, and where h is empty already P is uniform. The
    pseudo-count kappa is one of what h' says: an h that was never seen says what h' does, and a
    cache that has seen nothing is uniform. Thus it sums to 1 and never calls a token impossible.
    It adapts to each token after it was scored, across the ends of sentences; it forgets all
    before each text. Alone it is a poor model: mix it with another by `Mixture`.

    The end of a sentence and the unknown token may be told to leave no trace, since the unknown
    token need not be the same word again: then they neither count nor age what is in the cache,
    and have but the uniform share. The defaults are about the best beside a Kneser-Ney model of
    order 5 on the Penn Treebank's validation text, where a cache of single tokens brings
    three quarters of what one of three does, and the ends of sentences matter little.

    Args:
        vocabulary: The `Vocabulary`.
        order: Maximum n of the n-grams; 1 is the unigram cache.
        decay: How fast counts decay, in nats per token: half of a count is left after
            0.69 / decay tokens. 0 forgets nothing.
        pseudo_count: Kappa, above 0.
        end: Whether end tokens count.
        unknown: Whether unknown tokens count.

    Raises:
        ValueError: For an order below 1, a negative decay, or a pseudo-count that is not above 0.

    Example:

    >>> from kerasrnn.vocabulary import Vocabulary
    >>> cache = Cache(Vocabulary(["the", "cat", "dog"]), order=1, decay=0.0, pseudo_count=1.0)
    >>> np.exp(cache.token_log_probs(["the cat the"])[0]).round(3)  # 1/5, .2/2, 1.2/3, .2/4
    array([0.2 , 0.1 , 0.4 , 0.05])
    """

    carries_state = True

    def __init__(
        self,
        vocabulary: Vocabulary,
        order: int = 3,
        decay: float = 0.005,
        pseudo_count: float = 3.0,
        end: bool = True,
        unknown: bool = True,
    ):
        check_order("order", order)
        check_number("decay", decay)
        check_number("pseudo_count", pseudo_count, above=True)
        self.vocabulary, self.order = vocabulary, order
        self.decay, self.pseudo_count = decay, pseudo_count
        self.end, self.unknown = end, unknown

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        counts = self._counts()
        return [counts.read(ids) for ids in self._read(sentences)]

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        counts = self._counts()
        for ids in self._read(before):
            counts.read(ids)
        (ids,) = self._read([context])
        counts.read(ids[:-1])
        return self._log(counts.distribution((BEGIN, *ids[:-1])))

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        counts = self._counts()
        unigrams = np.zeros(len(self.vocabulary))
        for ids in self._read(sentences):
            past, rows = (BEGIN, *ids), []
            for i, token in enumerate(ids, start=1):
                rows.append(counts.distribution(past[:i], unigrams))
                if counts.add(past, i, token):
                    unigrams *= math.exp(-self.decay)
                    unigrams[token] += 1
            yield self._log(np.stack(rows))

    def session(self) -> Session:
        return _CacheSession(self)

    def _counts(self) -> DecayedCounts:
        traceless = ({END} if not self.end else set()) | ({UNKNOWN} if not self.unknown else set())
        base = np.full(len(self.vocabulary), 1 / open_size(self.vocabulary))
        base[list(NEVER)] = 0
        return DecayedCounts(base, self.order, self.decay, self.pseudo_count, traceless)

    def _read(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[list[int]]:
        return (ids.tolist() for ids in encode(sentences, self.vocabulary))

    def _log(self, probs: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.log(probs)


class _CacheSession(Session):
    """Counts that are kept from sentence to sentence, and are taken back after a candidate."""

    def __init__(self, model: Cache):
        super().__init__(model)
        self._cache = model
        self._counts = model._counts()

    def score(self, candidates: Sequence[str | Sequence[str]]) -> list[np.ndarray]:
        return [self._counts.try_to_read(ids) for ids in self._cache._read(candidates)]

    def accept(self, sentence: str | Sequence[str]) -> None:
        for ids in self._cache._read([sentence]):
            self._counts.read(ids)
