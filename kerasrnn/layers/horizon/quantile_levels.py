"""The levels of quantiles, and which of them stands for the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasrnn.checks import UserError, check_number

__all__ = ["check_levels", "middle"]


def check_levels(name: str, levels: Any) -> tuple[float, ...]:
    """Returns levels as a tuple of floats.

    Args:
        name: That of the argument.
        levels: Numbers between 0 and 1, ascending.

    Raises:
        ValueError: For none, for one that is out of range, or for an order that is not ascending.

    Example:

    >>> check_levels("levels", [0.1, 0.9])
    (0.1, 0.9)
    """
    if not isinstance(levels, (list, tuple)) or not levels:
        raise UserError(f"Expected `{name}` to be levels such as 0.1, 0.5. Received: {levels!r}")
    found = tuple(check_number(name, each, below=1, above=True) for each in levels)
    if any(after <= before for before, after in zip(found[:-1], found[1:], strict=True)):
        raise UserError(f"Expected `{name}` to be distinct and ascending. Received: {list(found)}")
    return found


def middle(levels: Sequence[float]) -> int:
    """Returns the place of the level that is the nearest to 0.5, of two the lower one.

    Example:

    >>> middle([0.1, 0.5, 0.9]), middle([0.9]), middle([0.25, 0.75])
    (1, 0, 0)
    """
    return min(range(len(levels)), key=lambda place: abs(levels[place] - 0.5))
