"""Interpolated Kneser–Ney smoothing, with three discounts for each order or with one."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.language_modeling.ngrams.interpolation import interpolate
from kerasrnn.language_modeling.ngrams.ngram_counts import NgramCounts, count_ngrams, kept_rows
from kerasrnn.vocabulary import BEGIN, Vocabulary

__all__ = ["kneser_ney", "kneser_ney_discounts"]

# For a text that is too small to estimate its own, those that KenLM falls back to as well.
FALLBACK = {"modified": (0.5, 1.0, 1.5), "single": (0.5, 0.5, 0.5)}


def kneser_ney(
    sentences: Iterable[str | Sequence[str]] | NgramCounts,
    order: int = 5,
    vocabulary: Vocabulary | None = None,
    discounts: str | Sequence[Sequence[float]] = "modified",
    min_counts: int | Sequence[int] = 1,
) -> BackoffModel:
    """Estimates an n-gram model with interpolated Kneser–Ney smoothing.

    Chen and Goodman (1998), section 3: a discount is taken off each count, and what that leaves
    over is spread as the next lower order says, in which an n-gram counts for the number of
    different tokens in front of it. Single words are interpolated with the uniform distribution
    over the open vocabulary, from which the unknown token has its share where it never occurs.

    Args:
        sentences: Sentences, such as the lines of a file, or counts of them, whose order and
            vocabulary are then taken.
        order: Maximum number of tokens of an n-gram.
        vocabulary: The `Vocabulary`; what it lacks counts as the unknown token. `None` builds one
            of all the tokens of the text.
        discounts: `"modified"`, three for each order, for counts of 1, 2 and more (their equation
            26); `"single"`, one for each order (Ney, Essen and Kneser 1994); or three numbers
            for each order.
        min_counts: Minimum count of the n-grams in the table, one for each order, the last
            one for all higher orders too; the first is 1. What is cut off is spread with the rest.

    Returns:
        A `BackoffModel`.

    Raises:
        ValueError: For wrong arguments, or a text without a word of the vocabulary.

    Example:

    >>> lines = ["the cat sat", "the dog sat", "a cat ran"] * 2
    >>> model = kneser_ney(lines, order=3, discounts=[(0.5, 1, 1.5)] * 3)
    >>> model
    <BackoffModel of 9 / 10 / 9 n-grams>
    >>> float(model.token_log_probs(["the dog ran"])[0].sum().round(3))
    -5.791
    """
    known = isinstance(sentences, NgramCounts)
    counts = sentences if known else count_ngrams(sentences, order, vocabulary)
    kept = kept_rows(counts, min_counts)
    adjusted = _adjusted_counts(counts)
    cuts = _discounts(discounts, adjusted)
    first = adjusted[0] - cuts[0, np.minimum(adjusted[0], 3)]
    total = adjusted[0].sum()
    shares: list[np.ndarray] = [first / total]
    weights: list[np.ndarray | float] = [(total - first.sum()) / total]
    for n in range(1, counts.order):
        numbers, prefixes, rows = adjusted[n], counts.prefixes(n + 1), len(adjusted[n - 1])
        denominators = np.bincount(prefixes, numbers, rows)
        share = numbers - cuts[n, np.minimum(numbers, 3)]
        # All of an n-gram that is cut off is left over.
        left = np.bincount(prefixes, np.where(kept[n], numbers - share, numbers), rows)
        share /= denominators[prefixes]
        shares.append(share)
        # A context that is never followed, such as one that ends the sentence, passes all on.
        weights.append(np.divide(left, denominators, out=np.ones(rows), where=denominators > 0))
    return interpolate(counts, kept, shares, weights)


def kneser_ney_discounts(counts: NgramCounts, discounts: str = "modified") -> np.ndarray:
    """Estimates the discounts of each order.

    Args:
        counts: The `NgramCounts`.
        discounts: `"modified"` or `"single"`.

    Returns:
        `(order, 3)` float64: what is taken off a count of 1, of 2, and of 3 or more. An order for
        which the text has too little gets fixed ones, and a `UserWarning` says so.

    Raises:
        ValueError: For another word.
    """
    return _discounts(discounts, _adjusted_counts(counts))[:, 1:]


def _adjusted_counts(counts: NgramCounts) -> list[np.ndarray]:
    """Counts of different tokens in front, but for the begin token itself, which none predicts."""
    adjusted = counts.continuation_counts()
    adjusted[0] = np.where(np.arange(len(adjusted[0])) == BEGIN, 0, adjusted[0])
    return adjusted


def _discounts(discounts, adjusted: list[np.ndarray]) -> np.ndarray:
    """`(order, 4)` float64: what is taken off counts of 0, 1, 2 and more."""
    if isinstance(discounts, str):
        if discounts not in FALLBACK:
            raise UserError(
                f"Expected `discounts` to be one of {', '.join(FALLBACK)}, or three numbers for "
                f"each order. Received: {discounts!r}"
            )
        rows = []
        for order, numbers in enumerate(adjusted, start=1):
            rows.append(_estimated(discounts, order, numbers))
    else:
        rows = np.array(discounts, "float64")
        if rows.shape != (len(adjusted), 3) or not ((rows > 0) & (rows <= [1, 2, 3])).all():
            raise UserError(
                f"Expected {len(adjusted)} × 3 discounts above 0, at most 1, 2 and 3. "
                f"Received: {discounts}"
            )
    return np.pad(rows, ((0, 0), (1, 0)))


def _estimated(kind: str, order: int, numbers: np.ndarray) -> Sequence[float]:
    """Returns the three discounts of an order, fixed ones where they cannot be estimated."""
    if not numbers.any():  # no sentence is that long
        return FALLBACK[kind]
    n1, n2, n3, n4 = np.bincount(np.minimum(numbers, 5), minlength=6)[1:5].tolist()
    needed = (n1, n2, n3, n4) if kind == "modified" else (n1, n2)
    if all(needed):
        y = n1 / (n1 + 2 * n2)
        found = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)[: len(needed) - 1]
        if min(found) > 0:
            return found if kind == "modified" else found * 3
    warnings.warn(
        f"The text has too little to estimate the Kneser-Ney discounts of order {order}: of its "
        f"n-grams {', '.join(map(str, needed))} count 1 to {len(needed)}. "
        f"Fixed discounts are taken: {FALLBACK[kind]}.",
        stacklevel=4,
    )
    return FALLBACK[kind]
