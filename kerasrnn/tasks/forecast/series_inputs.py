"""What a forecaster of series reads: the end of a series, with what is known ahead of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, check_list
from kerasrnn.datasets import Panel, PanelScale, PanelWindows, WindowBatch
from kerasrnn.tasks.forecast.layout import Layout
from kerasrnn.tasks.forecast.series_signatures import SERIES, TIME, input_names

__all__ = [
    "checked_series",
    "columns_of",
    "constant_series",
    "last_windows",
    "single_series",
    "static_values",
]


def single_series(panel: Panel) -> Iterator[Panel]:
    """Yields a panel for each series of one."""
    for each in panel.series:
        yield dataclasses.replace(panel, series=(each,))


def checked_series(inputs: Iterable[Any], layout: Layout, window: int) -> list[Panel]:
    """Checks what a user wants to be forecast.

    Args:
        inputs: A `Panel` of one series each; or `(W, P)` numbers, or `(W,)` of one column, for a
            forecaster that reads nothing but the past of one series.
        layout: The columns of the forecaster.
        window: Number of rows W that it reads.

    Returns:
        A `Panel` of one series for each.

    Raises:
        ValueError: For something else, other columns, fewer rows than a window, or numbers that are
            not finite.
    """
    return [_checked(each, layout, window) for each in check_list("inputs", inputs, "series")]


def _checked(given: Any, layout: Layout, window: int) -> Panel:
    if not isinstance(given, Panel):
        given = _of_numbers(given, layout)
    if len(given.series) != 1:
        raise UserError(
            f"Expected a panel of one series for each input. Received: {len(given.series)} series"
        )
    missing = [name for name in layout.columns if name not in given.columns]
    if missing:
        raise UserError(
            f"Expected the columns {', '.join(layout.columns)}. "
            f"Received: {', '.join(given.columns)}"
        )
    (series,) = given.series
    if series.known < window:
        raise UserError(
            f"Expected at least {window} rows, a window of this forecaster. "
            f"Received: {series.known}"
        )
    last = series.values[series.known - window : series.known]
    if not np.isfinite(last[:, given.places(layout.columns)]).all():
        raise UserError("Expected finite numbers in a window. Received: NaN or infinity")
    return given


def _of_numbers(given: Any, layout: Layout) -> Panel:
    if layout.number_ahead or layout.static or layout.names:
        raise UserError(
            "Expected a `datasets.Panel` of one series, since the forecaster reads more than past "
            f"numbers. Received: {type(given).__name__}"
        )
    try:
        values = np.asarray(given, "float64")
    except (TypeError, ValueError, OverflowError):
        raise UserError(f"Expected rows of numbers. Received: {given!r:.60}") from None
    if values.ndim == 1 and len(layout.past) == 1:
        values = values[:, None]
    if values.ndim != 2 or values.shape[1] != len(layout.past):
        raise UserError(
            f"Expected rows of {', '.join(layout.past)}. Received: the shape {values.shape}"
        )
    return Panel.of(values, layout.past)


def last_windows(series: Panel, layout: Layout, window: int, horizon: int) -> WindowBatch:
    """Cuts out the last window of each series, with what is known of the rows behind it."""
    windows = PanelWindows.at_end(series, window, horizon, layout.targets, layout.past)
    return windows.take(range(len(windows)))


def columns_of(
    batch: WindowBatch,
    layout: Layout,
    names: Iterable[str],
    times: np.ndarray | None,
) -> Mapping[str, Any]:
    """Turns windows into the inputs of the signatures.

    Args:
        batch: B windows, in the units of the file.
        layout: The columns.
        names: Of each window the id of its series.
        times: `(B, W + H)` datetime64 where the model reads the calendar.

    Returns:
        Arrays by the names of `input_names`.
    """
    inputs = input_names(layout)
    found: dict[str, Any] = {}
    if layout.names:
        found[inputs[SERIES]] = np.array([name.encode() for name in names], object)
    for place, name in enumerate(layout.past):
        found[inputs[name]] = batch.past[..., place]
    for place, name in enumerate(layout.ahead):
        found[inputs[name]] = batch.ahead[..., place]
    if layout.calendar and times is not None:
        found[inputs[TIME]] = times.astype("M8[s]").astype("int64")
    found |= {inputs[name]: values for name, values in static_values(batch.static, layout)}
    return found


def static_values(static: np.ndarray, layout: Layout) -> Iterator[tuple[str, np.ndarray]]:
    """Yields static columns as a file has them: numbers, or the bytes of a category.

    Args:
        static: `(B, S)` float64.
        layout: The columns.
    """
    place = 0
    for name, categories in layout.static_columns.items():
        if categories is None:
            yield name, static[:, place]
            place += 1
            continue
        some = static[:, place : place + len(categories)]
        texts = np.array([*(text.encode() for text in categories), b""], object)
        yield name, texts[np.where(some.any(axis=1), some.argmax(axis=1), len(categories))]
        place += len(categories)


def constant_series(
    layout: Layout, scale: PanelScale, window: int, horizon: int, time_form: str | None = None
) -> Panel:
    """Makes a series that stays at the means of the training, of the first categories.

    Args:
        layout: The columns.
        scale: That of the training part.
        window: The number of rows that are known.
        horizon: The number of rows behind them, of which only what is known ahead is.
        time_form: How times are written: without a clock they are days, else hours.
    """
    rows, own = window + horizon, len(layout.columns)
    values = np.tile(scale.mean[0], (rows, 1))
    values[window:, : len(layout.past)] = np.nan
    form, times = time_form or "iso", None
    if layout.calendar:
        unit = "h" if form.startswith(("iso", "epoch")) or "%H" in form or "%I" in form else "D"
        times = np.datetime64("2026-01-01", "ms") + np.arange(rows) * np.timedelta64(1, unit)
    firsts = [f"{name}={texts[0]}" for name, texts in layout.categories.items()]
    static = np.array([float(name in firsts) for name in layout.static])
    panel = Panel.of(values[:, :own], layout.columns)
    (series,) = panel.series
    name = layout.names[0] if layout.names else ""
    series = dataclasses.replace(series, name=name, known=window, times=times, static=static)
    panel = dataclasses.replace(panel, series=(series,), ahead=layout.ahead)
    return panel.with_calendar(layout.calendar)
