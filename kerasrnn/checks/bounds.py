"""Numbers within their bounds: sizes, fractions, orders."""

from __future__ import annotations

import math
import numbers
from typing import Any

from kerasrnn.checks.machine import check_memory
from kerasrnn.checks.user_error import UserError

__all__ = [
    "MOST_LENGTH",
    "check_integer",
    "check_layers",
    "check_length",
    "check_matrix",
    "check_number",
    "check_order",
    "check_share",
    "check_size",
]

# The largest size that fits the 32 bits in which TensorFlow counts dimensions.
MOST = 2**31 - 1
# A matrix of an LSTM layer of that many units has 4 GB; a deeper model is built for hours; a matrix
# of more numbers has more than 34 GB. What is larger is a slip, which memory would refuse late.
MOST_UNITS, MOST_LAYERS, MOST_NUMBERS = 2**14, 1000, 2**33
MOST_ORDER = 100
# Tokens of an answer, and rows of a window: memory is taken for as many as there may be.
MOST_LENGTH = 100_000


def check_integer(name: str, value: Any, least: int = 1, most: int = MOST) -> int:
    """Returns a whole number within its bounds.

    Args:
        name: The argument, for the error.
        value: A Python or NumPy integer; `True`, `2.0` and `"2"` are none.
        least: Minimum value.
        most: Maximum value; by default what 32 bits hold.

    Returns:
        The value as `int`.

    Raises:
        UserError: For anything else.

    Example:

    >>> check_integer("units", 64)
    64
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    number: Any = value  # `numbers` has no comparisons for a type checker
    if not whole or not least <= number <= most:
        # A number of thousands of digits cannot even be printed.
        shown = "a greater number" if whole and number > 10**30 else repr(value)
        above = whole and number > most
        bound = f"from {least} to {most:,}" if above or most < MOST else f"of at least {least}"
        raise UserError(f"Expected `{name}` to be an integer {bound}. Received: {shown}")
    return int(number)


def check_size(name: str, value: Any) -> int:
    """Returns a number of units, features or filters of a layer, from 1 to 16,384.

    More would be refused by memory, long after data have been read.

    Example:

    >>> check_size("units", 256)
    256
    """
    return check_integer(name, check_integer(name, value), most=MOST_UNITS)


def check_matrix(name: str, rows: int, columns: int) -> None:
    """Raises a `UserError` for a matrix of more than 8,589,934,592 numbers, which are 34 GB, or of
    more than this machine has memory for.

    Example:

    >>> check_matrix("embedding", 50_000, 300)
    """
    if rows * columns > MOST_NUMBERS:
        raise UserError(
            f"Expected `{name}` to make for a matrix of at most {MOST_NUMBERS:,} numbers. "
            f"Received: {rows:,} x {columns:,}"
        )
    check_memory(f"the matrix of `{name}`", rows * columns * 4, f"{rows:,} x {columns:,} numbers")


def check_layers(name: str, value: Any) -> int:
    """Returns a number of stacked layers, from 1 to 1,000.

    Example:

    >>> check_layers("num_layers", 2)
    2
    """
    return check_integer(name, check_integer(name, value), most=MOST_LAYERS)


def check_length(name: str, value: Any) -> int:
    """Returns a number of tokens to write, or of rows to read at once, from 1 to 100,000.

    Example:

    >>> check_length("max_length", 200)
    200
    """
    return check_integer(name, check_integer(name, value), most=MOST_LENGTH)


def check_order(name: str, value: Any, least: int = 1) -> int:
    """Returns the order of an n-gram, its number of tokens, from 1 or `least` to 100.

    Example:

    >>> check_order("order", 5)
    5
    """
    return check_integer(name, check_integer(name, value, least), least, MOST_ORDER)


def check_number(
    name: str, value: Any, least: float = 0.0, below: float = math.inf, *, above: bool = False
) -> float:
    """Returns a finite number within its bounds, such as a fraction from 0 to below 1.

    Args:
        name: The argument, for the error.
        value: A Python or NumPy number.
        least: Minimum value.
        below: What it has to be below.
        above: Whether the minimum itself is refused.

    Returns:
        The value as `float`.

    Raises:
        UserError: For anything else, NaN and infinity too.

    Example:

    >>> check_number("dropout", 0.5, below=1)
    0.5
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    number: Any = value
    fits = real and math.isfinite(number) and least <= number < below
    if not fits or (above and number == least):
        if below < math.inf:
            bound = f"{'above' if above else 'from'} {least:g} to below {below:g}"
        else:
            bound = f"above {least:g}" if above else f"of at least {least:g}"
        finite = "" if below < math.inf else "finite "
        raise UserError(f"Expected `{name}` to be a {finite}number {bound}. Received: {value!r}")
    return float(number)


def check_share(name: str, value: Any) -> float:
    """Returns a fraction above 0 and up to 1.

    Example:

    >>> check_share("top_p", 1)
    1.0
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    number: Any = value
    if not real or not 0 < number <= 1:
        raise UserError(f"Expected `{name}` to be a number above 0, up to 1. Received: {value!r}")
    return float(number)
