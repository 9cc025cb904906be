"""The decimals of numbers that a float32 model can know."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tensorflow as tf

from kerasrnn.typing import Tensor

__all__ = ["known_decimals", "rounded"]

# A float32 near 1 has seven or eight digits, and its neighbours are 6e-8 away.
DIGITS = 8


def known_decimals(deviation: float) -> int:
    """How many decimals an answer has whose unit is a deviation; negative for tens, hundreds."""
    return DIGITS - math.floor(math.log10(deviation))


def rounded(numbers: Tensor, decimals: Sequence[int]) -> Tensor:
    """Rounds `(…, K)` float64 to the given decimals of each of K columns.

    What a float32 has to say is 1234400.125; as a float64 it would be 1234400.1250000298. Only
    powers of ten that a float64 holds exactly, and whole numbers that it does, give such numbers.
    """
    up = tf.constant([10.0 ** min(max(0, n), 22) for n in decimals], numbers.dtype)
    down = tf.constant([10.0 ** min(max(0, -n), 22) for n in decimals], numbers.dtype)
    whole = tf.round(numbers / down * up)
    exact = (tf.abs(whole) < 2.0**53) & tf.constant([abs(n) <= 22 for n in decimals])
    # Not by `/`, of which the graph's optimizer makes a product with 1e-8, which is not exact.
    return tf.where(exact, tf.math.divide_no_nan(whole * down, up), numbers)
