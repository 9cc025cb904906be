"""Dates and times that name the rows of a series, and those that follow them."""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import functools
import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["FORMS", "TimeForm", "following_times", "is_time"]

# Of "07/01/2016" the month is read first, unless that fits no regular step.
DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y"),
    *("%d-%m-%Y", "%m/%d/%y", "%d/%m/%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%b %d, %Y"),
    *("%d %B %Y", "%B %d, %Y"),
)
CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%y", "%b-%Y")
QUARTERS = ("{year}Q{quarter}", "{year}-Q{quarter}", "{year} Q{quarter}", "Q{quarter} {year}")
_QUARTER = re.compile(r"(?:(\d{4})[- ]?Q([1-4])|Q([1-4]) (\d{4}))")
# Of "07.01.2016 08:05" those that may be left out: not that of the minutes.
_ZERO = re.compile(r"(?<![\d:])0(?=\d)")


@dataclasses.dataclass(frozen=True)
class TimeForm:
    """A way to write times.

    Attributes:
        name: By which it is kept; for most a pattern of `strftime`.
        read: What reads a text.
        write: What writes it again.
    """

    name: str
    read: Callable[[str], datetime.datetime]
    write: Callable[[datetime.datetime], str]

    def moment(self, text: str) -> datetime.datetime | None:
        """Reads a text that is written in exactly this form."""
        try:
            moment = self.read(text)
            return moment if self.write(moment) == text else None
        except ValueError:
            return None


def _forms() -> list[TimeForm]:
    iso = datetime.datetime.fromisoformat
    forms = [
        TimeForm(f"iso{sep}{spec}", iso, lambda time, sep=sep, spec=spec: time.isoformat(sep, spec))
        for sep in "T "
        for spec in ("auto", "minutes", "milliseconds")
    ]
    forms.append(TimeForm("isoZ", iso, lambda time: time.isoformat().replace("+00:00", "Z")))
    forms.append(TimeForm("%G-W%V", iso, lambda time: time.strftime("%G-W%V")))
    quarters = ((each, functools.partial(_as_quarter, each)) for each in QUARTERS)
    forms.extend(TimeForm(pattern, _quarter, write) for pattern, write in quarters)
    dated = (f"{date}{gap}{clock}" for date in DATES for clock in CLOCKS for gap in " T")
    for pattern in itertools.chain(DATES, MONTHS, dated):
        forms.append(_patterned(pattern))
        if "%f" not in pattern:
            forms.append(_patterned(pattern, unpadded=True))
    return forms


def _quarter(text: str) -> datetime.datetime:
    found = _QUARTER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, quarter = found[1] or found[4], found[2] or found[3]
    return datetime.datetime(int(year), 3 * int(quarter) - 2, 1)


def _as_quarter(pattern: str, time: datetime.datetime) -> str:
    return pattern.format(year=f"{time.year:04}", quarter=(time.month + 2) // 3)


def _patterned(pattern: str, *, unpadded: bool = False) -> TimeForm:
    def write(moment):
        text = moment.strftime(pattern)
        return _ZERO.sub("", text) if unpadded else text

    name = f"{pattern} unpadded" if unpadded else pattern
    return TimeForm(name, lambda text: datetime.datetime.strptime(text, pattern), write)


# In this order a text is tried.
FORMS = _forms()


def is_time(text: str) -> bool:
    """Whether a text is a date, perhaps with a time, in one of the usual forms.

    Example:

    >>> is_time("2016-07-01 00:15:00"), is_time("7/1/2016"), is_time("Monday")
    (True, True, False)
    """
    return any(form.moment(text) is not None for form in FORMS)


def following_times(times: Sequence[str], number: int) -> tuple[str, ...] | None:
    """Continues dates or times by their step, where that is regular.

    Args:
        times: At least two, in order, all in the same form. Their step is a number of calendar
            months where all have the same day and clock time, or all are the last day of a month;
            else it is a length of time.
        number: How many follow.

    Returns:
        As many texts of the same form; `None` where the step is not regular, or the form unknown.

    Example:

    >>> following_times(["2016-11", "2016-12"], 2)
    ('2017-01', '2017-02')
    >>> following_times(["2016-07-01 00:00", "2016-07-01 12:00"], 1)
    ('2016-07-02 00:00',)
    """
    if len(times) < 2:
        return None
    for form in FORMS:
        if form.moment(times[0]) is None:
            continue
        moments = [form.moment(text) for text in times]
        if None in moments:
            continue
        try:
            following = _continued(moments, number)
        except (OverflowError, TypeError, ValueError):  # the year 10,000; with and without a zone
            following = None
        if following is not None:
            return tuple(map(form.write, following))
    return None


def _continued(moments: list[Any], number: int) -> list[datetime.datetime] | None:
    first, last = moments[0], moments[-1]
    months = {_month(later) - _month(one) for one, later in itertools.pairwise(moments)}
    if len(months) == 1 and months != {0}:
        step = months.pop()
        for day in (first.day, 31):  # the same day each time, or the last one
            if moments == [_shifted(first, i * step, day) for i in range(len(moments))]:
                return [_shifted(last, i * step, day) for i in range(1, number + 1)]
    steps = {later - one for one, later in itertools.pairwise(moments)}
    if len(steps) > 1 or not all(steps):
        return None
    step = steps.pop()
    return [last + i * step for i in range(1, number + 1)]


def _month(moment: datetime.datetime) -> int:
    return 12 * moment.year + moment.month


def _shifted(moment: datetime.datetime, months: int, day: int) -> datetime.datetime:
    year, month = divmod(_month(moment) - 1 + months, 12)
    day = min(day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
