"""What a recogniser heard: hypotheses of an utterance with their scores."""

from __future__ import annotations

import dataclasses
import math

from kerasrnn.checks import UserError

__all__ = ["SILENT", "Hypothesis", "NBestList", "read_score"]

# Words that are none: pauses, marks of the beginning and the end, the empty ones of lattices.
SILENT = ("<s>", "</s>", "-pau-", "<eps>", "!NULL", "!SENT_START", "!SENT_END")


@dataclasses.dataclass(frozen=True)
class Hypothesis:
    """One answer of a recogniser.

    Attributes:
        words: Its words.
        acoustic: The acoustic score, a natural logarithm; 0 where there is none.
        language: The score of the recogniser's own language model, likewise.
    """

    words: tuple[str, ...]
    acoustic: float = 0.0
    language: float = 0.0


@dataclasses.dataclass(frozen=True)
class NBestList:
    """The hypotheses of an utterance, the best one first.

    Attributes:
        utterance: Its name.
        hypotheses: One `Hypothesis` or more.

    Raises:
        ValueError: For a list without hypotheses.

    Example:

    >>> heard = NBestList("greeting", (Hypothesis(("hello",), -3.0), Hypothesis(("yellow",), -2.0)))
    >>> heard.first_best
    ('hello',)
    """

    utterance: str
    hypotheses: tuple[Hypothesis, ...]

    def __post_init__(self) -> None:
        if not self.hypotheses:
            raise UserError(f"Expected a hypothesis of {self.utterance!r}. Received: none")

    @property
    def first_best(self) -> tuple[str, ...]:
        """The words of the first hypothesis."""
        return self.hypotheses[0].words


def read_score(text: str) -> float:
    """Reads a logarithm: a number or -inf; raises `ValueError` for all else."""
    value = float(text)
    if math.isnan(value) or "_" in text:
        raise UserError(text)
    return value
