"""What comes out of a model in 32 bits, whatever its layers compute in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from kerasrnn.layers import AsFloat32
from kerasrnn.layers.as_float32 import has_16_bits
from kerasrnn.typing import Tensor

__all__ = ["as_float32", "few_outputs", "functional_model"]


def as_float32(tensor: Tensor, name: str | None = None) -> Tensor:
    """Puts an `AsFloat32` behind a symbolic tensor of 16 bits, and nothing behind another one.

    Args:
        tensor: The tensor.
        name: Name of the layer.
    """
    return AsFloat32(name=name)(tensor) if has_16_bits(tensor.dtype) else tensor


def few_outputs(hidden: Tensor, outputs: int, name: str = "output") -> Tensor:
    """Makes outputs that cost so little that they are always computed in 32 bits.

    A number that is asked for, or a logit that decides, would have three digits otherwise.

    Args:
        hidden: `(B, …, U)` symbolic tensor.
        outputs: The number of outputs C.
        name: Name of the `keras.layers.Dense`.

    Returns:
        `(B, …, C)`.
    """
    dtype = "float32" if has_16_bits(keras.config.dtype_policy()) else None
    return keras.layers.Dense(outputs, dtype=dtype, name=name)(as_float32(hidden, f"before_{name}"))


def functional_model(inputs: Any, outputs: Tensor | Mapping[str, Tensor], name: str) -> keras.Model:
    """Makes a model whose outputs have 32 bits or more.

    Args:
        inputs: As in `keras.Model`.
        outputs: A tensor, or tensors by their names.
        name: Name of the model.
    """
    if isinstance(outputs, Mapping):
        found: Any = {key: as_float32(each, f"{key}_float32") for key, each in outputs.items()}
    else:
        found = as_float32(outputs, "output_float32")
    return keras.Model(inputs, found, name=name)
