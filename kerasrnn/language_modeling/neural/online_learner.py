"""A copy of a model that learns from what it has scored, by plain gradient descent."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from kerasrnn.language_modeling.neural.open_softmax import open_log_probs
from kerasrnn.language_modeling.neural.segment_reader import SegmentReader
from kerasrnn.typing import Tensor

__all__ = ["OnlineLearner", "Place", "copy_of"]


class Place(NamedTuple):
    """Where a learner is: its weights, and the states behind what it read last."""

    weights: list[Tensor]
    states: dict[str, Tensor]


class OnlineLearner:
    """Scores segments and changes the weights of a model by each.

    Args:
        reader: The `SegmentReader` of the model, whose trainable weights are changed.
        global_clipnorm: Maximum norm of the gradient of all weights together, or `None`.
    """

    def __init__(self, reader: SegmentReader, global_clipnorm: float | None = None):
        self._reader, self._global_clipnorm = reader, global_clipnorm
        self._variables = [weight.value for weight in reader.model.trainable_variables]
        specs = reader.ids_spec, reader.ids_spec, reader.states_spec, tf.TensorSpec((), tf.float32)
        self._step = tf.function(self._score_and_learn, input_signature=specs)

    def learn(
        self, tokens: np.ndarray, labels: np.ndarray, states: dict[str, Any], learning_rate: float
    ) -> tuple[np.ndarray, dict]:
        """Scores a segment, then makes a step.

        Args:
            tokens: `(T,)` int, the ids to read.
            labels: `(T,)` int, those to predict.
            states: What the model knows before them.
            learning_rate: What the gradient of the sum over the segment is multiplied by.

        Returns:
            `(T,)` float64, the natural log-probabilities of the labels before the step; and the
            states behind the segment, also as they were before it.
        """
        tokens, labels = (np.asarray(ids, "int32")[np.newaxis] for ids in (tokens, labels))
        log_probs, states = self._step(tokens, labels, states, learning_rate)
        return log_probs.numpy()[0], states

    def weights(self) -> list[Tensor]:
        """Returns copies of the weights as they are now."""
        return [tf.identity(variable) for variable in self._variables]

    def put(self, weights: list[Tensor]) -> None:
        """Sets the weights."""
        for variable, weight in zip(self._variables, weights, strict=True):
            variable.assign(weight)

    def _score_and_learn(self, tokens, labels, states, learning_rate):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._variables)
            logits, _, states = self._reader.read(tokens, states)
            log_probs = open_log_probs(logits, labels)
            loss = -tf.reduce_sum(log_probs)
        gradients = [_unique(gradient) for gradient in tape.gradient(loss, self._variables)]
        if self._global_clipnorm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self._global_clipnorm)
        for variable, gradient in zip(self._variables, gradients, strict=True):
            if isinstance(gradient, tf.IndexedSlices):  # the vectors of the tokens read, no others
                change = tf.cast(learning_rate, variable.dtype) * gradient.values
                variable.scatter_sub(tf.IndexedSlices(change, gradient.indices))
            elif gradient is not None:
                variable.assign_sub(tf.cast(learning_rate, variable.dtype) * gradient)
        return log_probs, states


def copy_of(model: keras.Model) -> keras.Model:
    """Makes a model of the same layers with weights of its own."""
    # A new model is cloned instead of the given one, whose optimizer would be cloned with it.
    copy = keras.models.clone_model(keras.Model(model.input, model.output))
    copy.set_weights(model.get_weights())
    for mine, given in zip(copy.weights, model.weights, strict=True):
        mine.trainable = given.trainable
    return copy


def _unique(gradient):
    """Adds up the rows of a sparse gradient that have the same index, for its norm to be right."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    indices, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(indices))
    return tf.IndexedSlices(values, indices, gradient.dense_shape)
