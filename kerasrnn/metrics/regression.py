"""The scale of the numbers that a regression answers, and what its constant baselines are."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from kerasrnn.checks import UserError

__all__ = ["TargetScale"]

# Beyond it the square of a difference, or the sum of many, would not fit a float64.
MOST = 1e100
# Where the true numbers of training are cut into fifths.
FIFTHS = (0.2, 0.4, 0.6, 0.8)


@dataclasses.dataclass(frozen=True)
class TargetScale:
    """What a regression knows of its K targets: by training alone, a tuple of K of each.

    A model learns numbers of mean 0 and deviation 1; `unscale` puts its outputs into the units of
    the targets. Who answers one number always has the lowest root mean squared error with the mean,
    and the lowest mean absolute error with the median: the constants that a model has to beat.

    Args:
        targets: The names of the targets.
        mean: The mean of each.
        deviation: Its standard deviation.
        median: Its median.
        cuts: The numbers that cut it into five parts of about as many examples; fewer where many
            are alike.

    Raises:
        ValueError: For another number of some of them, or a deviation that is not above 0.

    Example:

    >>> scale = TargetScale.fit([[1.0], [2.0], [6.0]], ["stars"])
    >>> scale.mean, scale.median, scale.scale(np.array([[3.0]])).tolist()
    ((3.0,), (2.0,), [[0.0]])
    """

    targets: tuple[str, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    median: tuple[float, ...]
    cuts: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        parts = self.mean, self.deviation, self.median, self.cuts
        if not self.targets or {len(each) for each in parts} != {len(self.targets)}:
            raise UserError(
                f"Expected a scale of the targets {list(self.targets)}. "
                f"Received: {[len(each) for each in parts]} numbers"
            )
        if not all(0 < each < MOST for each in self.deviation):
            raise UserError(f"Expected deviations above 0. Received: {list(self.deviation)}")

    @classmethod
    def fit(cls, numbers: Any, targets: Sequence[str]) -> Self:
        """Measures the numbers of training.

        Args:
            numbers: `(N, K)` numbers, a row for each example.
            targets: Names of the K targets.

        Raises:
            ValueError: For another shape, numbers that are not finite or above 1e100, or a target
                that is the same in all examples.
        """
        values = np.asarray(numbers, "float64")
        if values.ndim != 2 or values.shape[1] != len(targets) or not len(values):
            raise UserError(
                f"Expected rows of {len(targets)} numbers, one for each target. "
                f"Received: {values.shape}"
            )
        for place, name in enumerate(targets):
            column = values[:, place]
            if not (np.abs(column) < MOST).all():  # NaN neither
                wrong = column[~(np.abs(column) < MOST)][0]
                raise UserError(
                    f"Expected numbers of {name!r} between -{MOST:g} and {MOST:g}. "
                    f"Received: {wrong}"
                )
            if column.min() == column.max():
                raise UserError(
                    f"Expected numbers of {name!r} that differ from example to example. "
                    f"Received: {column[0]:g} in all of training"
                )
        unit = np.abs(values).max(0)  # squares of very small numbers would be 0
        cuts = (np.unique(np.quantile(column, FIFTHS)) for column in values.T)
        return cls(
            tuple(targets),
            tuple(values.mean(0).tolist()),
            tuple((unit * (values / unit).std(0)).tolist()),
            tuple(np.median(values, 0).tolist()),
            tuple(tuple(each.tolist()) for each in cuts),
        )

    @classmethod
    def of_parts(cls, parts: Any) -> Self:
        """Makes the scale from what `dataclasses.asdict` gave, and JSON has kept."""
        mean, deviation, median = (tuple(parts[name]) for name in ("mean", "deviation", "median"))
        cuts = tuple(map(tuple, parts["cuts"]))
        return cls(tuple(parts["targets"]), mean, deviation, median, cuts)

    def scale(self, numbers: Any) -> Any:
        """Standardises `(…, K)` float64 numbers in the units of the targets."""
        return (numbers - np.array(self.mean)) / np.array(self.deviation)

    def unscale(self, outputs: Any) -> Any:
        """Puts `(…, K)` float64 outputs of a model into the units of the targets."""
        return outputs * np.array(self.deviation) + np.array(self.mean)
