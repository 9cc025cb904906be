"""Vectors in, a label for each step out: the function of Python and of the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from kerasrnn.datasets import VectorScale
from kerasrnn.tasks.frames.signatures import LENGTHS, step_outputs
from kerasrnn.tasks.vectors.sequence_signatures import SequenceSignatures
from kerasrnn.typing import Tensor

__all__ = ["VectorLabelSignatures"]


class VectorLabelSignatures(SequenceSignatures):
    """Standardises the vectors, reads them and labels each step, all of it in one graph.

    Args:
        model: What `many_to_many` returned for vectors, with a softmax.
        labels: Names of the L classes.
        scale: That of the training part.

    Attributes:
        functions: By name `tf.function`s from `features` `(B, T, F)` float32, in the units of the
            data, and `length` `(B,)` int32, the number of steps that count: `serving_default` to
            the outputs of `step_outputs`; `encode` to `vector` `(B, U)` float32, the mean of the
            states of the last recurrent layer. They fail for numbers that are not finite.
    """

    lengths = LENGTHS

    def __init__(self, model: keras.Model, labels: Sequence[str], scale: VectorScale):
        super().__init__(model, scale)
        self._names = list(labels)

    def answer(self, outputs: Tensor, mask: Tensor) -> dict[str, Tensor]:
        return step_outputs(outputs, mask, self._names)
