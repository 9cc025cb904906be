"""Loader of forecasting: a series cut into windows, each with the steps that follow it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError, check_choice, check_integer, check_number
from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.sources.raw_series import RawSeries, as_series
from kerasrnn.datasets.sources.series import Series
from kerasrnn.options.words import Offset, words

__all__ = ["WindowScale", "forecast_examples", "forecast_windows", "root_mean_square"]

OFFSETS = words(Offset)
# What is divided by less than this is no longer a number of full precision.
SMALLEST = float(np.finfo("float64").tiny)
# What is further away than so many deviations has a square that no float32 can hold.
FARTHEST = 1e19


@dataclasses.dataclass(frozen=True)
class WindowScale:
    """How numbers in the units of a file become standardised numbers, and back.

    Attributes:
        offset: What is taken off: `"last"`, the last row of each window, so that the model
            forecasts the change from there and a trend does not lead out of what it has seen (the
            NLinear of Zeng et al. 2023); or `"mean"`, the mean of the training part.
        mean: That of each of F columns in the training part.
        deviation: What each column is divided by, a root mean square of the training part: of the
            changes over 1 to `window` steps for `"last"`, of the distances to the mean for
            `"mean"`; 1 for a column that does not change.
    """

    offset: Offset
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def __post_init__(self) -> None:
        check_choice("offset", self.offset, OFFSETS)
        for each in (*self.mean, *self.deviation):
            check_number("scale", each, least=-math.inf)
        if len(self.mean) != len(self.deviation) or not all(each > 0 for each in self.deviation):
            raise UserError(
                "Expected for each column of a scale a mean, and a deviation above 0. "
                f"Received: {self.mean!r:.60} and {self.deviation!r:.60}"
            )

    @classmethod
    def fit(cls, series: RawSeries, window: int, offset: Offset = "last") -> WindowScale:
        """Measures a training part.

        Args:
            series: The training part, a `Series` or what `as_series` makes one of.
            window: Number of rows of a window.
            offset: `"last"` or `"mean"`.

        Returns:
            The scale.

        Raises:
            ValueError: For an unknown offset.

        Example:

        >>> WindowScale.fit(Series(("x",), np.arange(0.0, 14.0, 2.0)[:, None]), window=1)
        WindowScale(offset='last', mean=(6.0,), deviation=(2.0,))
        """
        check_choice("offset", offset, OFFSETS)
        check_integer("window", window)
        values = as_series(series).values
        if len(values) < 2:
            raise UserError(f"Expected at least 2 rows to train on. Received: {len(values)}")
        mean, most = _middle(values), min(window, len(values) - 1)
        with np.errstate(over="ignore"):
            if offset == "mean":
                deviation = root_mean_square(values - mean, axis=0)
            else:
                changes = (values[lag:] - values[:-lag] for lag in range(1, most + 1))
                each = [root_mean_square(change, axis=0) for change in changes]
                deviation = root_mean_square(np.stack(each), axis=0)
        if not np.isfinite(deviation).all():
            raise UserError("Expected numbers whose differences a float64 can hold")
        deviation = np.where(deviation > SMALLEST, deviation, 1.0)
        return cls(offset, tuple(mean.tolist()), tuple(deviation.tolist()))

    def fits(self, window: np.ndarray) -> bool:
        """Whether a model can read a window: its numbers are finite, and fit a float32 when scaled.

        Args:
            window: `(W, F)` float64.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            offset = window[-1] if self.offset == "last" else np.array(self.mean)
            scaled = np.abs(window - offset) / np.array(self.deviation)
        return bool((scaled <= np.finfo("float32").max).all())

    def scale(self, values: Any, windows: Any, places: Sequence[int] | None = None) -> Any:
        """Makes what a model reads or learns of numbers in the units of the file.

        What is taken off is taken off a float64, before its last digits are lost: a float32 knows
        no difference between 1,000,000,000 and 1,000,000,001.

        Args:
            values: `(B, N, K)` float64 tensor.
            windows: The `(B, W, F)` float64 windows that they belong to.
            places: Which K of the F columns the values are; all by default.

        Returns:
            `(B, N, K)` float32.
        """
        offset, deviation = self._offset_and_deviation(windows, places)
        return tf.cast((tf.cast(values, tf.float64) - offset) / deviation, tf.float32)

    def unscale(self, values: Any, windows: Any, places: Sequence[int] | None = None) -> Any:
        """Makes numbers in the units of the file of what `scale` made, or of forecasts.

        Args:
            values: `(B, N, K)` float32 tensor.
            windows: The `(B, W, F)` float64 windows that they belong to.
            places: Which K of the F columns the values are; all by default.

        Returns:
            `(B, N, K)` float64.
        """
        offset, deviation = self._offset_and_deviation(windows, places)
        return tf.cast(values, tf.float64) * deviation + offset

    def _offset_and_deviation(self, windows, places):
        places = range(len(self.mean)) if places is None else places
        mean, deviation = (
            tf.constant([numbers[i] for i in places], tf.float64)
            for numbers in (self.mean, self.deviation)
        )
        last = tf.gather(tf.cast(windows[:, -1:], tf.float64), list(places), axis=-1)
        return (last if self.offset == "last" else mean), deviation


def root_mean_square(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Returns the root of the mean square, also of numbers whose squares no float64 can hold.

    Args:
        values: Numbers, at least one.
        axis: Over which axis; all by default.

    Returns:
        What remains of the shape.

    Example:

    >>> float(root_mean_square(np.array([3e200, 4e200, 0.0, 0.0]))) / 1e200
    2.5
    """
    with np.errstate(over="ignore", invalid="ignore"):
        greatest = np.abs(values).max(axis=axis, keepdims=True)
        shares = values / np.where(greatest > 0, greatest, 1.0)
        root = np.sqrt(np.square(shares).mean(axis=axis, keepdims=True)) * greatest
    return root.reshape(()) if axis is None else root.squeeze(axis)


def _middle(values: np.ndarray) -> np.ndarray:
    """The mean of each column: exactly their number where all are the same one."""
    least, greatest = values.min(axis=0), values.max(axis=0)
    with np.errstate(over="ignore"):
        mean = values.mean(axis=0)
        mean = np.where(np.isfinite(mean), mean, (values / len(values)).sum(axis=0))
    return np.clip(mean, least, greatest)


def forecast_windows(
    series: RawSeries, targets: Sequence[str], window: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cuts a series into all its windows, and the rows that follow each.

    Args:
        series: A `Series`; or a table, a `(T, F)` array or a list of rows, see `as_series`.
        targets: Names of the K columns to forecast.
        window: Number of rows W of a window.
        horizon: Number of rows H to forecast.

    Returns:
        The windows `(N, W, F)` and what follows them `(N, H, K)`, float64 views of the series.

    Raises:
        ValueError: For a window or a horizon below 1, a target that is no column, or a series
            that is shorter than a window and its horizon.

    Example:

    >>> series = Series(("x",), np.arange(5.0)[:, None])
    >>> windows, y = forecast_windows(series, ["x"], window=3, horizon=1)
    >>> windows.squeeze(-1).tolist(), y.squeeze(-1).tolist()
    ([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [[3.0], [4.0]])
    """
    for name, value in (("window", window), ("horizon", horizon)):
        check_integer(name, value)
    series = as_series(series)
    unknown = [name for name in targets if name not in series.columns]
    if unknown or not targets:
        raise UserError(
            f"Expected targets among the columns {', '.join(series.columns)}. "
            f"Received: {', '.join(targets) or 'none'}"
        )
    rows = len(series.values)
    if rows < window + horizon:
        raise UserError(
            f"Expected at least {window + horizon} rows in each part of the series, for a window "
            f"of {window} and a horizon of {horizon}. Received: {rows}"
        )
    places = [series.columns.index(name) for name in targets]
    view = np.lib.stride_tricks.sliding_window_view
    windows = view(series.values[: rows - horizon], window, axis=0)
    following = view(series.values[window:][:, places], horizon, axis=0)
    return windows.transpose(0, 2, 1), following.transpose(0, 2, 1)


def forecast_examples(
    series: RawSeries, targets: Sequence[str], window: int, horizon: int, scale: WindowScale
) -> Examples:
    """Encodes a series for the regression of a `many_to_one`.

    Args:
        series: A part of a series, as in `forecast_windows`; no window reaches beyond it.
        targets: Names of the K columns to forecast.
        window: Number of rows W of a window.
        horizon: Number of rows H to forecast.
        scale: That of the training part.

    Returns:
        `Examples`, one for each window, whose batches are `features` `(B, W, F)` float32 and
        `mask` `(B, W)` bool, all true; the scaled numbers that follow `(B, H * K)` float32, a row
        of the series after the other; the weights `(B,)` float32, all 1.

    Raises:
        ValueError: As in `forecast_windows`.

    Example:

    >>> series = Series(("x", "z"), np.arange(16.0).reshape(8, 2))
    >>> scale = WindowScale.fit(series, window=3)
    >>> examples = forecast_examples(series, ["z"], window=3, horizon=2, scale=scale)
    >>> x, y, sample_weight = next(iter(examples.batches(64)))
    >>> tuple(x["features"].shape), tuple(y.shape)
    ((4, 3, 2), (4, 2))
    """
    series = as_series(series)
    windows, _ = forecast_windows(series, targets, window, horizon)
    _check_range(series, scale)
    number, size = len(windows), horizon * len(targets)
    places = [series.columns.index(name) for name in targets]
    values = tf.constant(series.values, tf.float64)

    # From the series itself: as a tensor of its own, each window would hold its numbers again.
    def finish(starts):
        rows = tf.gather(values, starts[:, tf.newaxis] + tf.range(window + horizon))
        windows, following = rows[:, :window], tf.gather(rows[:, window:], places, axis=-1)
        features = scale.scale(windows, windows)
        y = tf.reshape(scale.scale(following, windows, places), [-1, size])
        x = {"features": features, "mask": tf.fill(tf.shape(features)[:2], True)}
        return x, y, tf.ones(tf.shape(y)[:1])

    starts = tf.data.Dataset.from_tensors(tf.range(number))
    return Examples(starts, (), finish)


def _check_range(series: Series, scale: WindowScale) -> None:
    """Raises a `UserError` for a part with numbers far beyond those of the training part."""
    with np.errstate(over="ignore"):
        ends = np.stack([series.values.min(axis=0), series.values.max(axis=0)])
        far = ends[1] - ends[0] if scale.offset == "last" else np.abs(ends - scale.mean).max(0)
        far = far / np.array(scale.deviation)
    for name, distance in zip(series.columns, far, strict=True):
        if not distance < FARTHEST:
            raise UserError(
                f"Expected numbers in the column {name!r} that are like those of the training "
                f"part. Received: one that is {distance:.3g} times as far from others as is usual"
            )
