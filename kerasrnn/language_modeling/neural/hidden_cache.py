"""What a continuous cache holds, and how similar it is to the present state."""

from __future__ import annotations

import numpy as np

__all__ = ["HiddenCache"]

# Positions whose likenesses to the window are in memory at once.
COMPARED_AT_ONCE = 256


class HiddenCache:
    """The last m positions of a text.

    Args:
        hidden: `(m, U)` float32, what each token was predicted from.
        labels: `(m,)` int, the tokens that came.
    """

    def __init__(self, hidden: np.ndarray, labels: np.ndarray):
        self.hidden, self.labels = hidden, labels

    def followed_by(self, hidden: np.ndarray, labels: np.ndarray, window: int) -> HiddenCache:
        """Returns the last `window` positions when others have come."""
        return HiddenCache(
            np.concatenate([self.hidden, hidden])[-window:],
            np.concatenate([self.labels, labels])[-window:],
        )

    def shares_of(
        self, hidden: np.ndarray, labels: np.ndarray, flatness: float, window: int
    ) -> np.ndarray:
        """Gives the cache's probability of each label, `(n,)` float64; NaN where it is empty."""
        shares = []
        for start, likeness, keys in self._likeness(hidden, labels, flatness, window):
            wanted = labels[start : start + len(likeness), np.newaxis]
            shares.append((likeness * (wanted == keys)).sum(axis=1))
        return np.concatenate(shares)

    def distributions(
        self, hidden: np.ndarray, labels: np.ndarray, flatness: float, window: int, size: int
    ) -> np.ndarray:
        """Gives the cache's probability of each id, `(n, V)` float64; NaN where it is empty."""
        rows = []
        for _, likeness, keys in self._likeness(hidden, labels, flatness, window):
            ids, places = np.unique(keys, return_inverse=True)
            shares = np.zeros((len(likeness), size))
            shares[:, ids] = likeness @ np.eye(len(ids))[places]
            shares[np.isnan(likeness).any(axis=1)] = np.nan
            rows.append(shares)
        return np.concatenate(rows)

    def _likeness(self, hidden, labels, flatness: float, window: int):
        """Yields for some positions at a time what share each key `(k,)` has, `(n, k)` float64."""
        positions = len(self.labels)
        all_hidden = np.concatenate([self.hidden, hidden])
        all_labels = np.concatenate([self.labels, labels])
        for start in range(0, len(labels), COMPARED_AT_ONCE):
            end = min(start + COMPARED_AT_ONCE, len(labels))
            first = max(0, positions + start - window)
            keys = slice(first, positions + end)
            scores = flatness * (hidden[start:end] @ all_hidden[keys].T).astype("float64")
            here = np.arange(positions + start, positions + end)[:, np.newaxis]
            key = np.arange(keys.start, keys.stop)
            scores[(key >= here) | (key < here - window)] = -np.inf
            yield start, _softmax(scores), all_labels[keys]


def _softmax(scores: np.ndarray) -> np.ndarray:
    """Makes each row `(n, k)` sum to 1; NaN where all of it is -inf."""
    greatest = scores.max(axis=1, keepdims=True)
    weights = np.exp(scores - np.where(np.isneginf(greatest), 0, greatest))
    with np.errstate(invalid="ignore"):
        return weights / weights.sum(axis=1, keepdims=True)
