"""How a model of tokens also reads the characters of each one."""

from __future__ import annotations

import dataclasses

from kerasrnn.checks import check_size
from kerasrnn.models.arguments import check_vocabulary_size

__all__ = ["Characters"]


@dataclasses.dataclass(frozen=True)
class Characters:
    """The sizes of the layer that reads the characters of each word: `layers.CharacterFeatures`.

    Args:
        vocabulary_size: Number of character ids, the reserved ones included.
        filters: Number of features of each word's characters.
        width: Number of characters that each of them sees at a time.

    Raises:
        ValueError: For a size out of range.

    Example:

    >>> letters = kerasrnn.models.Characters(11, filters=7)
    >>> model = kerasrnn.many_to_many(13, 3, units=5, characters=letters)
    >>> sorted(model.input), model.output_shape
    (['characters', 'tokens'], (None, None, 3))
    """

    vocabulary_size: int
    filters: int = 30
    width: int = 3

    def __post_init__(self) -> None:
        check_vocabulary_size("vocabulary_size", self.vocabulary_size)
        check_size("filters", self.filters)
        check_size("width", self.width)
