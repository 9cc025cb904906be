"""What a training learns of its sequences of vectors before it begins: columns and scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasrnn.checks import first_of
from kerasrnn.datasets import VectorScale, note, vector_columns
from kerasrnn.options import Source

__all__ = ["TrainingVectors"]


class TrainingVectors:
    """The sequences of a training.

    Args:
        reader: Reads those of a split, as `datasets.labelled_vectors` does.
        numbered: Whether numbers are about each, see `datasets.numbered_vectors`.

    Attributes:
        columns: The names of the features, once something is read; `None` where they have none.
    """

    def __init__(self, reader: Callable[..., Any], *, numbered: bool = False):
        self._reader, self._numbered = reader, numbered
        self.columns: tuple[str, ...] | None = None

    def read(self, source: Source) -> Any:
        """Reads a split; the columns of all splits are those of the training file.

        Args:
            source: The split.
        """
        if source.split == "train" or self.columns is None:
            self.columns = vector_columns(source.data, numbered=self._numbered, **source.form)
        return self._reader(source.data, source.split, columns=self.columns, **source.form)

    def scale(self, train: Any, data: str) -> VectorScale:
        """Measures the training split, and notes which features are constant in it.

        Args:
            train: What `read` returned.
            data: What was read, for the note.
        """
        scale, constant = VectorScale.fit(train)
        if constant:
            names = self.columns or [str(i + 1) for i in range(len(scale.mean))]
            note(
                f"{data}: constant in training, so that they tell nothing: "
                f"{first_of([names[i] for i in constant])}"
            )
        return scale
