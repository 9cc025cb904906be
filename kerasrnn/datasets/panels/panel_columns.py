"""The columns of one file of series: numbers, texts, and the lines that they are from."""

from __future__ import annotations

import array
import dataclasses
import math
import os
from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.readers.number_rows import named_rows, number_of_cell
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.times import is_time
from kerasrnn.datasets.sources.series import MISSING

__all__ = ["FileColumns", "Roles", "read_columns"]

# Also for a number that is missing: what programs write.
NO_NUMBER = frozenset((*MISSING, "nan", "<na>", "#n/a"))


@dataclasses.dataclass(frozen=True)
class Roles:
    """What columns of a file are, by their names.

    Attributes:
        time: The column of times; found where `None`.
        id: The column that names the series; `None` where each file is one.
        columns: Those of numbers; by default all that are mostly numbers.
        static: Those that do not change within a series.
        ahead: Those that are known ahead.
    """

    time: str | None = None
    id: str | None = None
    columns: tuple[str, ...] | None = None
    static: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = [*([self.time] * bool(self.time)), *([self.id] * bool(self.id))]
        several = [*given, *self.static, *(self.columns or ())]
        twice = sorted({name for name in several if several.count(name) > 1})
        twice += sorted({*given, *self.static} & {*self.ahead})
        if twice:
            raise UserError(
                "Expected each column of a table to be one of these: the time, the id, static, or "
                f"numbers over time. Received twice: {first_of(twice)}"
            )


@dataclasses.dataclass
class FileColumns:
    """What was read of a file of T rows.

    Attributes:
        path: The file.
        lines: `(T,)` int64, the line that each row begins in.
        numbers: By name `(T,)` float64 of the columns over time, NaN where a number is missing.
        static: By name the T texts of the columns that do not change.
        ids: The T ids; `None` where the file is one series.
        times: By name the T texts of each column that may be the one of times.
    """

    path: os.PathLike[str] | str
    lines: np.ndarray
    numbers: dict[str, np.ndarray]
    static: dict[str, list[str]]
    ids: list[str] | None
    times: dict[str, list[str]]


def read_columns(
    path: str | os.PathLike[str],
    roles: Roles,
    *,
    encoding: str = "utf-8",
    header: bool | None = None,
) -> FileColumns:
    """Reads a file, see `read_panel`.

    Args:
        path: The file.
        roles: What its columns are.
        encoding: That of the file.
        header: Whether the first row names the columns.

    Returns:
        Its columns.

    Raises:
        ValueError: For a column that is not there, or a cell that is neither a finite number nor
            missing, whose line is named.
    """
    names, separator, rows = named_rows(path, encoding, header)
    _check_names(path, names, roles)
    taken = {
        *roles.static,
        *([roles.id] if roles.id else []),
        *([roles.time] if roles.time else []),
    }
    texts: dict[str, list[str]] = {name: [] for name in taken}
    lines, numbers = array.array("q"), {}
    for line, row in rows:
        cells = dict(zip(names, row, strict=True))
        if not lines:
            if roles.time is None:
                free = (name for name in names if name not in taken)
                maybe = [name for name in free if _may_be_time(cells[name], separator)]
                texts |= {name: [] for name in maybe if name not in (roles.columns or ())}
            numbers = {
                name: _Numbers(path, name, separator)
                for name in _over_time(names, roles)
                if name not in texts
            }
        lines.append(line)
        for name, column in texts.items():
            column.append(cells[name])
        for name, column in numbers.items():
            column.add(line, cells[name])
    if not lines:
        raise UserError(f"{path}: expected rows of numbers, which are not there")
    maybe = [roles.time] if roles.time else [name for name in names if name in {*texts} - taken]
    return FileColumns(
        path,
        np.frombuffer(lines, "int64"),
        _of_numbers(path, numbers, roles),
        {name: texts[name] for name in roles.static},
        texts[roles.id] if roles.id else None,
        {name: texts[name] for name in maybe},
    )


def _over_time(names: Sequence[str], roles: Roles) -> list[str]:
    if roles.columns is None:
        return list(names)
    return [*roles.columns, *(name for name in roles.ahead if name not in roles.columns)]


def _may_be_time(cell: str, separator: str) -> bool:
    return number_of_cell(cell, separator) is None and is_time(cell)


def _check_names(path, names: Sequence[str], roles: Roles) -> None:
    wanted = [roles.time, roles.id, *(roles.columns or ()), *roles.static, *roles.ahead]
    unknown = [name for name in wanted if name is not None and names.count(name) != 1]
    if unknown:
        raise UserError(
            f"{path}: expected columns among {first_of(names, 20)}. Received: {first_of(unknown)}"
        )
    if len(set(names)) != len(names):
        raise UserError(f"{path}: expected columns of distinct names. Received: {first_of(names)}")


class _Numbers:
    """A column while it is read: its numbers, and the first cell that is none."""

    def __init__(self, path, name: str, separator: str):
        self.where, self.separator = (path, name), separator
        self.values = array.array("d")
        self.wrong: tuple[int, str] | None = None
        self.texts = self.missing = 0

    def add(self, line: int, cell: str) -> None:
        number = number_of_cell(cell, self.separator)
        if number is not None and math.isfinite(number):
            self.values.append(number)
            return
        self.values.append(math.nan)
        if cell.lower() in NO_NUMBER:
            self.missing += 1
            return
        self.texts += number is None
        self.wrong = self.wrong or (line, cell)

    @property
    def mostly_texts(self) -> bool:
        """Whether it is no column of numbers, of which there are some, or fewer than texts."""
        numbers = len(self.values) - self.texts - self.missing
        return not 0 < numbers >= self.texts

    def checked(self) -> np.ndarray:
        path, name = self.where
        if self.wrong is not None:
            line, cell = self.wrong
            raise UserError(
                f"{path}, line {line}, column {name!r}: expected a finite number. "
                f"Received: {cell!r:.80}"
            )
        if self.missing == len(self.values):
            raise UserError(f"{path}: expected numbers in the column {name!r}. Received: none")
        return np.frombuffer(self.values)


def _of_numbers(path, numbers: dict[str, _Numbers], roles: Roles) -> dict[str, np.ndarray]:
    chosen = {*(roles.columns or ()), *roles.ahead}
    out = [name for name, each in numbers.items() if name not in chosen and each.mostly_texts]
    if out:
        note(f"{path}: left out, since they are no numbers: {first_of(out)}")
    kept = {name: each.checked() for name, each in numbers.items() if name not in out}
    if not kept:
        raise UserError(f"{path}: expected a column of numbers. Received: {first_of(numbers)}")
    return kept
