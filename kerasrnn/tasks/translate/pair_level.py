"""What the tokens of text pairs are where no one says it."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np

from kerasrnn.options.words import Level
from kerasrnn.text import split

__all__ = ["level_of"]

LOOKED_AT = 2000  # pairs
SHORT = 30  # characters
SEEN = 0.995  # of the words of the second half are in the first one where vocabularies are closed


def level_of(pairs: Any) -> Level:
    """Chooses what a token is by a look at the first 2,000 pairs of the training split.

    Characters where both sides have at most 30 of them on average; words where nearly all, 99.5 %,
    of those in the second half of the pairs are in the first half too, as in commands; otherwise
    subwords, or characters where the package that learns subwords is not installed.

    Args:
        pairs: A `tf.data.Dataset` of `(source, target)`, scalar strings.

    Returns:
        The level.

    Example:

    >>> pairs = tf.data.Dataset.from_tensors(("4 mars 2021", "2021-03-04")).repeat(20)
    >>> level_of(pairs)
    'character'
    """
    sides = list(zip(*pairs.take(LOOKED_AT).as_numpy_iterator(), strict=True))[:2]
    if all(np.mean([len(text.decode("utf-8")) for text in side]) <= SHORT for side in sides):
        return "character"
    if all(_share_seen(side) >= SEEN for side in sides):
        return "word"
    return "subword" if importlib.util.find_spec("tokenizers") else "character"


def _share_seen(texts: tuple[bytes, ...]) -> float:
    """The fraction of the words in the second half of texts that the first half has."""
    words = split(np.array(texts), "word").to_list()
    known = {word for row in words[: len(words) // 2] for word in row}
    later = [word for row in words[len(words) // 2 :] for word in row]
    return sum(word in known for word in later) / max(len(later), 1)
