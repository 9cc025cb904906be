"""The mask of vectors, which have no id for padding, as an input of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.typing import Shape, Tensor

__all__ = ["AttachMask"]


@keras.saving.register_keras_serializable("kerasrnn")
class AttachMask(keras.layers.Layer):
    """Makes a tensor of booleans the Keras mask of a sequence of vectors.

    Guessing padding from zeros, as `keras.layers.Masking` does, takes the empty first row of an
    image for padding.

    Call arguments:
        inputs: A pair of `(B, T, …)` features and `(B, T)` bool mask, padded on the right.

    Returns:
        The features, with that mask.

    Example:

    >>> features, mask = keras.ops.ones((2, 3, 5)), [[True, True, True], [True, False, False]]
    >>> last = keras.layers.LSTM(7)(AttachMask()([features, keras.ops.convert_to_tensor(mask)]))
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        return inputs[0]

    def compute_mask(
        self, inputs: Sequence[Tensor], previous_mask: Tensor | None = None
    ) -> Tensor | None:
        features, mask = inputs
        while len(features.shape) > 2:
            features = features[..., 0]
        # This fails for a mask of another length, which a recurrent layer on TensorFlow reads
        # until it is out of range: Keras takes that for the end of the data and trains nothing.
        return ops.logical_and(mask, ops.ones_like(features, dtype="bool"))

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        return input_shape[0]
