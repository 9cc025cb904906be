"""Back-off with Good–Turing discounts, Katz' model."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

import numpy as np

from kerasrnn.checks import check_integer
from kerasrnn.language_modeling.next_token_model import NEVER
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.language_modeling.ngrams.ngram_counts import NgramCounts, count_ngrams, kept_rows
from kerasrnn.vocabulary import Vocabulary

__all__ = ["good_turing"]

# What is taken off small counts where the text is too small for Good and Turing.
FALLBACK = 0.5


def good_turing(
    sentences: Iterable[str | Sequence[str]] | NgramCounts,
    order: int = 3,
    vocabulary: Vocabulary | None = None,
    max_count: int = 5,
    min_counts: int | Sequence[int] = 1,
) -> BackoffModel:
    """Estimates a back-off model with Good–Turing discounts.

    Katz (1987): counts r up to `max_count` are lowered in proportion to (r + 1) n_{r+1} / n_r, so
    that all that is taken off is what the n-grams that never occurred are estimated to have; it is
    spread over them as the next lower order says. Larger counts are trusted.

    Args:
        sentences: Sentences, such as the lines of a file, or counts of them, whose order and
            vocabulary are then taken.
        order: Maximum number of tokens of an n-gram.
        vocabulary: The `Vocabulary`; what it lacks counts as the unknown token. `None` builds one
            of all the tokens of the text.
        max_count: The largest count that is lowered, 2 or more; a smaller one is taken for an order
            whose discounts cannot be estimated that far.
        min_counts: Minimum count of the n-grams in the table, one for each order, the last
            one for all higher orders too; the first is 1.

    Returns:
        A `BackoffModel`. Where an order's discounts cannot be estimated at all, 0.5 is taken off
        each count up to `max_count`, and a `UserWarning` says so. A context of large counts alone
        is taken to have occurred once more, so that none is without a rest.

    Raises:
        ValueError: For wrong arguments, or a text without a word of the vocabulary.

    Example:

    >>> model = good_turing(["x x x y y z z a b c d e"], order=1, max_count=2)
    >>> probs = np.exp(model.next_log_probs())
    >>> round(float(probs[1]) * 13, 9)  # 6 of the 13 tokens occur once
    6.0
    """
    check_integer("max_count", max_count, least=2)
    known = isinstance(sentences, NgramCounts)
    counts = sentences if known else count_ngrams(sentences, order, vocabulary)
    kept = kept_rows(counts, min_counts)
    size = len(counts.vocabulary) - len(NEVER)
    numbers = counts.counts[0].copy()
    numbers[list(NEVER)] = 0
    uniform = np.full(len(numbers), 1 / size)
    # Single words follow the one empty context, behind which all tokens are alike.
    lowered = _lowered(numbers, 1, max_count)
    empty = np.zeros(len(numbers), "int64")
    first, rest = _smoothed(numbers, lowered, numbers > 0, empty, uniform, 1, size)
    probs, weights = [np.where(numbers > 0, first, rest[0] * uniform)], []
    for n in range(1, counts.order):
        numbers, prefixes = counts.counts[n], counts.prefixes(n + 1)
        lowered = _lowered(numbers, n + 1, max_count)
        lower, contexts = probs[-1][counts.suffixes[n - 1]], len(probs[-1])
        found = _smoothed(numbers, lowered, kept[n], prefixes, lower, contexts, size)
        probs.append(found[0])
        weights.append(found[1])
    return BackoffModel.of_counts(counts, kept, probs, weights)


def _smoothed(numbers, lowered, kept, prefixes, lower, contexts, size):
    """Smooths the n-grams of one order.

    Args:
        numbers: `(R,)` int64, how often each occurs.
        lowered: `(R,)` float64, what is left of that.
        kept: `(R,)` bool, whether it is to be in the table.
        prefixes: `(R,)` int64, its context: the number of its first n − 1 tokens.
        lower: `(R,)` float64, its probability in the order below.
        contexts: Number of contexts C.
        size: Number of tokens of the open vocabulary.

    Returns:
        `(R,)` float64, the probabilities of the n-grams that are kept, and `(C,)` float64, the
        factor of backing off from each context.
    """
    lowered = np.where(kept, lowered, 0)
    totals = np.bincount(prefixes, numbers, contexts)
    seen = np.bincount(prefixes, lowered, contexts)
    everything = np.bincount(prefixes, kept, contexts) == size
    # Once more than it occurred, where nothing would be left for what never followed it.
    totals += totals - seen < 1e-9
    # Where all tokens followed, none is left to give the rest to.
    totals[everything] = seen[everything]
    left = totals - seen
    free = 1 - np.bincount(prefixes, np.where(kept, lower, 0), contexts)
    rest = np.divide(left, totals * free, out=np.ones(contexts), where=~everything & (seen > 0))
    return lowered / totals[prefixes], rest


def _lowered(numbers: np.ndarray, order: int, max_count: int) -> np.ndarray:
    """Returns counts less what Good and Turing take off them, `(R,)` float64."""
    found = np.bincount(np.minimum(numbers, max_count + 2), minlength=max_count + 3)[1:-1]
    factors = None
    for top in range(max_count, 1, -1):
        factors = _factors(found[: top + 1].astype("float64")) if factors is None else factors
    if factors is None:
        if numbers.any():
            warnings.warn(
                f"The text has too little for the Good-Turing discounts of order {order}: of its "
                f"n-grams {', '.join(map(str, found))} count 1 to {max_count + 1}. "
                f"{FALLBACK} is taken off each count up to {max_count}.",
                stacklevel=3,
            )
        r = np.arange(1, max_count + 1)
        factors = (r - FALLBACK) / r
    factors = np.concatenate([[0], factors, [1]])
    return numbers * factors[np.minimum(numbers, len(factors) - 1)]


def _factors(found: np.ndarray) -> np.ndarray | None:
    """Returns what is left of counts 1 to k, given how many n-grams count 1 to k + 1.

    `None` where the text is too small for that: where a share would not lie between 0 and 1.
    """
    if not found.all():
        return None
    r = np.arange(1, len(found))
    all_off = len(found) * found[-1] / found[0]
    estimates = (r + 1) * found[1:] / found[:-1] / r
    factors = (estimates - all_off) / (1 - all_off) if all_off < 1 else np.zeros(1)
    return factors if ((factors > 0) & (factors <= 1)).all() else None
