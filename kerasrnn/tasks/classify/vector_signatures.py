"""Vectors in, a label out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from kerasrnn.datasets import VectorScale
from kerasrnn.tasks.classify.signatures import class_outputs
from kerasrnn.tasks.vectors.sequence_signatures import SequenceSignatures
from kerasrnn.typing import Tensor

__all__ = ["VectorClassificationSignatures"]


class VectorClassificationSignatures(SequenceSignatures):
    """Standardises the vectors, reads them and names the class, all of it in one graph.

    Args:
        model: What `many_to_one` returned for vectors, with one output for each label.
        labels: Names of the C classes.
        scale: That of the training part.
        decision: As that of `ClassificationSignatures`.

    Attributes:
        functions: By name `tf.function`s from `features` `(B, T, F)` float32, in the units of the
            data, and `length` `(B,)` int32, the number of steps that count:
            `serving_default` to the first four outputs of `ClassificationSignatures`: `label`,
            `probability`, `labels`, `probabilities`; `encode` to `vector` `(B, U)` float32, what
            the output layer reads. They fail for numbers that are not finite.
    """

    def __init__(
        self,
        model: keras.Model,
        labels: Sequence[str],
        scale: VectorScale,
        decision: tuple[int, float] | None = None,
    ):
        super().__init__(model, scale)
        self._names, self._decision = list(labels), decision

    def answer(self, outputs: Tensor, mask: Tensor) -> dict[str, Tensor]:
        return class_outputs(outputs, self._names, self._decision)
