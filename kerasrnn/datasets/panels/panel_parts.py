"""Training, validation and test of a panel: which rows are forecast in each."""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, check_integer, check_number, first_of
from kerasrnn.datasets.panels.moments import readings
from kerasrnn.datasets.panels.panel import Panel, TimeSeries
from kerasrnn.datasets.readers.reader_notes import note

__all__ = ["PanelPart", "Size", "check_changes", "split_panel"]

# A number of rows, a fraction of them, or the time at which a part begins.
Size = int | float | str
# Below what an error of rounding makes a row of: 0.8 of 10 rows are 8.
NEARLY = 1e-9


@dataclasses.dataclass(frozen=True)
class PanelPart:
    """Rows of each series, in front of which others lie that windows may read.

    Attributes:
        panel: The whole.
        starts: For each series the first row of the part.
        stops: For each series the row behind its last one.
        name: What it is called in messages.
    """

    panel: Panel
    starts: tuple[int, ...]
    stops: tuple[int, ...]
    name: str = "series"

    @classmethod
    def whole(cls, panel: Panel) -> PanelPart:
        """All rows that are known."""
        return cls(panel, (0,) * len(panel.series), tuple(each.known for each in panel.series))

    @property
    def rows(self) -> int:
        """How many rows it has, of all series."""
        return sum(stop - start for start, stop in zip(self.starts, self.stops, strict=True))

    def values(self, place: int) -> np.ndarray:
        """The `(T, F)` rows of a series."""
        return self.panel.series[place].values[self.starts[place] : self.stops[place]]


def split_panel(
    panel: Panel, validation: Size = 0.1, test: Size = 0.1, train: Size | None = None
) -> dict[str, PanelPart]:
    """Cuts each series into training, validation and test, in the order of time.

    Args:
        panel: The series.
        validation: Size of the validation part: a number of rows; a fraction below 1 of the rows of
            each series; or its first time, such as `"2026-09-01"`, which is the same for all.
        test: Size of the test part, likewise; it is at the end.
        train: By default all rows before. A number or a fraction of rows from the beginning, with
            validation and test right behind them: the rows behind these are then left out.

    Returns:
        A `PanelPart` for `"train"`, `"validation"` and `"test"`. Only what is forecast lies within
        its part: a window may read rows of the part before.

    Raises:
        ValueError: For a size that is none of these; where no series has rows in a part.

    Example:

    >>> parts = split_panel(Panel.of(np.arange(144.0)[:, None], ["passengers"]), test=24)
    >>> [(part.starts[0], part.stops[0]) for part in parts.values()]
    [(0, 106), (106, 120), (120, 144)]
    """
    sizes = {"validation": validation, "test": test} | ({} if train is None else {"train": train})
    for name, size in sizes.items():
        _check_size(name, size)
    dates = {name: _time(name, size) for name, size in sizes.items() if isinstance(size, str)}
    if dates and any(each.times is None for each in panel.series):
        raise UserError(
            f"Expected times in the file, for the {first_of(dates)} part to begin at one. "
            "Received: rows without times"
        )
    if train is not None and ("train" in dates or "validation" in dates):
        raise UserError(
            "Expected the training part to end at a number of rows, or where the validation part "
            f"begins. Received: train {train!r} and validation {validation!r}"
        )
    ends = [_ends(each, sizes, dates) for each in panel.series]
    parts, start = {}, [0] * len(ends)
    for place, name in enumerate(("train", "validation", "test")):
        stop = [each[place] for each in ends]
        parts[name] = PanelPart(panel, tuple(start), tuple(stop), name)
        if not parts[name].rows:
            raise UserError(
                f"Expected rows in the {name} part of the series. Received: none of {panel.rows:,} "
                f"(sizes: {', '.join(f'{key} {size}' for key, size in sizes.items())})"
            )
        start = stop
    out = panel.rows - sum(part.rows for part in parts.values())
    if out:
        note(f"the last {out:,} of {panel.rows:,} rows are in no part")
    return parts


def check_changes(train: PanelPart, targets: list[str] | tuple[str, ...]) -> None:
    """Raises a `UserError` where a target never changes in training, in any of the series.

    Says by `note` which other columns never change, and in which series a target does not.

    Args:
        train: The training part.
        targets: Names of the columns to forecast.

    Example:

    >>> part = PanelPart.whole(Panel.of([[1, 5], [2, 5]], ["x", "fixed"]))
    >>> check_changes(part, ["x"])
    """
    panel, places = train.panel, range(len(train.panel.series))
    used = [place for place in places if train.stops[place] > train.starts[place]]
    still = np.array([np.ptp(train.values(place), axis=0) == 0 for place in used])
    for name, place in zip(targets, panel.places(targets), strict=True):
        if still[:, place].all():
            number = train.values(used[0])[0, place]
            raise UserError(
                f"Expected the target {name!r} to change in the training part. "
                f"Received: {number:g} in each of {train.rows:,} rows"
            )
        if still[:, place].any():
            names = [panel.names[used[i]] for i in np.flatnonzero(still[:, place])]
            note(f"{name!r} never changes in the training part of: {first_of(names)}")
    others = [
        name
        for place, name in enumerate(panel.columns)
        if name not in targets and still[:, place].all()
    ]
    if others:
        note(f"never changes in the training part: {first_of(others)}")


def _check_size(name: str, size: Size) -> None:
    if isinstance(size, str):
        return
    if isinstance(size, numbers.Integral):
        check_integer(name, size)
    else:
        check_number(name, size, below=1, above=True)


def _time(name: str, text: str) -> np.datetime64:
    found = next(readings([text]), None) or next(readings([text], named=True), None)
    if found is None:
        raise UserError(
            f"Expected `{name}` to be a number of rows, a fraction of them, or a time such as "
            f"2026-11-28. Received: {text!r}"
        )
    return found[1][0]


def _ends(
    series: TimeSeries, sizes: dict[str, Any], dates: dict[str, np.datetime64]
) -> tuple[int, int, int]:
    """Where training, validation and test of a series end."""
    rows, validation, test = series.known, sizes["validation"], sizes["test"]
    if "train" in sizes:
        first = _number(sizes["train"], rows)
        second = (
            _from(series, dates["test"]) if "test" in dates else first + _number(validation, rows)
        )
        third = rows if "test" in dates else second + _number(test, rows)
    else:
        third = rows
        if "test" in dates:
            second = _from(series, dates["test"])
        else:
            second = rows - test if _is_whole(test) else _number(1 - test, rows)
        if "validation" in dates:
            first = _from(series, dates["validation"])
        elif "test" in dates or _is_whole(test) or _is_whole(validation):
            first = second - _number(validation, rows)
        else:  # rounded once, as 80 and 90 % of the rows
            first = _number(1 - validation - test, rows)
    third = min(third, rows)
    second = min(max(second, 0), third)
    return min(max(first, 0), second), second, third


def _from(series: TimeSeries, time: np.datetime64) -> int:
    times = np.zeros(0, time.dtype) if series.times is None else series.times
    return int(np.searchsorted(times[: series.known], time))


def _is_whole(size: Size) -> bool:
    return isinstance(size, numbers.Integral)


def _number(size: Size, rows: int) -> int:
    return int(size) if _is_whole(size) else math.floor(float(size) * rows + NEARLY)
