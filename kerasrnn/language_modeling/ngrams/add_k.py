"""Add-k smoothing, of which adding nothing is maximum likelihood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from kerasrnn.checks import check_number
from kerasrnn.language_modeling.next_token_model import NEVER, NextTokenModel
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.language_modeling.ngrams.interpolation import interpolate
from kerasrnn.language_modeling.ngrams.ngram_counts import NgramCounts, count_ngrams
from kerasrnn.vocabulary import BEGIN, Vocabulary

__all__ = ["add_k", "impossible_sentences"]


def add_k(
    sentences: Iterable[str | Sequence[str]] | NgramCounts,
    order: int = 3,
    vocabulary: Vocabulary | None = None,
    k: float = 1.0,
) -> BackoffModel:
    """Estimates an n-gram model whose counts are all raised by k.

    P(w | h) = (c(hw) + k) / (c(h) + k V), where V counts the open vocabulary and h the last n − 1
    tokens, or the whole start of the sentence. With k = 1 this is Laplace's rule, with k = 0
    maximum likelihood, the only model here that says -inf: to each token that never followed its
    context. A context that never occurred says nothing, so each token is as likely as another.

    Args:
        sentences: Sentences, such as the lines of a file, or counts of them, whose order and
            vocabulary are then taken.
        order: Maximum number of tokens of an n-gram.
        vocabulary: The `Vocabulary`; what it lacks counts as the unknown token. `None` builds one
            of all the tokens of the text.
        k: What is added, 0 or more.

    Returns:
        A `BackoffModel`.

    Raises:
        ValueError: For a k below 0, or a text without a word of the vocabulary.

    Example:

    >>> model = add_k(["a b", "a c"], order=2, k=1)
    >>> np.exp(model.next_log_probs("a")).round(3).tolist()  # 5 tokens; b and c followed a
    [0.0, 0.143, 0.0, 0.143, 0.143, 0.286, 0.286]
    """
    check_number("k", k)
    known = isinstance(sentences, NgramCounts)
    counts = sentences if known else count_ngrams(sentences, order, vocabulary)
    added = k * (len(counts.vocabulary) - len(NEVER))
    begins = counts.begins()
    shares: list[np.ndarray] = [np.zeros(len(begins[0]))]
    weights: list[np.ndarray | float] = [1.0]
    if counts.order == 1:
        seen = np.where(np.arange(len(begins[0])) == BEGIN, 0, counts.counts[0])
        shares, weights = [seen / (seen.sum() + added)], [added / (seen.sum() + added)]
    for n in range(1, counts.order):
        prefixes, rows = counts.prefixes(n + 1), len(begins[n - 1])
        totals = np.bincount(prefixes, counts.counts[n], rows)
        # Shorter contexts stand for unseen ones, unless they are all there is of the sentence.
        whole = (begins[n - 1] | (n == counts.order - 1)) & (totals > 0)
        totals = totals + added
        shares.append(np.where(whole[prefixes], counts.counts[n] / totals[prefixes], 0))
        weights.append(np.divide(added, totals, out=np.ones(rows), where=whole))
    return interpolate(counts, [np.ones(len(each), bool) for each in begins], shares, weights)


def impossible_sentences(model: NextTokenModel, sentences: Iterable[str | Sequence[str]]) -> int:
    """Counts the sentences whose probability is 0: what smoothing is for.

    Example:

    >>> model = add_k(["a b", "a c"], order=2, k=0)
    >>> impossible_sentences(model, ["a b", "b a", "a"])
    2
    """
    return sum(bool(np.isneginf(each).any()) for each in model.token_log_probs(sentences))
