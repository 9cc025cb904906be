"""The options of `kerasrnn train forecast`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar

from kerasrnn.checks import UserError
from kerasrnn.options.fields import Unrecorded
from kerasrnn.options.groups import Bidirectional, Encoded, Pooled
from kerasrnn.options.ranges import Count, Length
from kerasrnn.options.series_data import SeriesData
from kerasrnn.options.words import (
    DecoderCell,
    ForecastLoss,
    ForecastMethod,
    Offset,
    Pooling,
    ScaleBy,
    words,
)

__all__ = ["Forecast"]


def _levels(name: str, value: Any) -> tuple[str, ...]:
    """Checks the levels of quantiles, and returns them as texts."""
    levels = [value] if isinstance(value, (str, float)) else value
    try:
        numbers = [float(each) for each in levels]
    except (TypeError, ValueError):
        raise UserError(
            f"Expected `{name}` to be levels such as 0.1 0.5 0.9. Received: {value!r}"
        ) from None
    wrong = [each for each in numbers if not 0 < each < 1]
    if wrong or not numbers:
        raise UserError(
            f"Expected `{name}` to be levels between 0 and 1, such as 0.1 0.5 0.9. "
            f"Received: {wrong[0] if wrong else value!r}"
        )
    if any(after <= before for before, after in zip(numbers[:-1], numbers[1:], strict=True)):
        raise UserError(f"Expected `{name}` to be distinct and ascending. Received: {numbers}")
    return tuple(str(each) for each in numbers)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Forecast(SeriesData, Bidirectional, Pooled, Encoded):
    """Train a model that forecasts the numbers that follow a window of a series.

    The first 80 % of the rows train, the next 10 % validate, the last 10 % test, unless sizes say
    otherwise; windows may read the rows before their part.

    Args:
        data: A .csv file (commas, semicolons or tabs between the cells), .tsv or .jsonl, or a
            folder of them, a row for each step of time. Numbers are such as 12, -0.5 or 1e-3;
            where no commas separate the cells, 0,5 too.
        window: Number of rows that the model reads.
        horizon: Number of rows that it forecasts.
        target: Names of the columns to forecast. The last column that is read by default.
        method: direct forecasts all rows of the horizon at once, recursive one after the other,
            each from the forecast before it; window is direct for one table that is served as one
            tensor, without times, several series, known columns or quantiles.
        patch_length: SegRNN, which reads and forecasts this many rows at a time, each target by
            itself, such as 24 of hours; the window is a multiple of it. Suits horizons of many
            rows.
        quantiles: Levels to forecast, such as --quantiles 0.1 0.5 0.9, instead of one number; the
            one that is the nearest to 0.5 is the forecast.
        calibrate: Whether quantiles are moved, each level by itself, such that they hold on the
            validation part what they say.
        recalibrate: How many windows before each forecast, whose truth is known by then, move its
            quantiles once more, such as four weeks of them, where a series changes its ways. An
            export, which reads one window, does not know them.
        loss: What training makes small, mse or mae, which large errors move less; of quantiles it
            is the pinball loss.
        season: Number of rows after which a series is expected to repeat, for the baselines; by
            default a day of hours, a week of days, a year of months, and so on.
        offset: What is taken off each window and added to its forecast: its own last row, or the
            mean of the training rows.
        scale_by: By what numbers are divided, of each series and column by itself: the usual size
            of its changes within a window, or of the distances of its values to their mean. By
            default changes where the offset is the last row, which a trend needs.
        pooling: What sums up the window.
        batch_size: Windows in a batch.

    Example:

    >>> options.Forecast(data="tides.csv", window=48, quantiles=[0.1, 0.9]).levels
    (0.1, 0.9)
    """

    task: ClassVar[str] = "forecast"

    window: Length = 24
    horizon: Length = 1
    target: tuple[str, ...] | None = None
    method: Annotated[ForecastMethod, Unrecorded("window")] = "direct"
    patch_length: Annotated[Count | None, Unrecorded(None)] = None
    quantiles: Annotated[tuple[str, ...] | None, _levels, Unrecorded(None)] = None
    calibrate: Annotated[bool, Unrecorded(False)] = True
    recalibrate: Annotated[Count | None, Unrecorded(None)] = None
    loss: Annotated[ForecastLoss, Unrecorded("mse")] = "mse"
    season: Annotated[Count | None, Unrecorded(None)] = None
    offset: Offset = "last"
    scale_by: Annotated[ScaleBy | None, Unrecorded(None)] = None
    bidirectional: bool = False
    pooling: Pooling = "last"
    epochs: Count = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method == "window":
            self._check_alone(
                "the method direct or recursive",
                *("time", "id", "known_ahead", "static", "calendar", "resample", "missing"),
                *("irregular", "train_size", "validation_size", "test_size", "patch_length"),
                *("quantiles", "recalibrate", "loss", "season", "scale_by"),
            )
        if self.quantiles is not None:
            self._check_alone("no quantiles, which have a loss of their own,", "loss")
        elif self.method != "window":
            self._check_alone("quantiles", "recalibrate")
        if self.method == "recursive":
            self._check_alone("the method direct", "patch_length", "pooling")
            if self.cell not in words(DecoderCell):
                raise UserError(
                    f"Expected one of the cells {', '.join(words(DecoderCell))} for the method "
                    f"recursive, whose decoder begins with the states. Received: {self.cell}"
                )
        if self.patch_length is not None:
            self._check_alone("no `patch_length`", "pooling", "bidirectional")
            if self.window % self.patch_length:
                raise UserError(
                    f"Expected a window of a multiple of the patch length {self.patch_length}. "
                    f"Received: {self.window}"
                )

    def _check_alone(self, wanted: str, *names: str) -> None:
        """Raises a `UserError` for options that mean nothing beside others."""
        defaults = {field.name: field.default for field in self.fields()}
        given = [name for name in names if getattr(self, name) != defaults[name]]
        if given:
            raise UserError(
                f"Expected {wanted} for `{given[0]}`. Received: method={self.method}, "
                f"{given[0]}={getattr(self, given[0])!r}"
            )

    @property
    def levels(self) -> tuple[float, ...] | None:
        """The levels of the quantiles as numbers."""
        return None if self.quantiles is None else tuple(map(float, self.quantiles))
