"""Encoded frames in, a label for each out: the function of Python and of the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.export.images import decode_images
from kerasrnn.export.saved_model import portable

__all__ = ["FrameFunction"]


class FrameFunction:
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
        signatures: By name `tf.function`s from `frames_bytes` `(B, T)` string, the bytes of image
            files, `""` for padding on the right: `serving_default` to the same, `encode` to
            `vector` `(B, U)` float32, the mean of the states of the last recurrent layer.
        lengths: For each signature and output, which outputs say how long its rows are.
        tracked: What an export has to track.
    """

    def __init__(self, model: keras.Model, labels: Sequence[str]):
        self.tracked = [model]
        names = list(labels)
        shape = next(tensor.shape[2:] for tensor in model.inputs if tensor.name == "features")

        def label(features, mask):
            logits = model({"features": features, "mask": mask}, training=False)
            probabilities = tf.nn.softmax(logits)
            best = tf.gather(tf.constant(names), tf.argmax(probabilities, axis=-1))
            return {
                "labels": tf.where(mask, best, ""),
                "probability": tf.where(mask, tf.reduce_max(probabilities, axis=-1), 0.0),
                "length": tf.reduce_sum(tf.cast(mask, tf.int32), axis=-1),
            }

        vector = views.vector(model)

        def inputs_of(frames_bytes):
            # Recurrent layers need a step, also where no film has a frame.
            missing = tf.cast(tf.shape(frames_bytes)[1] == 0, tf.int32)
            frames_bytes = tf.pad(frames_bytes, [[0, 0], [0, missing]])
            size = tf.shape(frames_bytes)
            frames = decode_images(tf.reshape(frames_bytes, [-1]), shape)
            return tf.reshape(frames, [size[0], size[1], *shape]), frames_bytes != ""

        def serve(frames_bytes):
            return label(*inputs_of(frames_bytes))

        def encode(frames_bytes):
            features, mask = inputs_of(frames_bytes)
            return {"vector": vector({"features": features, "mask": mask}, training=False)}

        features = tf.TensorSpec((None, None, *shape), tf.float32)
        self.label = portable([model], label, features, tf.TensorSpec((None, None), tf.bool))
        frames = tf.TensorSpec((None, None), tf.string, name="frames_bytes")
        self.signatures = {
            "serving_default": portable([model], serve, frames),
            "encode": portable([model], encode, frames),
        }
        lengths = {"labels": ["length"], "probability": ["length"]}
        self.lengths = {"serving_default": lengths}
