"""Vectors in, a label for each step out: the function of Python and of the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from kerasrnn import views
from kerasrnn.datasets import VectorScale
from kerasrnn.export.signatures import Signatures
from kerasrnn.tasks.classify.vector_signatures import vector_inputs, vector_specs
from kerasrnn.tasks.frames.signatures import LENGTHS, step_outputs
from kerasrnn.typing import Tensor

__all__ = ["VectorLabelSignatures"]


class VectorLabelSignatures(Signatures):
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
        self.models = [model]
        self._names, self._scale = list(labels), scale
        self._vector = views.vector(model)
        self.inputs = vector_specs(len(scale.mean))

    def serve(self, features: Tensor, length: Tensor) -> dict[str, Tensor]:
        inputs = vector_inputs(features, length, self._scale)
        logits = self.models[0](inputs, training=False)
        return step_outputs(logits, inputs["mask"], self._names)

    def vector(self, features: Tensor, length: Tensor) -> Tensor:
        return self._vector(vector_inputs(features, length, self._scale), training=False)
