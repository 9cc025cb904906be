"""How large a batch may be, whose changes of a word's vector add up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasrnn.datasets import Noise, keep_probabilities
from kerasrnn.options import WordVectors

__all__ = ["most_words"]

# The greatest product of the learning rate and the changes of one vector in a batch: with a few
# times as much the vectors of a small vocabulary grow without end.
MOST = 6.5


def most_words(counts: Sequence[int], options: WordVectors) -> int:
    """Returns how many running words a batch may have.

    A batch is one step, and the gradient of a word that occurs in it a hundred times is the sum of
    a hundred. In a large vocabulary no word does.

    Args:
        counts: How often each word occurs.
        options: Those of the training, whose `batch_size` is the most.

    Example:

    >>> given = options.WordVectors(data="a.txt", learning_rate=0.025, batch_size=1000)
    >>> most_words([9] * 20_000, given), most_words([90, 90, 90], given)
    (1000, 395)
    """
    often_each = np.asarray(counts, np.float64)
    kept = often_each * keep_probabilities(often_each, options.subsample)
    window = (1 + options.window) if options.architecture == "skip_gram" else 1
    # Of a running word: the examples that it makes, and how often the likeliest word is in one.
    examples = kept.sum() / often_each.sum() * window
    noise = options.negatives * Noise(often_each).probabilities.max()
    often = examples * (noise + kept.max() / kept.sum())
    most = MOST / (float(options.learning_rate or 1.0) * often)
    return max(1, min(int(most), options.batch_size or 1))
