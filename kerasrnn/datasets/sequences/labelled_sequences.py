"""Sequences of vectors with their labels, as a file holds them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError

__all__ = ["LabelledSequences", "NamedSequence", "as_steps"]


@dataclasses.dataclass(frozen=True)
class LabelledSequences:
    """N sequences of vectors.

    Attributes:
        features: N arrays `(T, F)` float32, T of at least 1 and its own for each.
        labels: N names, or N lists of T names; `None` where there are none.
        columns: The names of the F features; `"1"`, `"2"`, … where they have none.
        names: What each sequence is called: an id, or its number from 1.
    """

    features: Sequence[np.ndarray]
    labels: Sequence[str] | Sequence[Sequence[str]] | None
    columns: tuple[str, ...]
    names: Sequence[str | int]


@dataclasses.dataclass(frozen=True)
class NamedSequence:
    """One sequence to predict, and what its file calls it.

    Attributes:
        name: Its id, or its number from 1.
        steps: `(T, F)` float32.
    """

    name: str | int
    steps: np.ndarray


def as_steps(values: object, where: str, size: int | None = None) -> np.ndarray:
    """Checks the vectors of one sequence.

    Args:
        values: `(T, F)` numbers.
        where: What they are, for the error.
        size: The number of features F that is wanted; any by default.

    Returns:
        `(T, F)` float32.

    Raises:
        UserError: For no step, another number of features, or what is no finite number.

    Example:

    >>> as_steps([[1, 2], [3, 4], [5, 6]], "a sequence", 2).shape
    (3, 2)
    """
    try:
        steps: Any = np.asarray(values)
    except ValueError:  # rows of unlike lengths
        steps = np.zeros(0)
    wanted = "T" if size is None else f"T, {size}"
    if steps.ndim != 2 or not len(steps) or size not in (None, steps.shape[1]):
        raise UserError(
            f"{where}: expected an array of steps and features, ({wanted}"
            f"{', F' if size is None else ''}), of at least one step. Received: {steps.shape}"
        )
    if steps.dtype.kind not in "fiub":
        raise UserError(f"{where}: expected numbers. Received: an array of {steps.dtype}")
    with np.errstate(over="ignore"):
        narrow = steps.astype("float32")
    if not np.isfinite(narrow).all():
        step, feature = (int(each) for each in np.argwhere(~np.isfinite(narrow))[0])
        raise UserError(
            f"{where}: expected finite numbers that a float32 can hold. Received: "
            f"{steps[step, feature]} in step {step + 1}, feature {feature + 1}"
        )
    return narrow
