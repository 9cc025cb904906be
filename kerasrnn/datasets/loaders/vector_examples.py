"""Loader of sequences of vectors with a label each, or with one for each step."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError, check_number
from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.loaders.labelled_vectors import as_vectors
from kerasrnn.datasets.loaders.labels import label_table
from kerasrnn.text.as_written import as_written
from kerasrnn.typing import Tensor

__all__ = ["SEQUENCES_AT_ONCE", "VectorScale", "vector_examples", "vector_inputs_of"]

SEQUENCES_AT_ONCE = 64


@dataclasses.dataclass(frozen=True)
class VectorScale:
    """How features become standardised ones: by mean and standard deviation of the training part.

    Attributes:
        mean: That of each of F features, over all steps of the training part.
        deviation: What each is divided by: its standard deviation; 1 for one that is constant.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def __post_init__(self) -> None:
        for each in (*self.mean, *self.deviation):
            check_number("scale", each, least=-math.inf)
        if len(self.mean) != len(self.deviation) or not all(each > 0 for each in self.deviation):
            raise UserError(
                "Expected for each feature of a scale a mean, and a deviation above 0. "
                f"Received: {self.mean!r:.60} and {self.deviation!r:.60}"
            )

    @classmethod
    def fit(cls, sequences: Any) -> tuple[VectorScale, list[int]]:
        """Measures a training part.

        Args:
            sequences: Of `(features, label)`, see `labelled_vectors`; or a list of them.

        Returns:
            The scale, and which features are constant, from 0.

        Example:

        >>> pairs = [([[1.0, 5.0], [3.0, 5.0]], "up"), ([[2.0, 5.0]], "down")]
        >>> scale, constant = VectorScale.fit(pairs)
        >>> scale.mean, [round(each, 3) for each in scale.deviation], constant
        ((2.0, 5.0), [0.816, 1.0], [1])
        """
        per_step = False
        if not isinstance(sequences, tf.data.Dataset):
            sequences = list(sequences)
            per_step = bool(sequences) and not isinstance(sequences[0][1], (str, bytes))
        data = as_vectors(sequences, per_step=per_step)

        def parts():
            return (steps.astype("float64") for steps, *_ in data.as_numpy_iterator())

        number = sum(len(steps) for steps in parts())
        if not number:
            raise UserError("Expected sequences to train on. Received: none")
        mean = sum(steps.sum(axis=0) for steps in parts()) / number
        squares = sum(((steps - mean) ** 2).sum(axis=0) for steps in parts())
        least = np.min([steps.min(axis=0) for steps in parts()], axis=0)
        most = np.max([steps.max(axis=0) for steps in parts()], axis=0)
        mean = np.where(least == most, least, mean)  # without the last digit of a sum
        deviation = np.where(least == most, 1.0, np.sqrt(squares / number))
        scale = cls(tuple(mean.tolist()), tuple(deviation.tolist()))
        return scale, np.flatnonzero(least == most).tolist()

    def scaled(self, features: Tensor, mask: Tensor) -> Tensor:
        """Standardises a batch, as core TensorFlow operations.

        Args:
            features: `(B, T, F)` float32.
            mask: `(B, T)` bool, false for padding.

        Returns:
            `(B, T, F)` float32, 0 for padding.
        """
        mean, deviation = (tf.constant(each, tf.float32) for each in (self.mean, self.deviation))
        return tf.where(mask[:, :, tf.newaxis], (features - mean) / deviation, 0.0)


def vector_inputs_of(features: Tensor, mask: Tensor, scale: VectorScale) -> dict[str, Tensor]:
    """Makes what a model of vectors reads of a batch.

    Args:
        features: `(B, T, F)` float32, in the units of the data.
        mask: `(B, T)` bool, false for padding.
        scale: That of the training part.
    """
    return {"features": scale.scaled(features, mask), "mask": mask}


def vector_examples(sequences: Any, labels: Sequence[str], scale: VectorScale) -> Examples:
    """Encodes sequences of vectors for a `many_to_one`, or a `many_to_many`, of vectors.

    Args:
        sequences: A `tf.data.Dataset` of `(features, label)`, see `labelled_vectors`.
        labels: The names of the classes.
        scale: That of the training part.

    Returns:
        `Examples`, whose batches are `features` `(B, T, F)` float32, standardised, and `mask`
        `(B, T)` bool, false for padding on the right; the classes `(B,)` int32, or `(B, T)` where
        each step has one; the weights of the same shape, float32, 0 for padding.

    Example:

    >>> pairs = as_vectors([([[1.0, 2.0], [3.0, 2.0]], "up"), ([[3.0, 2.0]], "down")])
    >>> scale, _ = VectorScale.fit(pairs)
    >>> batches = vector_examples(pairs, ["down", "up"], scale).batches(64)
    >>> x, y, sample_weight = next(iter(batches))
    >>> x["mask"].numpy().tolist(), y.numpy().tolist()
    ([[True, True], [True, False]], [1, 0])
    """
    sequences = as_vectors(sequences)
    look_up = label_table(labels)

    def encode(features, names):
        classes = tf.reshape(look_up(tf.reshape(names, [-1])), tf.shape(names))
        return features, classes, tf.fill(tf.shape(features)[:1], True)

    def finish(features, y, mask):
        per_step = y.shape.rank == 2
        x = vector_inputs_of(features, mask, scale)
        return x, y, tf.cast(mask, tf.float32) if per_step else tf.ones_like(y, tf.float32)

    encoded = sequences.map(as_written(encode), num_parallel_calls=tf.data.AUTOTUNE)
    key = ("vectors", list(labels), dataclasses.asdict(scale))
    return Examples(encoded.ragged_batch(SEQUENCES_AT_ONCE), (0,), finish, key)
