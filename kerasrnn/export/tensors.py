"""Raw Python values as the tensors that signatures take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.typing import Tensor

__all__ = ["as_strings", "as_tensor", "as_text"]


def as_text(texts: Iterable[str]) -> Tensor:
    """Makes a `(B,)` string tensor; what UTF-8 cannot hold becomes a question mark."""
    return as_strings(list(texts))


def as_strings(values: Any) -> Any:
    """Makes a string tensor of nested lists of `str` or `bytes`, as `as_text` does."""

    def encoded(value):
        if isinstance(value, (list, tuple)):
            return [encoded(each) for each in value]
        return value.encode("utf-8", "replace") if isinstance(value, str) else value

    return tf.constant(encoded(values), tf.string)


def as_tensor(values: Any, dtype: Any = None) -> Tensor:
    """Makes a tensor of an array, or of nested lists of numbers, `str` or `bytes`.

    Without a type, numbers have the type that NumPy gives them, which keeps all their digits.
    Lists of bytes may have different lengths; they are padded with `b""`.
    """
    first = values
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    if not isinstance(first, (str, bytes)):
        return tf.convert_to_tensor(np.asarray(values) if dtype is None else values, dtype)
    if isinstance(values[0], (list, tuple)):
        longest = max(map(len, values))
        values = [[*row, *[b""] * (longest - len(row))] for row in values]
    return as_strings(values)
