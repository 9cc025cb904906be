"""How much of a vocabulary a file of word vectors covers."""

from __future__ import annotations

import dataclasses

__all__ = ["Coverage"]


@dataclasses.dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary has a vector; as a string, a line to print beside a result.

    Running words are those of the training text that are in the vocabulary.

    Args:
        found: Number of words that are in the file as they are.
        found_lowercased: Number of words of which only the lower case is.
        missing: Number of words that are not, whose vectors are drawn at random.
        share_of_tokens: Fraction of the running words that have a vector; `None` where the
            vocabulary has no counts.
        composed: Number of words whose vectors are composed of their n-grams.
        tokens_lowercased: Fraction of the running words of which only the lower case is there.
        tokens_composed: Fraction of the running words that are composed.

    Example:

    >>> print(Coverage(9_710, 0, 290, 0.994))
    97.1 % of 10,000 words, 99.4 % of the running words; 290 words are drawn at random
    """

    found: int
    found_lowercased: int
    missing: int
    share_of_tokens: float | None = None
    composed: int = 0
    tokens_lowercased: float = 0.0
    tokens_composed: float = 0.0

    @property
    def share_of_types(self) -> float:
        """The share of the vocabulary's words, reserved ids aside, that have a vector."""
        return (self._words - self.missing) / self._words

    @property
    def _words(self) -> int:
        return self.found + self.found_lowercased + self.composed + self.missing

    def __str__(self) -> str:
        lowercased, composed = self.found_lowercased / self._words, self.composed / self._words
        shown = f"{_percent(self.share_of_types)} of {self._words:,} words"
        shown += _detail(lowercased, composed)
        if self.share_of_tokens is not None:
            shown += f", {_percent(self.share_of_tokens)} of the running words"
            shown += _detail(self.tokens_lowercased, self.tokens_composed)
        drawn = "1 word is" if self.missing == 1 else f"{self.missing:,} words are"
        return f"{shown}; {drawn} drawn at random"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _detail(lowercased: float, composed: float) -> str:
    """Says how much of a share is no exact match, if anything."""
    parts = [f"{_percent(lowercased)} in lower case"] if lowercased else []
    parts += [f"{_percent(composed)} composed of n-grams"] if composed else []
    return f" ({', '.join(parts)})" if parts else ""
