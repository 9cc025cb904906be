"""Dates and times of rows, and those that follow, against the calendar."""

import datetime

import hypothesis
import pytest
from hypothesis import strategies as st

from kerasrnn.datasets import following_times

FORMS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%Y-%m-%d %H:%M:%S.%f",
]


@hypothesis.given(
    st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)),
    st.sampled_from([1, 60, 900, 3600, 7 * 3600, 86400, 7 * 86400]),
    st.sampled_from(FORMS),
    st.integers(3, 7),
)
def test_steps_of_a_length(start, seconds, form, number):
    start = start.replace(microsecond=0, second=start.second if "%S" in form else 0)
    hypothesis.assume(seconds >= 60 or "%S" in form)
    step = datetime.timedelta(seconds=seconds)
    texts = [(start + i * step).strftime(form) for i in range(number + 3)]
    assert following_times(texts[:number], 3) == tuple(texts[number:])


@pytest.mark.parametrize(
    "times, following",
    [
        ("1949-11 1949-12", "1950-01 1950-02"),
        ("2016-01-15 2016-02-15", "2016-03-15 2016-04-15"),
        ("2016-12-31 2017-01-31 2017-02-28", "2017-03-31 2017-04-30"),
        ("2016-01-30 2016-02-29", "2016-03-30 2016-04-30"),
        ("2014-10-01 2015-01-01", "2015-04-01 2015-07-01"),
        ("2012-02-29 2016-02-29", "2020-02-29 2024-02-29"),
        ("30/06/2016 01/07/2016", "02/07/2016 03/07/2016"),
        ("06/30/2016 07/01/2016", "07/02/2016 07/03/2016"),
        ("01.02.2016 02.02.2016", "03.02.2016 04.02.2016"),
        ("6/9/2016 6/10/2016", "6/11/2016 6/12/2016"),
        ("8.1.2016 9.1.2016", "10.1.2016 11.1.2016"),
        ("2016-07-01T00:00:00+02:00 2016-07-01T00:15:00+02:00",
         "2016-07-01T00:30:00+02:00 2016-07-01T00:45:00+02:00"),
    ],
)  # fmt: skip
def test_steps_of_the_calendar(times, following):
    assert following_times(times.split(), 2) == tuple(following.split())


def test_hours_without_zeros():
    assert following_times(["7/1/2016 8:00", "7/1/2016 9:00"], 1) == ("7/1/2016 10:00",)


@pytest.mark.parametrize(
    "times",
    [
        "",
        "2016-07-01",
        "2016-07-01 2016-07-02 2016-07-04",
        "2016-07-01 2016-07-01",
        "2016-07-01 02.07.2016",
        "2016-07-01 2016-07-32",
        "2016-07-01T00:00 2016-07-02T00:00+02:00",
        "9999-12-30 9999-12-31",
        "Monday Tuesday",
        "1 2",
    ],
)
def test_what_has_no_regular_step(times):
    assert following_times(times.split(), 1) is None
