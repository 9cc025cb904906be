"""From the shares of n-grams and the weights of lower orders to a table that backs off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasrnn.language_modeling.next_token_model import NEVER
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.language_modeling.ngrams.ngram_counts import NgramCounts

__all__ = ["interpolate"]


def interpolate(
    counts: NgramCounts,
    kept: list[np.ndarray],
    shares: list[np.ndarray],
    weights: Sequence[np.ndarray | float],
) -> BackoffModel:
    """Adds up the orders: a token's probability is its share, plus the weight of its context times
    its probability after the context without its first token.

    The n-grams of the table then hold the whole sum, and a context's weight is what backing off
    costs, since the share of a token that was never seen there is 0.

    Args:
        counts: The `NgramCounts`.
        kept: For each order `(R,)` bool: what is to be in the table.
        shares: For each order `(R,)` float64.
        weights: The weight of the uniform distribution over the open vocabulary in order 1, and
            for each order from 2 on `(R,)` float64, the weight of each context, an n-gram of the
            order below.

    Returns:
        The `BackoffModel`.
    """
    uniform, *others = weights
    of_contexts = [np.asarray(each) for each in others]
    probs = [shares[0] + uniform / (len(counts.vocabulary) - len(NEVER))]
    for n in range(1, counts.order):
        lower = probs[-1][counts.suffixes[n - 1]]
        probs.append(shares[n] + of_contexts[n - 1][counts.prefixes(n + 1)] * lower)
    return BackoffModel.of_counts(counts, kept, probs, of_contexts)
