"""Options that the tasks share which train one head over texts, and those that follow the data."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from kerasrnn.options.data_size import DataSize, chosen_batch_size, chosen_epochs
from kerasrnn.options.fields import FOLLOWS
from kerasrnn.options.groups import (
    Bidirectional,
    Embedded,
    Lowercase,
    MaxLength,
    NamedData,
    Pooled,
    Text,
)
from kerasrnn.options.pretrained_vectors import PretrainedVectors
from kerasrnn.options.ranges import Count, NonNegative, Size, VocabularySize
from kerasrnn.options.words import Cell

__all__ = ["SizedData", "TextHead"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class SizedData(NamedData):
    """Data by whose size it is chosen how long, and in which batches, they are trained on.

    Args:
        ema_epochs: About how many epochs the average of the weights goes back that is validated,
            tested and saved; 1 by default, unless there is an `ema_momentum`. 0 for none.
    """

    batch_size: Count | None = None
    epochs: Count | None = None
    ema_epochs: NonNegative | None = None

    def chosen(self, size: DataSize) -> dict[str, Any]:
        return {
            **super().chosen(size),
            "batch_size": chosen_batch_size(size),
            "epochs": chosen_epochs(size),
            "ema_epochs": 0.0 if self.ema_momentum else 1.0,
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class TextHead(Text, Lowercase, MaxLength, Bidirectional, Pooled, Embedded, PretrainedVectors):
    """How a text is read, and summed up in the vector that the head of a model reads.

    Args:
        max_vocabulary_size: Maximum number of ids; of words 20,000 by default, of subwords 8,000.
        embedding: Size of the token vectors; that of `vectors` where there are some, otherwise 100
            by default.
    """

    max_vocabulary_size: Annotated[VocabularySize | None, FOLLOWS] = None
    lowercase: bool = True
    cell: Cell = "gru"
    embedding: Size | None = None

    def chosen(self, size: DataSize) -> dict[str, Any]:
        return {**super().chosen(size), "embedding": 100}
