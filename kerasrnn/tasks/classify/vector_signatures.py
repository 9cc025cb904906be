"""Vectors in, a label out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets import VectorScale
from kerasrnn.export.signatures import Signatures
from kerasrnn.tasks.classify.signatures import class_outputs
from kerasrnn.typing import Tensor

__all__ = ["VectorClassificationSignatures", "vector_inputs", "vector_specs"]


class VectorClassificationSignatures(Signatures):
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
        self.models = [model]
        self._names, self._scale, self._decision = list(labels), scale, decision
        self._vector = views.vector(model)
        self.inputs = vector_specs(len(scale.mean))

    def serve(self, features: Tensor, length: Tensor) -> dict[str, Tensor]:
        inputs = vector_inputs(features, length, self._scale)
        logits = self.models[0](inputs, training=False)
        return class_outputs(logits, self._names, self._decision)

    def vector(self, features: Tensor, length: Tensor) -> Tensor:
        return self._vector(vector_inputs(features, length, self._scale), training=False)


def vector_specs(size: int) -> list[tf.TensorSpec]:
    """Returns the inputs of the signatures of sequences of vectors.

    Args:
        size: The number of features F of a step.
    """
    return [
        tf.TensorSpec((None, None, size), tf.float32, name="features"),
        tf.TensorSpec((None,), tf.int32, name="length"),
    ]


def vector_inputs(features: Tensor, length: Tensor, scale: VectorScale) -> dict[str, Tensor]:
    """Makes what a model of vectors reads.

    Args:
        features: `(B, T, F)` float32, in the units of the data; behind the length of a row they
            may be anything.
        length: `(B,)` int32.
        scale: That of the training part.

    Returns:
        `features` `(B, T, F)` float32, standardised, and `mask` `(B, T)` bool, of at least one
        step, which recurrent layers need also where no row has one.
    """
    missing = tf.cast(tf.shape(features)[1] == 0, tf.int32)
    features = tf.pad(features, [[0, 0], [0, missing], [0, 0]])
    length = tf.minimum(length, tf.shape(features)[1] - missing)
    mask = tf.sequence_mask(length, tf.shape(features)[1])
    features = tf.where(mask[:, :, tf.newaxis], features, 0.0)
    features = tf.debugging.check_numerics(features, "Expected finite numbers in `features`")
    return {"features": scale.scaled(features, mask), "mask": mask}
