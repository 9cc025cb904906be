"""Quantiles moved such that they hold on what the training has not learned from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets import PanelPart, PanelScale, PanelWindows
from kerasrnn.tasks.forecast.layout import Layout

__all__ = [
    "Forecasting",
    "check_rows_before",
    "deviations_of",
    "rolling_margins",
    "validation_margins",
]

# Windows of the validation part that are looked at, evenly spread, and windows at a time.
MOST_WINDOWS = 2048
AT_ONCE = 256
# Windows before each forecast that are looked at; of more, or of long horizons, every n-th.
MOST_NUMBERS, FEWEST = 20_000, 256


class Forecasting(Protocol):
    """What of a forecaster is needed here."""

    layout: Layout
    horizon: int
    scale: PanelScale
    levels: tuple[float, ...] | None

    def served_forecasts(
        self, windows: PanelWindows, rows: Sequence[int] | np.ndarray
    ) -> Mapping[str, np.ndarray]:
        """What `serving_default` gives for some windows."""
        ...


def validation_margins(task: Forecasting, windows: PanelWindows) -> list[list[float]]:
    """Measures how far quantiles have to be moved for a share q of the numbers to lie below them.

    Each target and level has one margin for all steps, in deviations of the scale of its series,
    the quantile of what came less what was forecast (conformalized quantiles, Romano et al. 2019,
    of each end by itself).

    Args:
        task: The forecaster, without margins.
        windows: Those of the validation part.

    Returns:
        `(K, Q)` numbers.
    """
    number = min(len(windows), MOST_WINDOWS)
    chosen = np.unique(np.linspace(0, len(windows) - 1, number, dtype="int64"))
    return _margins(_errors(task, windows, chosen), task.levels or (), axis=(0, 1)).tolist()


def rolling_margins(
    task: Forecasting, windows: PanelWindows, rows: Sequence[int] | np.ndarray, number: int
) -> np.ndarray:
    """Measures the same at each window, of the windows before it whose truth is known there.

    So intervals go on holding where a series changes its ways, and suit each series and step. What
    is forecast at row t is moved, each step by its own errors, by those windows that ended by then:
    origins from t - H - `number` + 1 to t - H. No row from t on changes anything.

    Args:
        task: The forecaster.
        windows: Windows; of their panel the rows before them are read too.
        rows: Which of them, B integers.
        number: How many windows N before each count.

    Returns:
        `(B, H, K, Q)` float64 in deviations; 0 for a window that has fewer than N before it.
    """
    rows, levels = np.asarray(rows, "int64"), task.levels or ()
    series, origins = windows.series[rows], windows.origins[rows]
    stride = math.ceil(number / max(FEWEST, MOST_NUMBERS // task.horizon))
    before = task.horizon + np.arange(0, number, stride)
    found = np.zeros((len(rows), task.horizon, len(task.layout.targets), len(levels)))
    (enough,) = np.nonzero(origins - task.horizon - number + 1 >= windows.window)
    if not len(enough):
        return found
    wanted = np.stack(
        np.broadcast_arrays(series[enough, None], origins[enough, None] - before), axis=-1
    )
    distinct, places = np.unique(wanted.reshape(-1, 2), axis=0, return_inverse=True)
    errors = _errors(task, windows.at(*distinct.T), np.arange(len(distinct)))
    for row, some in zip(enough, places.reshape(wanted.shape[:2]), strict=True):
        found[row] = _margins(errors[some], levels, axis=0)
    return found


def check_rows_before(part: PanelPart, window: int, horizon: int, number: int) -> None:
    """Raises a `UserError` where no series has that many windows before a part.

    Args:
        part: The part that is forecast.
        window: Number of rows W of a window.
        horizon: Number of rows H that it forecasts.
        number: How many windows N are to count, see `rolling_margins`.
    """
    wanted = window + horizon + number - 1
    if max(part.starts) < wanted:
        raise UserError(
            f"Expected a series with {wanted:,} rows before the {part.name} part, for {number:,} "
            f"windows by which quantiles are moved. Received: {max(part.starts):,}"
        )


def deviations_of(
    task: Forecasting, windows: PanelWindows, rows: Sequence[int] | np.ndarray
) -> np.ndarray:
    """Returns the `(B, K)` deviations of the targets by which some windows are scaled."""
    batch = windows.take(rows)
    names = [windows.panel.names[place] for place in batch.series]
    known = np.concatenate([batch.past, batch.ahead[:, : windows.window]], axis=-1)
    return task.scale.of(names, known)[1][:, task.layout.places]


def _errors(task: Forecasting, windows: PanelWindows, rows: np.ndarray) -> np.ndarray:
    """`(N, H, K, Q)` float32, what came less each quantile, in deviations."""
    errors = []
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        quantiles = task.served_forecasts(windows, some)["quantiles"]
        apart = windows.take(some).future[..., None] - quantiles
        deviation = deviations_of(task, windows, some)
        errors.append((apart / deviation[:, None, :, None]).astype("float32"))
    return np.concatenate(errors)


def _margins(
    errors: np.ndarray, levels: Sequence[float], axis: int | tuple[int, int]
) -> np.ndarray:
    """`(…, K, Q)` float64, the quantiles of `(N, H, K, Q)` errors over some axes."""
    found = [
        np.quantile(errors[..., place].astype("float64"), level, axis=axis)
        for place, level in enumerate(levels)
    ]
    return np.stack(found, axis=-1)
