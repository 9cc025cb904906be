"""An input of a model of numbers, which nobody could type from nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["example_row"]

MOST = 20_000  # numbers
DIGITS = 6


def example_row(inputs: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """Makes what the description of an export has as an example, where inputs are lists of numbers.

    Args:
        inputs: By name a value for each of some rows, the first of which is meant.

    Returns:
        Under `"example"` by name the value of that row, its numbers with six digits; nothing
        where no input is a list of numbers, or where they are more than 20,000.

    Example:

    >>> example_row({"sold": [[1.0, 2.0 / 3], [5.0, 6.0]], "series": [b"north", b"south"]})
    {'example': {'sold': [1.0, 0.666667], 'series': 'north'}}
    >>> example_row({"text": ["a text"]})
    {}
    """
    row = {name: values[0] for name, values in inputs.items() if len(values)}
    arrays = [np.asarray(each) for each in row.values()]
    lists = [each for each in arrays if each.ndim and each.dtype.kind in "fiu"]
    if not lists or sum(each.size for each in lists) > MOST:
        return {}
    return {"example": {name: _short(value) for name, value in row.items()}}


def _short(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_short(each) for each in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
