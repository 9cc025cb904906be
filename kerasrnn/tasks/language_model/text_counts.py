"""What is counted of texts that a language model has scored."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.language_modeling import TextReport
from kerasrnn.tasks.tallies.sums import exact, exact_sum
from kerasrnn.vocabulary import END, UNKNOWN, Vocabulary

__all__ = ["report_of_counts", "text_counts"]

COUNTS = ("words", "sentences", "unknown_words", "impossible_sentences")


def text_counts(ids: Sequence[np.ndarray], log_probs: Sequence[np.ndarray]) -> dict[str, Any]:
    """Counts the tokens of texts, and adds up their log-probabilities.

    Args:
        ids: For each text its ids and the end id.
        log_probs: As many natural log-probabilities.
    """
    return {
        "log_prob": exact(math.fsum(float(each.sum()) for each in log_probs)),
        "words": sum(int(np.count_nonzero(row != END)) for row in ids),
        "sentences": len(ids),
        "unknown_words": sum(int(np.count_nonzero(row == UNKNOWN)) for row in ids),
        "impossible_sentences": sum(bool(np.isneginf(row).any()) for row in log_probs),
    }


def report_of_counts(
    tallies: Iterable[Mapping[str, Any]], vocabulary: Vocabulary
) -> dict[str, Any]:
    """Sums up what `text_counts` returned.

    Args:
        tallies: That of each piece.
        vocabulary: That of the model.

    Returns:
        The parts of a `TextReport`, and `examples`, the number of texts.
    """
    tallies = list(tallies)
    counted = {name: sum(tally[name] for tally in tallies) for name in COUNTS}
    log_prob = exact_sum(tally["log_prob"] for tally in tallies)
    report = TextReport.of(log_prob, vocabulary, **counted)
    return {**dataclasses.asdict(report), "examples": report.sentences}
