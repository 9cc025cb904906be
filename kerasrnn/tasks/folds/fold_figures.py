"""The figures of a cross-validation: means over its folds, and how far these lie apart."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from kerasrnn.files import number_text
from kerasrnn.tasks.printing import print_wrapped

__all__ = ["figures_of_folds", "print_folds"]


def figures_of_folds(folds: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, float]]:
    """Sums up the figures of folds.

    Args:
        folds: Figures of each fold by name; what is counted is an integer.

    Returns:
        By name the mean over the folds, of what is counted the sum, and of a text the text where
        all have the same; and by name the standard deviation (of a sample) of each mean.

    Example:

    >>> figures_of_folds([{"accuracy": 0.5, "examples": 3}, {"accuracy": 0.75, "examples": 2}])
    ({'accuracy': 0.625, 'examples': 5}, {'accuracy': 0.1767766952966369})
    """
    means: dict[str, Any] = {}
    deviations: dict[str, float] = {}
    for name in dict.fromkeys(name for fold in folds for name in fold):
        values = [fold[name] for fold in folds if fold.get(name) is not None]
        if all(isinstance(value, int) for value in values):
            means[name] = sum(values)
        elif all(isinstance(value, (int, float)) for value in values):
            means[name] = statistics.fmean(values)
            deviations[name] = statistics.stdev(values) if len(values) > 1 else 0.0
        elif all(value == values[0] for value in values):
            means[name] = values[0]
    return means, deviations


def print_folds(means: Mapping[str, Any], deviations: Mapping[str, float], folds: int) -> None:
    """Prints what `figures_of_folds` returned, and how many folds there were."""
    shown = [
        f"{name.replace('_', ' ')} {number_text(means[name], 6)} ± {number_text(spread, 3)}"
        for name, spread in deviations.items()
    ]
    counted = [
        f"{name.replace('_', ' ')} {value:,}"
        for name, value in means.items()
        if name not in deviations and isinstance(value, int)
    ]
    print_wrapped(f"test: {', '.join(shown)} over {folds} folds; {', '.join(counted)}")
    for name, value in means.items():
        if isinstance(value, str):
            print_wrapped(f"{name}: {value}")
