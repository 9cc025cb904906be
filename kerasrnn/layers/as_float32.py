"""Float32 behind layers that compute in 16 bits."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.typing import Shape, Tensor

__all__ = ["AsFloat32", "has_16_bits", "in_float32"]

KINDS = "float16", "bfloat16"


def has_16_bits(dtype: Any) -> bool:
    """Whether a dtype, or that in which a dtype policy computes, is one of the two short floats.

    Example:

    >>> has_16_bits("bfloat16"), has_16_bits(keras.DTypePolicy("mixed_float16"))
    (True, True)
    """
    return keras.backend.standardize_dtype(getattr(dtype, "compute_dtype", dtype)) in KINDS


def in_float32(values: Tensor) -> Tensor:
    """Returns numbers of 16 bits as float32, and all others as they are.

    A sum over more than 256 numbers in bfloat16 may not change with the next one.

    Example:

    >>> in_float32(keras.ops.ones((2, 3), "bfloat16")).dtype
    tf.float32
    """
    return ops.cast(values, "float32") if has_16_bits(values.dtype) else values


@keras.saving.register_keras_serializable("kerasrnn")
class AsFloat32(keras.layers.Layer):
    """Turns numbers of 16 bits into float32, and leaves all others as they are.

    It keeps the mask, which a cast between two layers of other dtype policies loses.

    Call arguments:
        inputs: `(…)` tensor.

    Returns:
        `(…)`, float32 where it was float16 or bfloat16.

    Example:

    >>> AsFloat32()(keras.ops.ones((2, 3), "bfloat16")).dtype
    tf.float32
    """

    def __init__(self, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        return in_float32(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def compute_output_spec(self, inputs: Tensor) -> keras.KerasTensor:
        dtype = "float32" if has_16_bits(inputs.dtype) else inputs.dtype
        return keras.KerasTensor(inputs.shape, dtype)
