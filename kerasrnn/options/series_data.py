"""Options that say how tables of numbers become series, and which rows are forecast."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Annotated, Any

from kerasrnn.checks import UserError
from kerasrnn.options.fields import Unrecorded
from kerasrnn.options.groups import Data
from kerasrnn.options.words import MissingRule

__all__ = ["SeriesData", "part_size"]


def part_size(name: str, value: Any) -> str:
    """Checks the size of a part of a series: a number of rows, a fraction of them, or a time.

    Args:
        name: The option, for the error.
        value: A number, or a text.

    Returns:
        It as a text.

    Raises:
        ValueError: For a number below 1 that is no fraction, or a text that holds no digit.

    Example:

    >>> part_size("test_size", 0.2), part_size("test_size", "2026-09-01")
    ('0.2', '2026-09-01')
    """
    text = str(value).strip()
    number = re.fullmatch(r"[+-]?(\d+)?(\.\d*)?", text) and text not in ("", ".", "+", "-")
    if isinstance(value, bool) or not re.search(r"\d", text) or (number and not _is_size(text)):
        raise UserError(
            f"Expected `{name}` to be a number of rows, a fraction of them below 1, or the time at "
            f"which the part begins, such as 2026-09-01. Received: {value!r}"
        )
    return text


def _is_size(text: str) -> bool:
    return float(text) >= 1 if "." not in text else 0 < float(text) < 1


Size = Annotated[str, part_size]


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeriesData(Data):
    """How series are read and cut.

    Args:
        columns: Names of the columns to read, such as --columns level moon. By default all but
            those of something else than numbers.
        header: Whether the first row has the names of the columns, which may be numbers. By
            default it has where none of its cells is a number; without names they are 1, 2, …
        time: Name of the column of times. By default the first one that has dates or times in all
            rows; one of numbers, such as years or seconds since 1970, has to be named.
        id: Name of the column that says which series a row belongs to. Without it a file is a
            series, and of a folder each file.
        known_ahead: Names of the columns of numbers whose future is known when one forecasts, such
            as promotions; a file to forecast goes on with them below its last known row.
        static: Names of columns that do not change within a series, of numbers or of texts.
        calendar: What of the calendar the model also reads, known ahead, such as --calendar hour
            weekday, of hour, weekday, monthday, yearday, week and month.
        resample: A step such as 15min, 1h, 1d, 1w or 1M, of whose rows each row is the mean.
        missing: What to do where a number or a row is missing: refuse, or fill it with the last
            number before, on a linear way between its neighbours (which looks ahead), or with
            zero.
        irregular: Whether each row is a step, though the times are not regular.
        validation_size: Size of the validation part, in front of the test part: a number of rows
            of each series, a fraction of them, or the time at which it begins.
        test_size: Size of the test part at the end, likewise.
        train_size: Number or fraction of the first rows, which train; validation and test are the
            rows behind them, and what is behind these is not read. By default all rows before.
    """

    columns: tuple[str, ...] | None = None
    header: Annotated[bool | None, Unrecorded(None)] = None
    time: Annotated[str | None, Unrecorded(None)] = None
    id: Annotated[str | None, Unrecorded(None)] = None
    known_ahead: Annotated[tuple[str, ...] | None, Unrecorded(None)] = None
    static: Annotated[tuple[str, ...] | None, Unrecorded(None)] = None
    calendar: Annotated[tuple[str, ...] | None, Unrecorded(None)] = None
    resample: Annotated[str | None, Unrecorded(None)] = None
    missing: Annotated[MissingRule, Unrecorded("refuse")] = "refuse"
    irregular: Annotated[bool, Unrecorded(False)] = False
    validation_size: Annotated[Size, Unrecorded("0.1")] = "0.1"
    test_size: Annotated[Size, Unrecorded("0.1")] = "0.1"
    train_size: Annotated[Size | None, Unrecorded(None)] = None

    def panel_options(self) -> dict[str, Any]:
        """Returns the keyword arguments of `datasets.read_panel` that these options are."""
        return {
            "time": self.time,
            "id": self.id,
            "columns": self.columns,
            "static": self.static or (),
            "known_ahead": self.known_ahead or (),
            "calendar": self.calendar or (),
            "resample": self.resample,
            "missing": self.missing,
            "irregular": self.irregular,
            "header": self.header,
        }

    def part_sizes(self) -> Mapping[str, Any]:
        """Returns the keyword arguments of `datasets.split_panel` that these options are."""
        sizes = {
            "validation": self.validation_size,
            "test": self.test_size,
            "train": self.train_size,
        }
        return {name: None if size is None else _number(size) for name, size in sizes.items()}


def _number(size: str) -> int | float | str:
    if re.fullmatch(r"\+?\d+", size):
        return int(size)
    return float(size) if re.fullmatch(r"\+?\d*\.\d*", size) else size
