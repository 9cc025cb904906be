"""Loader of forecasting: windows of several series, each with what is known and what follows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.loaders.forecast_examples import WindowScale
from kerasrnn.datasets.panels.panel_parts import PanelPart
from kerasrnn.datasets.panels.panel_scale import PanelScale
from kerasrnn.datasets.panels.panel_windows import PanelWindows
from kerasrnn.options.words import Offset, ScaleBy
from kerasrnn.typing import Tensor

__all__ = ["fit_panel_scale", "panel_examples", "scaled_window", "unscaled_forecast"]


def fit_panel_scale(
    train: PanelPart, columns: Sequence[str], window: int, by: ScaleBy, moving: int
) -> PanelScale:
    """Measures how the numbers of each series are scaled.

    Args:
        train: The training part.
        columns: Names of the columns that a model reads, those known ahead at the end.
        window: Number of rows W of a window.
        by: `"values"`, or `"changes"`, of which a trend has less than of values.
        moving: How many of the columns are scaled by their changes then; those known ahead, behind
            them, are not.

    Returns:
        The mean of each column, and its deviation: the root mean square of the distances to the
        mean, or of the changes over 1 to W steps.
    """
    scale = PanelScale.fit(train, columns)
    if by == "values" or not moving:
        return scale
    places = train.panel.places(columns[:moving])
    deviation = scale.deviation.copy()
    for row, name in enumerate(scale.names):
        values = train.values(train.panel.names.index(name))[:, places]
        if len(values) > 1:
            deviation[row, :moving] = WindowScale.fit(values, window, "last").deviation
    return dataclasses.replace(scale, deviation=deviation)


def scaled_window(
    past: Tensor, ahead: Tensor, mean: Tensor, deviation: Tensor, offset: Offset
) -> tuple[Tensor, Tensor, Tensor]:
    """Makes what a model reads of numbers in the units of the file.

    Args:
        past: `(B, W, P)` float64, the columns that are not known ahead.
        ahead: `(B, W + H, A)` float64.
        mean: `(B, P + A)` float64, of each row's series; or of one row for all.
        deviation: Likewise.
        offset: `"last"` to take the last row of a window off, `"mean"` for the mean.

    Returns:
        The window `(B, W, P + A)` float32, what is known of the rows behind it `(B, H, A)` float32,
        and what was taken off the past, `(B, 1, P)` float64.
    """
    columns, steps = past.shape[2], past.shape[1]
    base = past[:, -1:] if offset == "last" else mean[:, None, :columns]
    scaled = (past - base) / deviation[:, None, :columns]
    known = (ahead - mean[:, None, columns:]) / deviation[:, None, columns:]
    window = tf.concat([scaled, known[:, :steps]], axis=-1)
    return tf.cast(window, tf.float32), tf.cast(known[:, steps:], tf.float32), base


def unscaled_forecast(
    forecast: Tensor, base: Tensor, deviation: Tensor, places: Sequence[int]
) -> Tensor:
    """Makes numbers in the units of the file of what a model forecasts.

    Args:
        forecast: `(B, H, K)` float tensor, or `(B, H, K, Q)`.
        base: `(B, 1, P)` float64, what `scaled_window` took off.
        deviation: `(B, P + A)` float64; or of one row for all.
        places: Which K of the P columns are forecast.

    Returns:
        float64 of the same shape.
    """
    base, deviation = (tf.gather(each, list(places), axis=-1) for each in (base, deviation))
    deviation = deviation[:, None]
    if forecast.shape.rank == 4:
        base, deviation = base[..., None], deviation[..., None]
    return tf.cast(forecast, tf.float64) * deviation + base


def panel_examples(
    windows: PanelWindows,
    scale: PanelScale,
    offset: Offset,
    *,
    teacher_forcing: bool = False,
) -> Examples:
    """Encodes the windows of a panel for a forecaster.

    Args:
        windows: What is read and what is to be forecast.
        scale: That of the training part, of the columns of the past and those known ahead.
        offset: What is taken off a window.
        teacher_forcing: Whether the model also reads `target`, the numbers to forecast moved by a
            step.

    Returns:
        `Examples`, one for each window, whose batches are `past` `(B, W, F)`, and `ahead`
        `(B, H, A)`, `static` `(B, S)` and `target` `(B, H, K)` where there are such, float32; the
        scaled numbers that follow `(B, H, K)` float32; the weights `(B, H)` float32, all 1.

    Example:

    >>> from kerasrnn.datasets.panels.panel import Panel
    >>> panel = Panel.of(np.arange(14.0).reshape(7, 2), ["x", "z"])
    >>> windows = PanelWindows(panel, 3, 2, ["z"])
    >>> scale = fit_panel_scale(PanelPart.whole(panel), ["x", "z"], 3, "changes", 2)
    >>> x, y, sample_weight = next(iter(panel_examples(windows, scale, "last").batches(64)))
    >>> tuple(x["past"].shape), tuple(y.shape)
    ((3, 3, 2), (3, 2, 1))
    """
    table = windows.table()
    mean, deviation = (tf.constant(each, tf.float64) for each in _moments(windows, scale))
    values, static = tf.constant(table.values), tf.constant(table.static, tf.float32)
    steps, horizon = windows.window, windows.horizon
    past, targets, ahead = table.past, table.targets, table.ahead
    places = [windows.past.index(name) for name in windows.targets]

    # From the series themselves: as tensors of their own, windows would hold each number W times.
    def finish(series, first) -> tuple[Any, Any, Any]:
        rows = tf.gather(values, first[:, None] + tf.range(-steps, horizon, dtype=first.dtype))
        before = tf.gather(rows[:, :steps], past, axis=-1)
        means, deviations = tf.gather(mean, series), tf.gather(deviation, series)
        known = tf.gather(rows, ahead, axis=-1)
        window, behind, base = scaled_window(before, known, means, deviations, offset)
        following = tf.gather(rows[:, steps:], targets, axis=-1)
        at = tf.gather(base, places, axis=-1), tf.gather(deviations, places, axis=-1)[:, None]
        y = tf.cast((following - at[0]) / at[1], tf.float32)
        x = {"past": window}
        if len(ahead):
            x["ahead"] = behind
        if static.shape[1]:
            x["static"] = tf.gather(static, series)
        if teacher_forcing:
            last = tf.gather(window[:, -1:], places, axis=-1)
            x["target"] = tf.concat([last, y[:, :-1]], axis=1)
        return x, y, tf.ones(tf.shape(y)[:2])

    index = windows.series, table.offsets[windows.series] + windows.origins
    rows = tf.data.Dataset.from_tensors(tuple(tf.constant(each, tf.int64) for each in index))
    return Examples(rows, (), finish)


def _moments(windows: PanelWindows, scale: PanelScale) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each series; those of all its known rows where the training has none
    of it, as an answer then takes those of its window."""
    panel, table = windows.panel, windows.table()
    if len(scale.mean) == 1:
        return scale.of(panel.names)
    known = {name: place for place, name in enumerate(scale.names)}
    mean = np.zeros((len(panel.names), scale.mean.shape[1]))
    deviation = np.ones_like(mean)
    columns = np.concatenate([table.past, table.ahead])
    for row, series in enumerate(panel.series):
        if series.name in known:
            place = known[series.name]
            mean[row], deviation[row] = scale.mean[place], scale.deviation[place]
        elif series.known:
            values = series.values[: series.known, columns]
            spread = values.std(axis=0)
            mean[row], deviation[row] = values.mean(axis=0), np.where(spread > 0, spread, 1.0)
    return mean, deviation
