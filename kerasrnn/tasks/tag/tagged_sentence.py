"""What a tagger says of a sentence: labels, confidences, entities."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasrnn.metrics import entities

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

    @classmethod
    def of(cls, row: Mapping[str, Any], with_entities: bool) -> Tagging:
        """Reads a row of what the signature `tokens` gives, without padding.

        Args:
            row: Its outputs by name.
            with_entities: Whether the labels mark entities.
        """
        tokens, labels = (
            [each.decode("utf-8", "replace") for each in row[name]] for name in ("tokens", "labels")
        )
        found = None
        if with_entities:
            spans = sorted(entities(labels), key=lambda span: span[1])
            found = [
                Entity(kind, i, end, " ".join(tokens[i:end]), float(row["entity_confidence"][i]))
                for kind, i, end in spans
            ]
        return cls(tokens, labels, row["confidence"], float(row["log_prob"]), found)
