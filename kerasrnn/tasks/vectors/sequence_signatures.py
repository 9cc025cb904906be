"""What the signatures share that read sequences of vectors."""

from __future__ import annotations

import abc
from typing import Any

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets import VectorScale
from kerasrnn.export.signatures import Signatures
from kerasrnn.typing import Tensor

__all__ = ["SequenceSignatures"]


class SequenceSignatures(Signatures):
    """Standardises the vectors and runs the model, all of it in one graph.

    Args:
        model: One that a factory returned for vectors.
        scale: That of the training part.

    Attributes:
        functions: By name `tf.function`s from `features` `(B, T, F)` float32, in the units of the
            data, and `length` `(B,)` int32, the number of steps that count: `serving_default` to
            what `answer` gives; `encode` to `vector` `(B, U)` float32. Behind the length of a row
            `features` may be anything; before it, numbers that are not finite are an error.
    """

    def __init__(self, model: keras.Model, scale: VectorScale):
        self.models, self._scale = [model], scale
        self._vector = views.vector(model)
        self.inputs = [
            tf.TensorSpec((None, None, len(scale.mean)), tf.float32, name="features"),
            tf.TensorSpec((None,), tf.int32, name="length"),
        ]

    @abc.abstractmethod
    def answer(self, outputs: Tensor, mask: Tensor) -> dict[str, Any]:
        """Turns the outputs of the model, and which steps count, into those of the signature."""

    def serve(self, features: Tensor, length: Tensor) -> dict[str, Tensor]:
        inputs = self._read(features, length)
        return self.answer(self.models[0](inputs, training=False), inputs["mask"])

    def vector(self, features: Tensor, length: Tensor) -> Tensor:
        return self._vector(self._read(features, length), training=False)

    def _read(self, features: Tensor, length: Tensor) -> dict[str, Tensor]:
        """Standardised `features`, and `mask` `(B, T)` bool of at least one step.

        Recurrent layers need one also where no row has any.
        """
        missing = tf.cast(tf.shape(features)[1] == 0, tf.int32)
        features = tf.pad(features, [[0, 0], [0, missing], [0, 0]])
        length = tf.minimum(length, tf.shape(features)[1] - missing)
        mask = tf.sequence_mask(length, tf.shape(features)[1])
        features = tf.where(mask[:, :, tf.newaxis], features, 0.0)
        features = tf.debugging.check_numerics(features, "Expected finite numbers in `features`")
        return {"features": self._scale.scaled(features, mask), "mask": mask}
