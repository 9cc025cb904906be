"""Features of the calendar in a graph, for exports."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tensorflow as tf

from kerasrnn.datasets.panels.calendar_features import CALENDAR, calendar_columns
from kerasrnn.typing import Tensor

__all__ = ["calendar_waves"]

DAY = 86_400
# Days of 400, 100, 4 and one years, and from the first of March of the year 0 to 1970.
ERA, CENTURY, OLYMPIAD, YEAR, EPOCH = 146_097, 36_524, 1_460, 365, 719_468


def calendar_waves(seconds: Tensor, features: Sequence[str]) -> Tensor:
    """Does what `calendar_values` does, of seconds since 1970.

    Args:
        seconds: `(B, T)` int64.
        features: Of those of `calendar_values`.

    Returns:
        `(B, T, 2 * N)` float64.

    Example:

    >>> noon = tf.constant([[12 * 3600]], tf.int64)  # of 1970-01-01
    >>> calendar_waves(noon, ["hour"]).numpy().round(3).tolist()
    [[[0.0, -1.0]]]
    """
    calendar_columns(features)
    days = seconds // DAY
    weekday = (days + 3) % 7
    year, month, day = _civil(days)
    # The year of a week is that of its Thursday.
    thursday = days + 3 - weekday
    numbers = {
        "hour": tf.cast(seconds % DAY, tf.float64) / 3600,
        "weekday": weekday,
        "monthday": day - 1,
        "yearday": days - _first_day(year),
        "week": (thursday - _first_day(_civil(thursday)[0])) // 7,
        "month": month - 1,
    }
    waves = []
    for name in features:
        angle = tf.cast(numbers[name], tf.float64) * (2 * math.pi / CALENDAR[name])
        waves.extend([tf.sin(angle), tf.cos(angle)])
    return tf.stack(waves, axis=-1)


def _civil(days: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Year, month and day of days since 1970: a year is counted from March, its leap day last."""
    days += EPOCH
    era = days // ERA
    of_era = days - era * ERA
    years = (of_era - of_era // OLYMPIAD + of_era // CENTURY - of_era // (ERA - 1)) // YEAR
    of_year = of_era - (YEAR * years + years // 4 - years // 100)
    # Months from March on have 153 days in each five.
    place = (5 * of_year + 2) // 153
    day = of_year - (153 * place + 2) // 5 + 1
    late = tf.cast(place >= 10, tf.int64)
    return years + era * 400 + late, place + 3 - 12 * late, day


def _first_day(year: Tensor) -> Tensor:
    """Days since 1970 to the first of January, the 306th day of the year from March before."""
    year -= 1
    era = year // 400
    of_era = year - era * 400
    return era * ERA + of_era * YEAR + of_era // 4 - of_era // 100 + 306 - EPOCH
