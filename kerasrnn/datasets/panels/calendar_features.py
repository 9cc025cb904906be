"""Features of the calendar: where a time is on the round of a day, a week or a year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, check_choice

__all__ = ["CALENDAR", "calendar_columns", "calendar_values"]

# How long each round is.
CALENDAR = {"hour": 24, "weekday": 7, "monthday": 31, "yearday": 365.25, "week": 52.18, "month": 12}
DAY = np.timedelta64(1, "D")


def calendar_columns(features: Sequence[str]) -> list[str]:
    """Names the columns of features, two for each.

    Raises:
        ValueError: For a feature that is not known.

    Example:

    >>> calendar_columns(["hour"])
    ['hour_sin', 'hour_cos']
    """
    for name in features:
        check_choice("calendar", name, tuple(CALENDAR))
    if len(set(features)) != len(features):
        raise UserError(f"Expected distinct features of the calendar. Received: {list(features)}")
    return [f"{name}_{wave}" for name in features for wave in ("sin", "cos")]


def calendar_values(times: np.ndarray, features: Sequence[str]) -> np.ndarray:
    """Returns sine and cosine of the angle at which each time is on a round.

    An hour counts its minutes; a day of the week begins with Monday; weeks are those of ISO 8601.

    Args:
        times: `(T,)` datetime64.
        features: Of `hour`, `weekday`, `monthday`, `yearday`, `week` and `month`.

    Returns:
        `(T, 2 * N)` float64, for `calendar_columns`.

    Example:

    >>> calendar_values(np.array(["2026-11-28T06:00"], "M8[ms]"), ["hour"]).round(3).tolist()
    [[1.0, 0.0]]
    """
    calendar_columns(features)
    times = times.astype("M8[ms]")
    days, months = times.astype("M8[D]"), times.astype("M8[M]")
    weekday = (days.astype("int64") + 3) % 7  # 1970 began on a Thursday
    # The year of a week is that of its Thursday.
    thursday = days + (3 - weekday).astype("m8[D]")
    numbers = {
        "hour": (times - days) / np.timedelta64(1, "h"),
        "weekday": weekday,
        "monthday": (days - months.astype("M8[D]")) / DAY,
        "yearday": _day_of_year(days),
        "week": _day_of_year(thursday) // 7,
        "month": months.astype("int64") % 12,
    }
    waves = []
    for name in features:
        angle = 2 * np.pi * numbers[name] / CALENDAR[name]
        waves.extend([np.sin(angle), np.cos(angle)])
    return np.stack(waves, axis=1) if waves else np.zeros((len(times), 0))


def _day_of_year(days: np.ndarray) -> np.ndarray:
    return (days - days.astype("M8[Y]").astype("M8[D]")) / DAY
