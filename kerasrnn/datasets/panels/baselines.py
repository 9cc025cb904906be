"""Forecasts that need no model, and what errors of forecasts are divided by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kerasrnn.checks import check_integer, first_of
from kerasrnn.datasets.panels.panel_parts import PanelPart
from kerasrnn.datasets.panels.panel_windows import PanelWindows
from kerasrnn.datasets.readers.reader_notes import note

__all__ = ["baselines", "naive_errors", "value_deviations"]


def baselines(
    windows: PanelWindows, rows: Sequence[int] | np.ndarray | range | slice, season: int = 1
) -> dict[str, np.ndarray]:
    """Forecasts as a model has to beat (Hyndman and Athanasopoulos, section 5.2).

    They read their series up to the first row that is forecast, also what lies before a window.

    Args:
        windows: The windows.
        rows: Which B of them, integers or a slice.
        season: After how many rows m a series is expected to repeat; 1 for none.

    Returns:
        `(B, H, K)` float64 of each: `last_value`, that again and again; `seasonal_naive`, the last
        m rows again and again, where m is above 1 and all of the windows have as many rows before
        what they forecast; `drift`, a line from the first row of the series through the last one.

    Raises:
        ValueError: For a season below 1.

    Example:

    >>> from kerasrnn.datasets.panels.panel import Panel
    >>> windows = PanelWindows(Panel.of([[1], [2], [5], [0], [0], [0]], ["x"]), 3, 3, ["x"])
    >>> forecasts = baselines(windows, [0], season=2)
    >>> {name: each[0, :, 0].tolist() for name, each in forecasts.items()}
    {'last_value': [5.0, 5.0, 5.0], 'seasonal_naive': [2.0, 5.0, 2.0], 'drift': [7.0, 9.0, 11.0]}
    """
    check_integer("season", season)
    rows = rows if isinstance(rows, slice) else np.asarray(rows, "int64")
    table, origins = windows.table(), windows.origins[rows]
    first = table.offsets[windows.series[rows]]
    steps = np.arange(windows.horizon)

    def numbers(places: np.ndarray) -> np.ndarray:
        return table.values[(first[:, None] + places)[..., None], table.targets]

    last = numbers(origins[:, None] - 1)
    found = {"last_value": np.repeat(last, windows.horizon, axis=1)}
    if season > 1 and windows.origins.min() >= season:
        found["seasonal_naive"] = numbers(origins[:, None] - season + steps % season)
    slope = (last - numbers(np.zeros_like(origins)[:, None])) / np.maximum(origins - 1, 1)[
        :, None, None
    ]
    found["drift"] = last + (steps + 1)[None, :, None] * slope
    return found


def naive_errors(
    train: PanelPart, targets: Sequence[str], season: int = 1
) -> dict[str, list[float | None]]:
    """Measures what the mean absolute scaled error divides by (Hyndman and Koehler 2006).

    That is the mean absolute error that the value of a season before has in training.

    Args:
        train: The training part.
        targets: Names of the K targets.
        season: After how many rows a series is expected to repeat; 1 for the value before.

    Returns:
        K numbers by the id of each series; `None` where the training has no more rows than a
        season. Says by `note` of which series that is so.

    Example:

    >>> from kerasrnn.datasets.panels.panel import Panel
    >>> part = PanelPart.whole(Panel.of([[1], [2], [5], [2]], ["x"]))
    >>> naive_errors(part, ["x"], 2), naive_errors(part, ["x"], 4)
    ({'': [2.0]}, {'': [None]})
    """
    check_integer("season", season)

    def error(rows: np.ndarray) -> np.ndarray:
        return np.abs(rows[season:] - rows[:-season]).mean(axis=0)

    found = _of_each(train, targets, error, season + 1)
    short = [name for name, numbers in found.items() if numbers[0] is None]
    if short:
        of = f" of {first_of(short)}" if any(short) else ""
        note(f"no scaled errors{of}: the training part has no more than a season, {season} rows")
    return found


def value_deviations(train: PanelPart, targets: Sequence[str]) -> dict[str, list[float | None]]:
    """Measures the standard deviation of each target in training.

    Args:
        train: The training part.
        targets: Names of the K targets.

    Returns:
        K numbers by the id of each series, 0 where a target does not change; `None` for a series
        without rows of training.

    Example:

    >>> from kerasrnn.datasets.panels.panel import Panel
    >>> part = PanelPart.whole(Panel.of([[1, 0.1], [3, 0.1], [1, 0.1], [3, 0.1]], ["x", "z"]))
    >>> value_deviations(part, ["x", "z"])
    {'': [1.0, 0.0]}
    """

    def deviation(rows: np.ndarray) -> np.ndarray:
        return np.where(np.ptp(rows, axis=0) > 0, rows.std(axis=0), 0.0)

    return _of_each(train, targets, deviation, 1)


def _of_each(
    train: PanelPart,
    targets: Sequence[str],
    measure: Callable[[np.ndarray], np.ndarray],
    least: int,
) -> dict[str, list[float | None]]:
    """By id what is measured of the rows of a series, where they are enough."""
    places = train.panel.places(targets)
    found: dict[str, list[float | None]] = {}
    for i, name in enumerate(train.panel.names):
        rows = train.values(i)[:, places]
        found[name] = measure(rows).tolist() if len(rows) >= least else [None] * len(places)
    return found
