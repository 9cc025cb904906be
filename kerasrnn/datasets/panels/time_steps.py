"""The step from one row of a series to the next: a length of time, or calendar months."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

import numpy as np

from kerasrnn.checks import UserError

__all__ = ["TimeStep"]

SECOND, DAY = 1000, 86_400_000
# In milliseconds and in months; the longest first, for a step is written in the longest that fits.
LENGTHS = {"w": 7 * DAY, "d": DAY, "h": 3600 * SECOND, "min": 60 * SECOND, "s": SECOND, "ms": 1}
MONTHS = {"y": 12, "Q": 3, "M": 1}
# Weeks begin on a Monday; the first one after the time 0, which was a Thursday.
MONDAY = 4 * DAY
LATEST = 31


@dataclasses.dataclass(frozen=True)
class TimeStep:
    """How far it is from one row to the next.

    Attributes:
        number: How many milliseconds, or how many calendar months.
        months: Whether it is months.
        day: Of months, the day on which all times are: 31 for the last one of each month, 29 or
            30 for that day or the last one of February; 0 for the day of the time before.

    Example:

    >>> step = TimeStep.parse("1M")
    >>> step.after(np.datetime64("2026-11-01", "ms"), [1, 2]).astype("M8[D]").tolist()
    [datetime.date(2026, 12, 1), datetime.date(2027, 1, 1)]
    >>> str(step), str(TimeStep(7_200_000)), TimeStep.parse("1h").season
    ('1M', '2h', 24)
    """

    number: int
    months: bool = False
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> TimeStep:
        """Reads a step such as `15min`, `1h`, `1d`, `1w`, `1M`, `1Q` or `1y`.

        Raises:
            ValueError: For another text; a month is `M`, a minute `min`.
        """
        found = re.fullmatch(r"(\d{0,6})([a-zA-Z]+)", str(text).strip())
        number = int(found[1] or 1) if found else 0
        if found and number and found[2] in LENGTHS:
            return cls(number * LENGTHS[found[2]])
        if found and number and found[2] in MONTHS:
            return cls(number * MONTHS[found[2]], months=True)
        raise UserError(
            "Expected a step of time: a number and one of ms, s, min, h, d, w, M (months), Q "
            f"(quarters) or y, such as 1h. Received: {text!r}"
        )

    @classmethod
    def find(cls, series: Iterable[np.ndarray]) -> TimeStep | None:
        """Finds the step that is most frequent.

        Args:
            series: The times of each series, datetime64, in order.

        Returns:
            Months where all have the same day and clock time, or are the last day of a month; else
            the most frequent length of time, the least of several. `None` where no series has two
            rows.
        """
        pairs = [(times[:-1], times[1:]) for times in series if len(times) > 1]
        if not pairs:
            return None
        one, later = (np.concatenate(each).astype("M8[ms]") for each in zip(*pairs, strict=True))
        both = np.concatenate([one, later])
        months = _month(later) - _month(one)
        day, last = _day(both), _last_day(_month(both))
        same = (np.array_equal(day, np.minimum(day.max(), last)), np.array_equal(day, last))
        if (months > 0).all() and any(same) and len(np.unique(_clock(both))) == 1:
            greatest = LATEST if same[1] else int(day.max())
            return cls(_most_frequent(months), months=True, day=greatest if greatest > 28 else 0)
        return cls(_most_frequent((later - one).astype("int64")))

    def __str__(self) -> str:
        units = MONTHS if self.months else LENGTHS
        unit = next(name for name, size in units.items() if self.number % size == 0)
        return f"{self.number // units[unit]}{unit}"

    @property
    def season(self) -> int | None:
        """After how many steps a season begins again: a year of months or quarters, a week of days,
        a day of what is read every minute to every few hours; `None` for other steps."""
        if self.months:
            return 12 // self.number if self.number in (1, 2, 3, 4, 6) else None
        if self.number == DAY:
            return 7
        divides = LENGTHS["min"] <= self.number < DAY and DAY % self.number == 0
        return DAY // self.number if divides else None

    def after(self, times: np.ndarray | np.datetime64, steps: np.ndarray | list[int]) -> np.ndarray:
        """Returns the times so many steps after others.

        Args:
            times: datetime64.
            steps: Integers, of a shape that goes with that of the times; negative for before.

        Returns:
            datetime64[ms].
        """
        times, steps = np.asarray(times, "M8[ms]"), np.asarray(steps, "int64")
        if not self.months:
            return times + (steps * self.number).astype("m8[ms]")
        month = _month(times) + steps * self.number
        day = np.minimum(self.day or _day(times), _last_day(month))
        days = (month.astype("M8[M]").astype("M8[D]") + (day - 1).astype("m8[D]")).astype("M8[ms]")
        return days + _clock(times)

    def places(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Counts the steps from the first of some times.

        Returns:
            `(T,)` int64, and `(T,)` bool, whether a time is exactly that many steps behind.
        """
        times = times.astype("M8[ms]")
        away = _month(times) - _month(times[:1]) if self.months else (times - times[0]).astype(int)
        places = away // self.number
        return places, self.after(times[0], places) == times

    def floor(self, times: np.ndarray) -> np.ndarray:
        """Returns the beginning of the step that each time is in, datetime64[ms]; that of a week is
        a Monday, that of a quarter its first month."""
        times = times.astype("M8[ms]")
        if self.months:
            month = _month(times) // self.number * self.number
            return month.astype("M8[M]").astype("M8[ms]")
        since = MONDAY if self.number % LENGTHS["w"] == 0 else 0
        number = (times.astype("int64") - since) // self.number * self.number + since
        return number.astype("M8[ms]")


def _most_frequent(numbers: np.ndarray) -> int:
    values, counts = np.unique(numbers, return_counts=True)
    return int(values[np.argmax(counts)])


def _month(times: np.ndarray) -> np.ndarray:
    """Months since 1970."""
    return times.astype("M8[M]").astype("int64")


def _day(times: np.ndarray) -> np.ndarray:
    """Day of the month, from 1."""
    days = times.astype("M8[D]")
    return (days - times.astype("M8[M]").astype("M8[D]")).astype("int64") + 1


def _last_day(months: np.ndarray) -> np.ndarray:
    first, following = ((months + i).astype("M8[M]").astype("M8[D]") for i in (0, 1))
    return (following - first).astype("int64")


def _clock(times: np.ndarray) -> np.ndarray:
    return times - times.astype("M8[D]").astype("M8[ms]")
