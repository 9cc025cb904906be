"""One or several series of numbers on the same clock, and what is known of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.panels.calendar_features import calendar_columns, calendar_values
from kerasrnn.datasets.panels.moments import written_times
from kerasrnn.datasets.panels.time_steps import TimeStep

__all__ = ["Panel", "TimeSeries"]


@dataclasses.dataclass(frozen=True)
class TimeSeries:
    """Numbers of one thing, a row for each step of time.

    Attributes:
        name: Its id; `""` where there is one series.
        values: `(T, F)` float64, NaN where the future of a column is not known.
        known: How many rows are the past: those behind have numbers of known-ahead columns alone.
        times: `(T,)` datetime64[ms], in order; `None` where the rows have none.
        static: `(S,)` float64, what does not change.
    """

    name: str
    values: np.ndarray
    known: int
    times: np.ndarray | None = None
    static: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))


@dataclasses.dataclass(frozen=True)
class Panel:
    """Series that have the same columns and the same step of time.

    Attributes:
        series: A `TimeSeries` for each id, in the order of the file.
        columns: Names of the F columns, those of the calendar at the end.
        step: A `TimeStep`; `None` where the rows have no times, or no regular ones.
        ahead: Those of the columns that are known ahead, with those of the calendar.
        calendar: Which features of the calendar there are, such as `("hour", "weekday")`.
        static: Names of the S numbers that do not change, such as `size` and `region=north`.
        categories: Of each static column of texts its categories, in order.
        time_name: Name of the column of times.
        time_form: How its texts are written, see `written`.

    Example:

    >>> sales = Panel.of(np.arange(10.0)[:, None], ["sold"])
    >>> sales.rows, sales.columns, sales.series[0].known
    (10, ('sold',), 10)
    """

    series: tuple[TimeSeries, ...]
    columns: tuple[str, ...]
    step: TimeStep | None = None
    ahead: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    time_name: str = "time"
    time_form: str = "iso auto"

    @classmethod
    def of(cls, values: Any, columns: Sequence[str]) -> Panel:
        """Makes a panel of one series without times.

        Args:
            values: `(T, F)` numbers.
            columns: Names of the F columns.
        """
        values = np.asarray(values, "float64")
        return cls((TimeSeries("", values, len(values)),), tuple(columns))

    @property
    def rows(self) -> int:
        """How many rows there are of the past, in all series."""
        return sum(each.known for each in self.series)

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the series."""
        return tuple(each.name for each in self.series)

    def places(self, columns: Sequence[str]) -> list[int]:
        """Returns where columns are among those of the panel.

        Raises:
            ValueError: For one that is not there.
        """
        unknown = [name for name in columns if name not in self.columns]
        if unknown:
            raise UserError(
                f"Expected columns among {first_of(self.columns, 20)}. "
                f"Received: {first_of(unknown)}"
            )
        return [self.columns.index(name) for name in columns]

    def written(self, times: np.ndarray) -> list[str]:
        """Writes `(N,)` datetime64 as the file does."""
        return written_times(times, self.time_form)

    def ends(self) -> Panel:
        """Returns the panel without rows of the future."""
        series = (
            dataclasses.replace(
                each,
                values=each.values[: each.known],
                times=None if each.times is None else each.times[: each.known],
            )
            for each in self.series
        )
        return dataclasses.replace(self, series=tuple(series))

    def with_calendar(self, features: Sequence[str]) -> Panel:
        """Returns the panel with columns of the calendar, known ahead, behind the others.

        Args:
            features: Of `hour`, `weekday`, `monthday`, `yearday`, `week` and `month`; for none the
                panel as it is.

        Raises:
            ValueError: For another feature, a series without times, or a panel that has a column of
                the name, or features of the calendar already.

        Example:

        >>> days = np.array(["2026-11-28", "2026-11-29"], "M8[ms]")
        >>> panel = Panel((TimeSeries("", np.ones((2, 1)), 2, days),), ("x",))
        >>> panel.with_calendar(["weekday"]).columns
        ('x', 'weekday_sin', 'weekday_cos')
        """
        waves = calendar_columns(features)
        if not waves:
            return self
        twice = [name for name in waves if name in self.columns]
        if self.calendar or twice:
            raise UserError(
                "Expected no column with the name of the calendar. "
                f"Received: {first_of(twice or self.calendar)}"
            )
        series = []
        for each in self.series:
            if each.times is None:
                raise UserError("Expected times, for features of the calendar. Received: none")
            values = np.concatenate([each.values, calendar_values(each.times, features)], axis=1)
            series.append(dataclasses.replace(each, values=values))
        return dataclasses.replace(
            self,
            series=tuple(series),
            columns=(*self.columns, *waves),
            ahead=(*self.ahead, *waves),
            calendar=tuple(features),
        )

    def continued(self, horizon: int) -> Panel:
        """Returns the panel with exactly so many rows of the future behind each series.

        Their times go on by the step, their features of the calendar follow from these.

        Args:
            horizon: Number of rows H.

        Raises:
            ValueError: For a known-ahead column of the file that ends earlier, or features of the
                calendar without a step.
        """
        return dataclasses.replace(
            self, series=tuple(self._continued(each, horizon) for each in self.series)
        )

    def _continued(self, series: TimeSeries, horizon: int) -> TimeSeries:
        there, wanted = len(series.values) - series.known, series.known + horizon
        own = [name for name in self.ahead if name not in calendar_columns(self.calendar)]
        if there < horizon and own:
            of = f" of the series {series.name!r}" if series.name else ""
            raise UserError(
                f"Expected numbers of {first_of(own)}, known ahead, for {horizon} rows behind the "
                f"last known one{of}. Received: {there}"
            )
        more = max(0, horizon - there)
        times = series.times
        if times is not None and more and self.step is not None:
            following = self.step.after(times[-1], np.arange(1, more + 1))
            times = np.concatenate([times, following])
        elif more:
            times = None
        if times is None and self.calendar:
            raise UserError(
                f"Expected times with a regular step, to know the {first_of(self.calendar)} of "
                "the rows that follow. Received: none"
            )
        rows = np.full((more, len(self.columns)), np.nan)
        values = np.concatenate([series.values, rows]) if more else series.values
        if self.calendar and more and times is not None:
            places = self.places(calendar_columns(self.calendar))
            values[-more:, places] = calendar_values(times[-more:], self.calendar)
        times = None if times is None else times[:wanted]
        return dataclasses.replace(series, values=values[:wanted], times=times)
