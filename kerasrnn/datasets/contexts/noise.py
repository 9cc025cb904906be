"""How often words are drawn: as noise, and as what is left of frequent ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, check_number

__all__ = ["Noise", "keep_probabilities"]

POWER = 0.75


def keep_probabilities(counts: Sequence[int] | np.ndarray, subsample: float) -> np.ndarray:
    r"""Returns with which probability each occurrence of a word stays in the text.

    A word whose fraction f of the running words is above t stays with $\sqrt{t / f}$ (Mikolov et
    al. 2013b, equation 5). word2vec's program has $\sqrt{t / f} + t / f$, a little more.

    Args:
        counts: How often each of N words occurs.
        subsample: The fraction t; 0 keeps all.

    Returns:
        `(N,)` float64, at most 1.

    Example:

    >>> keep_probabilities([75, 24, 1], 0.03).round(3).tolist()
    [0.2, 0.354, 1.0]
    """
    check_number("subsample", subsample, below=1)
    counts = np.asarray(counts, np.float64)
    if not subsample:
        return np.ones(len(counts))
    fractions = np.maximum(counts / counts.sum(), np.finfo(np.float64).tiny)
    return np.minimum(1.0, np.sqrt(subsample / fractions))


class Noise:
    r"""Draws words by their counts to the power of 3/4 (Mikolov et al. 2013b, section 2.2).

    A draw takes the same time for any number of words: the alias method of Walker (1977), by which
    each word shares an equal part of the interval with at most one other.

    Args:
        counts: How often each of N words occurs; one that does not is never drawn.

    Attributes:
        probabilities: `(N,)` float64.

    Raises:
        ValueError: Where no word occurs.

    Example:

    >>> noise = Noise([16, 0, 81])
    >>> noise.probabilities.round(3).tolist()  # 8 and 27 of 35
    [0.229, 0.0, 0.771]
    >>> sorted(set(noise.draw(np.random.default_rng(1), (500,)).tolist()))
    [0, 2]
    """

    def __init__(self, counts: Sequence[int] | np.ndarray):
        weights = np.asarray(counts, np.float64) ** POWER
        if not weights.sum() > 0:
            raise UserError("Expected counts of words that occur. Received: none")
        self.probabilities = weights / weights.sum()
        self._own, self._other = _shared(self.probabilities)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Draws words.

        Args:
            rng: The generator.
            shape: How many.

        Returns:
            Their places, int32 of the shape.
        """
        number = len(self._own)
        places = rng.integers(number, size=shape, dtype=np.int32)
        return np.where(rng.random(shape) < self._own[places], places, self._other[places])


def _shared(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns what part of its share each word has itself, and which word has the rest."""
    number = len(probabilities)
    left = probabilities * number
    own, other = np.ones(number), np.arange(number, dtype=np.int32)
    small = np.flatnonzero(left < 1).tolist()
    large = np.flatnonzero(left >= 1).tolist()
    while small and large:
        place, giver = small.pop(), large[-1]
        own[place], other[place] = left[place], giver
        left[giver] -= 1 - left[place]
        if left[giver] < 1:
            small.append(large.pop())
    # What is left over by rounding has its share for itself, unless it is never to be drawn.
    likeliest = int(probabilities.argmax())
    for place in small:
        if probabilities[place] == 0:
            own[place], other[place] = 0.0, likeliest
    return own, other
