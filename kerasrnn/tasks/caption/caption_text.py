"""What a captioner says of an image: a text, its tokens, and where it looked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasrnn.tasks.answering import Answer

__all__ = ["Caption"]


@dataclasses.dataclass(frozen=True)
class Caption(Answer):
    """A text about an image, and where the model looked.

    Attributes:
        tokens: The T tokens of the text; the last is `<end>` unless it was cut.
        attention: `(T, N)` float32 weights over the N places of the image, row by row, for each
            token; `None` without attention.
    """

    tokens: list[str]
    attention: np.ndarray | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Caption:
        """Reads a row of what the signature `serving_default` gives, without padding.

        Args:
            row: Its outputs by name.
        """
        return cls(
            text=row["text"].decode("utf-8", "replace"),
            log_prob=float(row["log_prob"]),
            score=float(row["score"]),
            tokens=[token.decode("utf-8") for token in row["tokens"]],
            attention=row.get("attention"),
        )
