"""The counted language model: log-probabilities of n-grams, and what backing off costs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kerasrnn.checks import UserError, check_sentences
from kerasrnn.language_modeling.next_token_model import NEVER, NextTokenModel
from kerasrnn.language_modeling.ngrams.flat_ids import context_of, flat_ids, ngrams_of, per_sentence
from kerasrnn.language_modeling.ngrams.ngram_counts import NgramCounts
from kerasrnn.vocabulary import Vocabulary

__all__ = ["BackoffModel"]


class BackoffModel(NextTokenModel):
    """A table of n-grams, as an ARPA file holds it.

    A token's log-probability after a context is that of the longest n-gram of the table that ends
    with it, plus the back-off weights of the contexts that were longer and are in the table. Every
    kind of smoothing comes down to such a table; `kneser_ney`, `good_turing`, `add_k` and
    `read_arpa` make one.

    Args:
        vocabulary: The `Vocabulary` of V ids.
        keys: For each order n from 2 on, sorted `(R,)` int64: the row of an n-gram's first n − 1
            tokens in the order below (of a single token its id), times V, plus its last token.
        log_probs: For each order from 1 on `(R,)` float64, natural logarithms. Those of order 1
            are of all ids.
        backoffs: For each order but the last `(R,)` float64, natural logarithms.

    Raises:
        ValueError: For tables of different lengths.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        keys: Sequence[np.ndarray],
        log_probs: Sequence[np.ndarray],
        backoffs: Sequence[np.ndarray],
    ):
        self.vocabulary = vocabulary
        self.keys, self.log_probs, self.backoffs = list(keys), list(log_probs), list(backoffs)
        rows = [len(vocabulary), *map(len, self.keys)]
        received = [list(map(len, each)) for each in (self.log_probs, self.backoffs)]
        if received != [rows, rows[:-1]]:
            raise UserError(
                f"Expected log-probabilities of {rows} n-grams and back-off weights of "
                f"{rows[:-1]}. Received: {received[0]} and {received[1]}"
            )
        self.log_probs[0] = np.array(self.log_probs[0], "float64")
        self.log_probs[0][list(NEVER)] = -np.inf

    @classmethod
    def of_counts(
        cls,
        counts: NgramCounts,
        kept: Sequence[np.ndarray],
        probs: Sequence[np.ndarray],
        weights: Sequence[np.ndarray],
    ) -> BackoffModel:
        """Makes a model of the n-grams of a text.

        Args:
            counts: The `NgramCounts`.
            kept: For each order `(R,)` bool: what is to be in the table; all of order 1 is.
            probs: For each order `(R,)` float64: probabilities of n-grams.
            weights: For each order but the last `(R,)` float64: the factor of backing off.

        Returns:
            A `BackoffModel`.
        """
        size = len(counts.vocabulary)
        keys, rows = [], np.arange(size)  # rows: the places of n-grams among those that are kept
        for n in range(1, counts.order):
            prefixes = rows[counts.prefixes(n + 1)]
            keys.append((prefixes * size + counts.keys[n - 1] % size)[kept[n]])
            rows = np.cumsum(kept[n]) - 1
        places = [slice(None), *kept[1:]]
        with np.errstate(divide="ignore"):
            log_probs = [np.log(each[keep]) for each, keep in zip(probs, places, strict=True)]
            backoffs = [np.log(each[keep]) for each, keep in zip(weights, places[:-1], strict=True)]
        return cls(counts.vocabulary, keys, log_probs, backoffs)

    @property
    def order(self) -> int:
        """Maximum number of tokens of an n-gram."""
        return len(self.log_probs)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of n-grams of each order; the begin token is counted, padding is not."""
        return (len(self.vocabulary) - 1, *map(len, self.keys))

    def __repr__(self) -> str:
        return f"<BackoffModel of {' / '.join(f'{size:,}' for size in self.sizes)} n-grams>"

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores the tokens of sentences, as `NextTokenModel` says."""
        scores = []
        for ids in flat_ids(sentences, self.vocabulary.id_of):
            scores += per_sentence(ids, self.flat_log_probs(ids))
        return scores

    def token_orders(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Tells which order answered for each token: the length of the n-gram that was found.

        A model that was interpolated, as Kneser–Ney's is by default, has the lower orders in each
        of its probabilities; the order is then that of the longest n-gram that it knows.

        Args:
            sentences: As those of `token_log_probs`.

        Returns:
            For each sentence of n tokens `(n + 1,)` int64: 1 for a token that no known n-gram of
            two or more ends with, up to `order`; the begin token counts as a token of an n-gram.

        Example:

        >>> from kerasrnn.language_modeling import add_k
        >>> model = add_k(["a b c", "a b d"], order=3)
        >>> [each.tolist() for each in model.token_orders(["a b c", "c a b"])]
        [[2, 3, 3, 3], [1, 1, 2, 1]]
        """
        orders = []
        for ids in flat_ids(sentences, self.vocabulary.id_of):
            found = ngrams_of(ids, self.keys, len(self.vocabulary))
            longest = np.ones(len(ids), "int64")
            for n, rows in enumerate(found, start=1):
                longest[rows >= 0] = n
            orders += per_sentence(ids, longest)
        return orders

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        """Gives the distribution of the next token, as `NextTokenModel` says."""
        (ids,) = flat_ids([context], self.vocabulary.id_of)
        return self.flat_distributions(ids[:-1], slice(-1, None))[0]

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        """Gives the distribution at each token of sentences, as `NextTokenModel` says."""
        for sentence in check_sentences("sentences", sentences):
            (ids,) = flat_ids([sentence], self.vocabulary.id_of)
            yield self.flat_distributions(ids[:-1])

    def flat_log_probs(self, ids: np.ndarray) -> np.ndarray:
        """Scores a text of ids.

        Args:
            ids: `(P,)` int32: sentence after sentence, each with the begin and the end id.

        Returns:
            `(P,)` float64, natural logarithms; -inf for the begin id.
        """
        scores = self.log_probs[0][ids]
        context = context_of(ids, ids)
        for n, found in enumerate(ngrams_of(ids, self.keys, len(self.vocabulary))):
            if n:
                scores += self._weights(n - 1, context)
                here = np.flatnonzero(found >= 0)
                scores[here] = self.log_probs[n][found[here]]
            context = context_of(found, ids)
        return scores

    def flat_distributions(self, ids: np.ndarray, places: slice = slice(None)) -> np.ndarray:
        """Gives the distributions of what follows in a text of ids.

        Args:
            ids: `(P,)` int32: as those of `flat_log_probs`.
            places: The places that are wanted, R of them; all if not given.

        Returns:
            `(R, V)` float64, natural logarithms, of the token after each of the places.
        """
        size = len(self.vocabulary)
        rows = np.tile(self.log_probs[0], (len(ids[places]), 1))
        contexts = ngrams_of(ids, self.keys[:-1], size)
        for n, found in enumerate(itertools.islice(contexts, self.order - 1)):
            found = found[places]
            rows += self._weights(n, found)[:, None]
            # A context's n-grams lie side by side; there are none between −V and 0.
            firsts, lasts = (np.searchsorted(self.keys[n], (found + i) * size) for i in (0, 1))
            lengths = lasts - firsts
            row = np.repeat(np.arange(len(rows)), lengths)
            child = np.arange(len(row)) + np.repeat(firsts - np.cumsum(lengths) + lengths, lengths)
            rows[row, self.keys[n][child] % size] = self.log_probs[n + 1][child]
        return rows

    def _weights(self, n: int, contexts: np.ndarray) -> np.ndarray:
        """`(P,)` float64: what backing off from contexts of n + 1 tokens costs, 0 where none is."""
        weights = np.zeros(len(contexts))
        known = np.flatnonzero(contexts >= 0)
        weights[known] = self.backoffs[n][contexts[known]]
        return weights
