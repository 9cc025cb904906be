"""The learning rates of a training that nothing steers: those that a fold has gone through."""

from __future__ import annotations

import math
import pathlib
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.files import read_json
from kerasrnn.tasks.run_files import HALVING, STATE

__all__ = ["best_rates", "epochs_of_rule", "median_place"]


def best_rates(epochs: Sequence[Mapping[str, Any]]) -> list[float]:
    """Returns the learning rates of the epochs that the best weights have gone through.

    Args:
        epochs: For each epoch `learning_rate`, `value` (as monitored, lower is better) and
            `restored`, whether earlier weights were put back after it: see `epochs_of_rule`.

    Returns:
        A rate for each epoch up to the best one, but for those that were in vain, since weights
        were put back.

    Example:

    >>> epochs = [(3.0, 0.5, False), (2.0, 0.5, False), (2.5, 0.5, True), (1.5, 0.25, False)]
    >>> names = ("value", "learning_rate", "restored")
    >>> best_rates([dict(zip(names, each, strict=True)) for each in epochs])
    [0.5, 0.5, 0.25]
    """
    best = math.inf
    path: list[float] = []
    path_of_best: list[float] = []
    for epoch in epochs:
        path = [*path, float(epoch["learning_rate"])]
        if epoch["restored"]:
            path = path_of_best
        elif float(epoch["value"]) < best:
            best, path_of_best = float(epoch["value"]), path
    return path_of_best


def epochs_of_rule(folder: pathlib.Path) -> list[dict[str, Any]]:
    """Reads what the halving rule of a run has decided after each epoch.

    Args:
        folder: The folder of the run.

    Raises:
        UserError: Where its state is not there any more.
    """
    found = list((folder / STATE / HALVING).glob("state_*.json"))
    if not found:
        raise UserError(f"Expected {folder} with its folder {STATE}. Received: one without it")
    newest = max(found, key=lambda path: int(path.stem.removeprefix("state_")))
    return read_json(newest)["history"]


def median_place(numbers: Sequence[int]) -> int:
    """Returns the place, from 0, of the first number that is the median, of two the lower one.

    Example:

    >>> median_place([7, 3, 5, 9, 5]), median_place([4, 8, 6, 2])
    (2, 0)
    """
    return list(numbers).index(statistics.median_low(numbers))
