"""What a tagger says of a sentence: labels, confidences, entities."""

from __future__ import annotations

import dataclasses

import numpy as np

__all__ = ["Entity", "Tagging"]


@dataclasses.dataclass(frozen=True)
class Entity:
    """A name that was found.

    Attributes:
        type: What it is, such as `"PER"`.
        start: The number of its first token, from 0.
        end: The number of its last token, plus 1.
        text: Its tokens, with a space between them.
        confidence: The probability of all its labels together.
    """

    type: str
    start: int
    end: int
    text: str
    confidence: float


@dataclasses.dataclass(frozen=True)
class Tagging:
    """The labels of a sentence, and how sure the model is of them.

    Attributes:
        tokens: The T tokens.
        labels: The label of each.
        confidences: `(T,)` float32, the probability of each label; with a conditional random
            field its marginal probability.
        log_prob: The natural logarithm of the probability of all labels together.
        entities: The entities in the order of their tokens; `None` where labels mark none.
    """

    tokens: list[str]
    labels: list[str]
    confidences: np.ndarray
    log_prob: float
    entities: list[Entity] | None = None
