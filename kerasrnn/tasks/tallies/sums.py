"""Sums that are the same in whatever parts they are taken: of numbers, and of errors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

__all__ = ["error_figures", "error_tally", "exact", "exact_sum", "mean_errors"]


def exact(number: float) -> str:
    """Writes a float such that it can be read back to the last bit, also infinity and NaN.

    Example:

    >>> exact(0.1), exact(float("-inf"))
    ('0x1.999999999999ap-4', '-inf')
    """
    return float(number).hex()


def exact_sum(numbers: Iterable[str]) -> float:
    """Sums up what `exact` wrote, rounded once at the end: the order does not matter.

    Example:

    >>> exact_sum(map(exact, [1e16, 1.0, -1e16])), exact_sum([])
    (1.0, 0.0)
    """
    values = [float.fromhex(each) for each in numbers]
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):  # beyond a float, or infinities of both signs
        return sum(values)


def error_tally(errors: np.ndarray) -> list[str]:
    """Counts what the means of errors are made of.

    Args:
        errors: Numbers, whose squares may be too large for a float.

    Returns:
        The greatest absolute value, and the sums of the absolute values and of their squares in
        parts of it, see `exact`.
    """
    with np.errstate(all="ignore"):
        greatest = np.abs(errors).max(initial=0.0)
        parts = np.abs(errors) / (greatest if greatest > 0 else 1.0)
        return [exact(each) for each in (greatest, parts.sum(), np.square(parts).sum())]


def mean_errors(tallies: Iterable[list[str]], number: int) -> tuple[float, float]:
    """Returns the mean absolute error and the root of the mean squared one.

    Args:
        tallies: What `error_tally` returned for each part.
        number: The number of errors in all.

    Example:

    >>> mean_errors([error_tally(np.array([3.0, 0.0])), error_tally(np.array([-4.0, 0.0]))], 4)
    (1.75, 2.5)
    """
    parts = [[float.fromhex(each) for each in tally] for tally in tallies]
    greatest = max((part[0] for part in parts), default=0.0)
    unit = greatest if greatest > 0 else 1.0
    with np.errstate(all="ignore"):
        ratios = [np.float64(part[0]) / unit for part in parts]
        sums = (
            exact_sum(exact(part[i] * ratio**i) for part, ratio in zip(parts, ratios, strict=True))
            for i in (1, 2)
        )
        absolute, squares = (np.float64(each) / number for each in sums)
        return float(absolute * greatest), float(np.sqrt(squares) * greatest)


def error_figures(tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Sums up tallies of forecasts.

    Args:
        tallies: With `errors` and `unchanged`, what `error_tally` returned for the model and for
            the forecast that nothing changes; with `numbers`, how many there are, and `examples`.

    Returns:
        `mae` and `rmse`, `last_value_mae` and `last_value_rmse`, and `examples`.
    """
    tallies = list(tallies)
    number, examples = (sum(each[name] for each in tallies) for name in ("numbers", "examples"))
    figures = {}
    for name, begin in (("errors", ""), ("unchanged", "last_value_")):
        absolute, square = mean_errors((each[name] for each in tallies), number)
        figures |= {f"{begin}mae": absolute, f"{begin}rmse": square}
    return {**figures, "examples": examples}
