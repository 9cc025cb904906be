"""Encoded frames in, a label for each out: the function of Python and of the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.export.images import decode_images
from kerasrnn.export.saved_model import portable
from kerasrnn.export.signatures import Signatures
from kerasrnn.typing import Tensor

__all__ = ["LENGTHS", "FrameSignatures", "step_outputs"]

LENGTHS = {"serving_default": {"labels": ["length"], "probability": ["length"]}}


class FrameSignatures(Signatures):
    """Decodes the frames and labels each, all of it in one graph.

    Args:
        model: What `many_to_many` returned for frames, with a softmax.
        labels: Names of the L classes.

    Attributes:
        label: A function from features `(B, T, H, W, C)` float32 and mask `(B, T)` bool to a
            dictionary of
            `labels` `(B, T)` string, `""` for padding;
            `probability` `(B, T)` float32, that of each label, 0 for padding;
            `length` `(B,)` int32, in frames.
        functions: By name `tf.function`s from `frames_bytes` `(B, T)` string, the bytes of image
            files, `""` for padding on the right: `serving_default` to the same, `encode` to
            `vector` `(B, U)` float32, the mean of the states of the last recurrent layer.
    """

    inputs = (tf.TensorSpec((None, None), tf.string, name="frames_bytes"),)
    lengths = LENGTHS

    def __init__(self, model: keras.Model, labels: Sequence[str]):
        self.models = [model]
        self._names = list(labels)
        self._shape = next(tensor.shape[2:] for tensor in model.inputs if tensor.name == "features")
        self._vector = views.vector(model)
        features = tf.TensorSpec((None, None, *self._shape), tf.float32)
        mask = tf.TensorSpec((None, None), tf.bool)
        self.label = portable([model], self._label, features, mask)

    def serve(self, frames_bytes: Tensor) -> dict[str, Tensor]:
        return self._label(*self._decoded(frames_bytes))

    def vector(self, frames_bytes: Tensor) -> Tensor:
        features, mask = self._decoded(frames_bytes)
        return self._vector({"features": features, "mask": mask}, training=False)

    def _label(self, features, mask):
        logits = self.models[0]({"features": features, "mask": mask}, training=False)
        return step_outputs(logits, mask, self._names)

    def _decoded(self, frames_bytes):
        # Recurrent layers need a step, also where no film has a frame.
        missing = tf.cast(tf.shape(frames_bytes)[1] == 0, tf.int32)
        frames_bytes = tf.pad(frames_bytes, [[0, 0], [0, missing]])
        size = tf.shape(frames_bytes)
        frames = decode_images(tf.reshape(frames_bytes, [-1]), self._shape)
        return tf.reshape(frames, [size[0], size[1], *self._shape]), frames_bytes != ""


def step_outputs(logits: Tensor, mask: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
    """Names the label of each step.

    Args:
        logits: `(B, T, L)` float32.
        mask: `(B, T)` bool, false for padding.
        names: Names of the L classes.

    Returns:
        `labels` `(B, T)` string, `""` for padding; `probability` `(B, T)` float32, that of each
        label, 0 for padding; `length` `(B,)` int32, in steps.
    """
    probabilities = tf.nn.softmax(logits)
    best = tf.gather(tf.constant(names), tf.argmax(probabilities, axis=-1))
    return {
        "labels": tf.where(mask, best, ""),
        "probability": tf.where(mask, tf.reduce_max(probabilities, axis=-1), 0.0),
        "length": tf.reduce_sum(tf.cast(mask, tf.int32), axis=-1),
    }
