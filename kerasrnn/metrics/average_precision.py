"""How well scores rank what has a label above what has not."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasrnn.checks import UserError

__all__ = ["average_precision"]


def average_precision(positive: Any, scores: Any) -> float:
    """Sums the precision at each gain of recall: the area under the precision-recall curve.

    AP = Σ (R_n − R_{n−1}) P_n over the thresholds from the highest score down, where equal scores
    are one threshold, without interpolation (Manning, Raghavan and Schütze 2008, section 8.4; as
    scikit-learn's `average_precision_score` takes it). It is 1 where all positives are ranked
    first, and the fraction of positives where scores tell nothing.

    Args:
        positive: `(N,)` bool, whether each example has the label.
        scores: `(N,)` numbers, higher for what more likely has it.

    Returns:
        The average precision; NaN where no example has the label.

    Raises:
        ValueError: For other shapes, or a score that is NaN.

    Example:

    >>> average_precision([True, False, True], [0.9, 0.5, 0.1])
    0.8333333333333333
    """
    positive, scores = np.asarray(positive, bool), np.asarray(scores, "float64")
    if positive.shape != scores.shape or positive.ndim != 1 or np.isnan(scores).any():
        raise UserError(
            f"Expected a score for each of {positive.shape} examples, none of them NaN. "
            f"Received: {scores.shape}"
        )
    number = int(positive.sum())
    if not number:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(positive[order])[ends]
    gains = np.diff(hits, prepend=0) / number
    return float((gains * hits / (ends + 1)).sum())
