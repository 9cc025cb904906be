"""Vectors in, numbers out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

import keras

from kerasrnn.datasets import VectorScale
from kerasrnn.metrics import TargetScale
from kerasrnn.tasks.regress.signatures import number_outputs
from kerasrnn.tasks.vectors.sequence_signatures import SequenceSignatures
from kerasrnn.typing import Tensor

__all__ = ["VectorRegressionSignatures"]


class VectorRegressionSignatures(SequenceSignatures):
    """Standardises the vectors, reads them, and puts the numbers into their units, in one graph.

    Args:
        model: What `many_to_one` returned for vectors, with one output for each target.
        scale: That of the features of the training part.
        target_scale: That of the targets.

    Attributes:
        functions: By name `tf.function`s from `features` `(B, T, F)` float32, in the units of the
            data, and `length` `(B,)` int32, the number of steps that count:
            `serving_default` to the first two outputs of `RegressionSignatures`: `numbers`,
            `targets`; `encode` to `vector` `(B, U)` float32, what the output layer reads. They fail
            for numbers that are not finite.
    """

    def __init__(self, model: keras.Model, scale: VectorScale, target_scale: TargetScale):
        super().__init__(model, scale)
        self._target_scale = target_scale

    def answer(self, outputs: Tensor, mask: Tensor) -> dict[str, Tensor]:
        return number_outputs(outputs, self._target_scale)
