"""Steps of time, against pandas and the calendar."""

import numpy as np
import pandas
import pytest

from kerasrnn.datasets import TimeStep
from kerasrnn.datasets.panels.calendar_features import calendar_values
from kerasrnn.datasets.panels.moments import readings, written_times


def dates(frequency, number, start="2019-12-31 23:00"):
    return pandas.date_range(start, periods=number, freq=frequency).to_numpy().astype("M8[ms]")


@pytest.mark.parametrize(
    "frequency, text, season",
    [
        ("1s", "1s", None),
        ("min", "1min", 1440),
        ("15min", "15min", 96),
        ("h", "1h", 24),
        ("2h", "2h", 12),
        ("7h", "7h", None),
        ("D", "1d", 7),
        ("W-WED", "1w", None),
        ("MS", "1M", 12),
        ("ME", "1M", 12),
        ("QS", "1Q", 4),
        ("QE", "1Q", 4),
        ("YS", "1y", None),
        ("YE", "1y", None),
        ("100ms", "100ms", None),
    ],
)
def test_a_step_is_found_and_goes_on(frequency, text, season):
    times = dates(frequency, 53)
    step = TimeStep.find([times[:17], times[3:4], times[11:30]])
    assert (str(step), step.season) == (text, season)
    assert TimeStep.parse(text).number == step.number
    np.testing.assert_array_equal(step.after(times[29], np.arange(1, 24)), times[30:])
    places, exact = step.places(times)
    assert places.tolist() == list(range(53)) and exact.all()


def test_days_that_not_every_month_has():
    times = np.array(["2026-01-30", "2026-02-28", "2026-03-30"], "M8[ms]")
    step = TimeStep.find([times])
    following = step.after(times[1], [1, 2]).astype("M8[D]").astype(str)
    assert following.tolist() == ["2026-03-30", "2026-04-30"]


def test_the_most_frequent_step():
    times = np.array(["2026-11-01", "2026-11-02", "2026-11-05", "2026-11-06"], "M8[ms]")
    step = TimeStep.find([times])
    places, exact = step.places(times)
    assert str(step) == "1d" and places.tolist() == [0, 1, 4, 5] and exact.all()
    late = np.array(["2026-11-01", "2026-11-02", "2026-11-03T05"], "M8[ms]")
    assert step.places(late)[1].tolist() == [True, True, False]
    assert TimeStep.find([times[:1]]) is None


@pytest.mark.parametrize("text, rule", [("3h", "3h"), ("1d", "D"), ("15min", "15min")])
def test_the_beginning_of_a_step(text, rule):
    times = dates("47min", 97)
    expected = pandas.Series(times).dt.floor(rule).to_numpy()
    np.testing.assert_array_equal(TimeStep.parse(text).floor(times), expected)


@pytest.mark.parametrize("text, rule", [("1w", "W-SUN"), ("1M", "M"), ("1Q", "Q"), ("1y", "Y")])
def test_the_beginning_of_a_calendar_step(text, rule):
    times = dates("31h", 997)
    expected = pandas.Series(times).dt.to_period(rule).dt.start_time.to_numpy()
    np.testing.assert_array_equal(TimeStep.parse(text).floor(times), expected)


@pytest.mark.parametrize("text", ["1m", "h1", "0d", "", "1.5h", "1 fortnight", "-1d"])
def test_what_is_no_step(text):
    with pytest.raises(ValueError, match="Expected a step of time: .* Received: '"):
        TimeStep.parse(text)


@pytest.mark.parametrize(
    "feature, of, period",
    [
        ("hour", lambda t: t.dt.hour + t.dt.minute / 60, 24),
        ("weekday", lambda t: t.dt.day_of_week, 7),
        ("monthday", lambda t: t.dt.day - 1, 31),
        ("yearday", lambda t: t.dt.day_of_year - 1, 365.25),
        ("week", lambda t: t.dt.isocalendar().week.astype(float) - 1, 52.18),
        ("month", lambda t: t.dt.month - 1, 12),
    ],
)
def test_features_of_the_calendar(feature, of, period):
    times = dates("791min", 1999)
    angle = 2 * np.pi * of(pandas.Series(times)).to_numpy() / period
    expected = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    np.testing.assert_allclose(calendar_values(times, [feature]), expected, atol=1e-12)


@pytest.mark.parametrize(
    "texts, iso, named",
    [
        ("2026-11-28T05:00|2026-11-28T06:00", "2026-11-28T05|2026-11-28T06", False),
        ("2026-11-28 05:00:00.250|2026-11-28 05:00:00.500",) * 2 + (False,),
        ("2026-11-28T05:00:00Z|2026-11-28T06:00:00Z", "2026-11-28T05|2026-11-28T06", False),
        ("2026-11-28T05:00:00+09:00|2026-11-28T06:00:00+09:00",)
        + ("2026-11-28T05|2026-11-28T06", False),
        ("28.11.2026|29.11.2026", "2026-11-28|2026-11-29", False),
        ("7/1/2016 0:00|7/1/2016 1:00", "2016-07-01T00|2016-07-01T01", False),
        ("Nov 2026|Dec 2026", "2026-11-01|2026-12-01", False),
        ("2026Q3|2026Q4", "2026-07-01|2026-10-01", False),
        ("2026-Q3|2026-Q4", "2026-07-01|2026-10-01", False),
        ("Q3 2026|Q4 2026", "2026-07-01|2026-10-01", False),
        ("2020-W53|2021-W01", "2020-12-28|2021-01-04", False),
        ("1949|1950", "1949-01-01|1950-01-01", True),
        ("202611|202612", "2026-11-01|2026-12-01", True),
        ("20261128|20261129", "2026-11-28|2026-11-29", True),
        ("1480291200|1480294800", "2016-11-28T00|2016-11-28T01", True),
        ("1480291200500|1480294800500", "2016-11-28T00:00:00.5|2016-11-28T01:00:00.5", True),
    ],
)
def test_forms_of_times_and_back(texts, iso, named):
    texts, expected = texts.split("|"), np.array(iso.split("|"), "M8[ms]")
    form, times = next(readings(texts, named=named))
    np.testing.assert_array_equal(times, expected)
    assert written_times(times, form) == texts
    again, same = next(readings(texts, form, named=named))
    assert again == form and np.array_equal(same, times)


def test_times_whose_offset_changes_are_those_of_utc():
    """When summer ends, an hour is there twice on the clock."""
    form, times = next(readings(["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]))
    expected = np.array(["2026-10-25T00:30", "2026-10-25T01:30"], "M8[ms]")
    np.testing.assert_array_equal(times, expected)
    assert written_times(times[1:], form) == ["2026-10-25T01:30:00+00:00"]


def test_numbers_are_no_times_unless_named():
    assert list(readings(["1949", "1950"])) == []
    assert list(readings(["Monday", "2026-11-28"])) == []
