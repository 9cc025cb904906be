"""Texts of a column of times, and the moments that they mean."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kerasrnn.datasets.readers.times import FORMS, TimeForm

__all__ = ["readings", "written_times"]

# Numbers of a column that is named as the one of times: years, months and days written without
# separators, and how long it is since 1970 began.
DIGITS = {"%Y": r"[12]\d{3}", "%Y%m": r"[12]\d{3}[01]\d", "%Y%m%d": r"[12]\d{7}"}
EPOCH = {"epoch s": r"-?\d{1,10}", "epoch ms": r"-?\d{11,14}"}
MILLISECONDS = {"epoch s": 1000, "epoch ms": 1}
ZONE = "@"
Reading = tuple[str, np.ndarray]


def readings(
    texts: Sequence[str], form: str | None = None, *, named: bool = False
) -> Iterator[Reading]:
    """Reads a column of times in each of the forms that all of its texts have.

    Args:
        texts: At least one.
        form: The name of the form, as an earlier reading gave it; found by default.
        named: Whether a user said that they are times: numbers then are years (2026), months
            (202611), days (20261130), or seconds or milliseconds since 1970.

    Yields:
        The name of the form, for `written_times`, and `(T,)` datetime64[ms]. Of times with one
        offset from UTC those of the clock; where the offset changes, as in summer, those of UTC.

    Example:

    >>> name, times = next(readings(["2026-11-28 15:00", "2026-11-28 16:00"]))
    >>> times[1].item(), written_times(times, name)
    (datetime.datetime(2026, 11, 28, 16, 0), ['2026-11-28 15:00', '2026-11-28 16:00'])
    """
    if named:
        yield from _numbers(texts, form)
    for each in FORMS:
        if form is not None and form.split(ZONE)[0] != each.name:
            continue
        found = _moments(texts, each)
        if found is not None:
            yield found


def written_times(times: np.ndarray, form: str) -> list[str]:
    """Writes times as the texts that were read.

    Args:
        times: `(T,)` datetime64.
        form: The name that `readings` gave.

    Returns:
        As many texts.
    """
    name, _, zone = form.partition(ZONE)
    moments = times.astype("M8[ms]").astype(object).tolist()
    if name in MILLISECONDS:
        return list(
            map(str, (times.astype("M8[ms]").astype("int64") // MILLISECONDS[name]).tolist())
        )
    if zone:
        offset = datetime.timezone(datetime.timedelta(minutes=int(zone)))
        moments = [each.replace(tzinfo=offset) for each in moments]
    write: Callable[[datetime.datetime], str] = next(
        (each.write for each in FORMS if each.name == name), lambda time: time.strftime(name)
    )
    return [write(each) for each in moments]


def _numbers(texts: Sequence[str], form: str | None) -> Iterator[Reading]:
    for name, pattern in {**DIGITS, **EPOCH}.items():
        if form not in (None, name) or not all(re.fullmatch(pattern, text) for text in texts):
            continue
        if name in MILLISECONDS:
            yield name, (np.array(texts, "int64") * MILLISECONDS[name]).astype("M8[ms]")
            continue
        try:
            moments = [datetime.datetime.strptime(text, name) for text in texts]
            yield name, np.array(moments, "M8[ms]")
        except ValueError:  # the month 13: no date
            continue


def _moments(texts: Sequence[str], form: TimeForm) -> Reading | None:
    moments = []
    for text in texts:
        moment = form.moment(text)
        if moment is None:
            return None
        moments.append(moment)
    offsets = {moment.utcoffset() for moment in moments}
    if None in offsets:
        return (form.name, np.array(moments, "M8[ms]")) if len(offsets) == 1 else None
    offset = offsets.pop() if len(offsets) == 1 else datetime.timedelta(0)
    zone = datetime.timezone(offset)
    bare = [moment.astimezone(zone).replace(tzinfo=None) for moment in moments]
    minutes = int(offset.total_seconds()) // 60
    return f"{form.name}{ZONE}{minutes}", np.array(bare, "M8[ms]")
