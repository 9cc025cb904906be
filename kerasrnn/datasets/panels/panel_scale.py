"""How numbers of each series become standardised numbers, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, check_choice
from kerasrnn.datasets.panels.panel_parts import PanelPart

__all__ = ["SCALINGS", "PanelScale"]

# Of all series together, of each by itself, or not at all.
SCALINGS = ("series", "all", "none")
# A deviation that is less than this part of the numbers is an error of rounding.
NO_CHANGE = 1e-12


@dataclasses.dataclass(frozen=True)
class PanelScale:
    """Mean and deviation of each column, of each series by itself.

    A series that the training has not seen has those of its own window.

    Attributes:
        names: Ids of the N series, as the training has them.
        columns: Names of the F columns.
        mean: `(N, F)` float64; of one row where all series share it.
        deviation: `(N, F)` float64, the root of the mean squared distance to the mean; 1 for a
            column that does not change.

    Example:

    >>> from kerasrnn.datasets.panels.panel import Panel
    >>> scale = PanelScale.fit(PanelPart.whole(Panel.of([[1, 7], [5, 7]], ["x", "z"])))
    >>> scale.mean.tolist(), scale.deviation.tolist()
    ([[3.0, 7.0]], [[2.0, 1.0]])
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def fit(
        cls, train: PanelPart, columns: Sequence[str] | None = None, scaling: str = "series"
    ) -> PanelScale:
        """Measures the training part.

        Args:
            train: The part.
            columns: Those that are scaled; by default all of the panel.
            scaling: `"series"`, each by itself; `"all"`, all with one mean and deviation; `"none"`,
                mean 0 and deviation 1.

        Raises:
            ValueError: For another scaling. A series without rows of training is none of `names`.
        """
        check_choice("scaling", scaling, SCALINGS)
        panel = train.panel
        columns = panel.columns if columns is None else tuple(columns)
        places = panel.places(columns)
        rows = [train.values(i)[:, places] for i in range(len(panel.series))]
        if scaling == "none":
            return cls((), columns, np.zeros((1, len(places))), np.ones((1, len(places))))
        if scaling == "all":
            return cls((), columns, *(each[None] for each in _moments(np.concatenate(rows))))
        used = [i for i, each in enumerate(rows) if len(each)]
        moments = [_moments(rows[i]) for i in used]
        mean, deviation = (np.stack(each) for each in zip(*moments, strict=True))
        return cls(tuple(panel.names[i] for i in used), columns, mean, deviation)

    def of(
        self, names: Sequence[str], windows: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns mean and deviation for series by their names.

        Args:
            names: Ids of B series.
            windows: `(B, W, F)` float64, of which they are taken where the training has not seen
                the series.

        Returns:
            `(B, F)` float64 each.

        Raises:
            ValueError: For a series that is not known, without its window.
        """
        if len(self.mean) == 1:  # shared, or one series, however it is called
            return self.mean.repeat(len(names), axis=0), self.deviation.repeat(len(names), axis=0)
        known = {name: i for i, name in enumerate(self.names)}
        places = np.array([known.get(name, -1) for name in names], "int64")
        mean, deviation = self.mean[places], self.deviation[places]
        new = np.flatnonzero(places < 0)
        if new.size:
            if windows is None:
                raise UserError(
                    f"Expected a series of the training, or a window. Received: {names[new[0]]!r}"
                )
            own = [_moments(windows[i]) for i in new]
            mean[new], deviation[new] = (np.stack(each) for each in zip(*own, strict=True))
        return mean, deviation

    def record(self) -> dict[str, Any]:
        """Returns what JSON can hold, for `read`."""
        return {
            "names": list(self.names),
            "columns": list(self.columns),
            "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(),
        }

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> PanelScale:
        """Makes a scale of what `record` returned."""
        mean, deviation = (np.array(record[name], "float64") for name in ("mean", "deviation"))
        shape = (max(1, len(record["names"])), len(record["columns"]))
        if mean.shape != shape or deviation.shape != shape or not (deviation > 0).all():
            raise UserError(
                f"Expected means, and deviations above 0, of the shape {shape}. "
                f"Received: {mean.shape} and {deviation.shape}"
            )
        return cls(tuple(record["names"]), tuple(record["columns"]), mean, deviation)


def _moments(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of `(T, F)` rows: exactly the number and 1 where it does not change."""
    least, greatest = rows.min(axis=0), rows.max(axis=0)
    mean = np.clip(rows.mean(axis=0), least, greatest)
    deviation = rows.std(axis=0)
    changes = deviation > NO_CHANGE * np.maximum(np.abs(least), np.abs(greatest))
    return mean, np.where(changes & (greatest > least), deviation, 1.0)
