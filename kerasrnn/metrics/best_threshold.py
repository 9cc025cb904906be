"""The threshold of a probability with which a class has its maximum F1."""

from __future__ import annotations

import numpy as np

__all__ = ["best_threshold"]

MIDDLE = 0.5


def best_threshold(probabilities: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """Finds the threshold that maximises F1 of the positive class.

    All thresholds between two neighbouring probabilities give the same answers; the middle of them
    stands for all. Of several that are best, the one nearest to 0.5 is taken.

    Args:
        probabilities: `(N,)` float32, that of the positive class for each example.
        positive: `(N,)` bool, whether that class is the right one.

    Returns:
        The threshold, from which on the class is answered, and the F1 that it reaches; 0.5 and 0
        where no example is of the class.

    Example:

    >>> best_threshold(np.array([0.1, 0.2, 0.4, 0.6]), np.array([False, True, False, True]))
    (0.15000000596046448, 0.8)
    """
    probabilities, positive = np.asarray(probabilities, "float32"), np.asarray(positive, bool)
    if not positive.any() or not np.isfinite(probabilities).all():
        return MIDDLE, 0.0
    above, inverse = np.unique(probabilities, return_inverse=True)
    hits = np.bincount(inverse, positive, len(above))
    all_ = np.bincount(inverse, minlength=len(above))
    # From each of the probabilities on: how many are answered, and how many of these are right.
    hits, answered = np.cumsum(hits[::-1])[::-1], np.cumsum(all_[::-1])[::-1]
    f1 = 2 * hits / (answered + positive.sum())
    below = np.concatenate([np.zeros(1, "float32"), above[:-1]])
    middles = ((below.astype("float64") + above) / 2).astype("float32")
    # Between neighbours among float32 numbers there is none.
    middles = np.where(middles > below, middles, above)
    possible = middles > 0
    if not possible.any():
        return MIDDLE, 0.0
    best = np.flatnonzero(possible & (f1 == f1[possible].max()))
    chosen = best[np.argmin(np.abs(middles[best] - MIDDLE))]
    return float(middles[chosen]), float(f1[chosen])
