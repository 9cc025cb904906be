"""What a training learns of its sequences of vectors before it begins: columns and scale."""

from __future__ import annotations

from typing import Any

from kerasrnn.checks import first_of
from kerasrnn.datasets import VectorScale, labelled_vectors, note, vector_columns
from kerasrnn.options import Source

__all__ = ["TrainingVectors"]


class TrainingVectors:
    """The sequences of a training.

    Args:
        per_step: Whether each step has a label, rather than each sequence.

    Attributes:
        columns: The names of the features, once something is read; `None` where they have none.
    """

    def __init__(self, *, per_step: bool = False):
        self.per_step = per_step
        self.columns: tuple[str, ...] | None = None

    def read(self, source: Source) -> Any:
        """Reads a split; the columns of all splits are those of the training file.

        Args:
            source: The split.
        """
        if source.split == "train" or self.columns is None:
            self.columns = vector_columns(source.data, **source.form)
        return labelled_vectors(
            source.data,
            source.split,
            per_step=self.per_step,
            columns=self.columns,
            **source.form,
        )

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
