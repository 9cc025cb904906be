"""Rows of files, put in order by series: ids, times and what does not change."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.panels.moments import readings
from kerasrnn.datasets.panels.panel_columns import FileColumns, Roles
from kerasrnn.datasets.panels.time_steps import TimeStep
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.number_rows import number_of_cell
from kerasrnn.datasets.readers.reader_notes import note

__all__ = ["RawPanel", "RawRows", "sorted_rows", "static_numbers"]

# More lines than a file has.
FILE = 2**40


@dataclasses.dataclass
class RawRows:
    """The rows of one series as the files have them, numbers NaN where missing.

    Attributes:
        name: The id.
        values: `(T, F)` float64.
        times: `(T,)` datetime64[ms], or `None`.
        static: The texts of the columns that do not change.
        paths: The files.
        lines: `(T,)` int64, the line of each row, and `FILE` times the number of its file; 0 for a
            row that no file has.
    """

    name: str
    values: np.ndarray
    times: np.ndarray | None
    static: tuple[str, ...]
    paths: Sequence[object]
    lines: np.ndarray

    @property
    def path(self) -> object:
        """The file that the first row is from."""
        return self.paths[int(self.lines[0]) // FILE]

    @property
    def of(self) -> str:
        """How a message names the series, behind something of it."""
        return f" of the series {self.name!r}" if self.name else ""

    def where(self, row: int) -> str:
        """The file and the line of a row, or of the one before it, for a message."""
        own = int(self.lines[row])
        place = own or int(self.lines[: row + 1].max())
        return f"{self.paths[place // FILE]}, {'' if own else 'after '}line {place % FILE}"


@dataclasses.dataclass
class RawPanel:
    """All series, and how their times are named and written; `None` without times."""

    rows: list[RawRows]
    columns: tuple[str, ...]
    time_name: str | None
    time_form: str | None


def sorted_rows(
    files: Sequence[FileColumns], roles: Roles, form: str | None = None, *, repeats: bool = False
) -> RawPanel:
    """Puts the rows of files together, by their ids or, without these, a series for each file.

    Args:
        files: What was read.
        roles: What the columns are.
        form: That of the times, where it is known.
        repeats: Whether a time may be there again, since rows will be merged.

    Raises:
        ValueError: For other columns in another file, a text that is no time, a time that jumps
            back or is there twice, or a static column that changes within a series.
    """
    columns = _columns_of(files, roles)
    ids = [name for file in files for name in (file.ids or [_stem(file, files)] * len(file.lines))]
    names, owner = _in_order(ids)
    groups = np.split(np.argsort(owner, kind="stable"), np.cumsum(np.bincount(owner))[:-1])
    time_name, form, times = _times_of(files, roles, form, groups)
    values = np.concatenate([np.stack([f.numbers[name] for name in columns], 1) for f in files])
    lines = np.concatenate([file.lines + i * FILE for i, file in enumerate(files)])
    static = [_joined([file.static[name] for file in files]) for name in roles.static]
    found = []
    for name, rows in zip(names, groups, strict=True):
        each = RawRows(
            name,
            values[rows],
            None if times is None else times[rows],
            tuple(column[rows[0]] for column in static),
            [file.path for file in files],
            lines[rows],
        )
        if roles.id and not name:
            raise UserError(f"{each.where(0)}: expected an id in {roles.id!r}. Received: none")
        _check_static(each, static, rows, roles)
        _check_order(each, repeats=repeats)
        found.append(each)
    return RawPanel(found, columns, time_name, form)


def static_numbers(
    rows: Sequence[RawRows],
    names: Sequence[str],
    categories: Mapping[str, Sequence[str]] | None = None,
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], np.ndarray]:
    """Makes numbers of what does not change: those that are, and a 0 or 1 for each category.

    Args:
        rows: The series.
        names: Those of the static columns.
        categories: Of columns of texts their categories, as a training has found them; one that is
            not among them has no 1. By default a column with a text that is no number has them.

    Returns:
        The names of the S numbers, the categories, and `(N, S)` float64.

    Raises:
        ValueError: For a series in which one is missing, or is no number though others are.
    """
    found: dict[str, tuple[str, ...]] = {}
    labels: list[str] = []
    numbers: list[np.ndarray] = []
    for place, name in enumerate(names):
        cells = [each.static[place] for each in rows]
        for each, cell in zip(rows, cells, strict=True):
            if not cell:
                raise UserError(f"{each.where(0)}: expected a value of {name!r}. Received: none")
        parsed = [number_of_cell(cell, "\t") for cell in cells]
        if categories is None:
            is_text = None in parsed
        else:
            is_text = name in categories
        if not is_text:
            wrong = next((i for i, number in enumerate(parsed) if number is None), None)
            if wrong is not None:
                raise UserError(
                    f"{rows[wrong].where(0)}, column {name!r}: expected a number. "
                    f"Received: {cells[wrong]!r:.80}"
                )
            labels.append(name)
            numbers.append(np.array(parsed, "float64")[:, None])
            continue
        known = tuple(sorted(set(cells))) if categories is None else tuple(categories[name])
        new = sorted(set(cells) - set(known))
        if new:
            note(f"{rows[0].path}: {name} that the training has not seen: {first_of(new)}")
        found[name] = known
        labels.extend(f"{name}={each}" for each in known)
        numbers.append(np.array(cells)[:, None] == np.array(known)[None, :])
    empty = np.zeros((len(rows), 0))
    return tuple(labels), found, np.concatenate([empty, *numbers], axis=1)


def _columns_of(files: Sequence[FileColumns], roles: Roles) -> tuple[str, ...]:
    columns = tuple(files[0].numbers)
    if roles.columns is not None:  # in the order in which they were named
        columns = tuple(dict.fromkeys((*roles.columns, *roles.ahead)))
    for file in files[1:]:
        if set(file.numbers) != set(columns):
            raise UserError(
                f"{file.path}: expected the columns {first_of(columns)}, as {files[0].path} has. "
                f"Received: {first_of(file.numbers)}"
            )
    return columns


def _stem(file: FileColumns, files: Sequence[FileColumns]) -> str:
    """The id of a file that is a series; `""` where it is the only one."""
    name = pathlib.Path(file.path).name
    ending = form_of(file.path)
    return "" if len(files) == 1 else name[: name.lower().rindex(ending)] if ending else name


def _in_order(ids: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Names in the order of their first rows, and for each row which one it has."""
    places: dict[str, int] = {}
    owner = np.array([places.setdefault(name, len(places)) for name in ids])
    return list(places), owner


def _joined(columns):
    return [cell for column in columns for cell in column]


def _times_of(files, roles: Roles, form: str | None, groups):
    """Finds the column of times, and of its readings the one by which the times are in order, with
    a step that is the most regular: 01/02/2026 is in January or in February."""
    common = [name for name in files[0].times if all(name in file.times for file in files)]
    for name in common:
        texts = _joined(file.times[name] for file in files)
        found = list(readings(texts, form, named=roles.time is not None))
        ordered = [each for each in found if all(_is_ordered(each[1][rows]) for rows in groups)]
        if found:
            chosen = ordered or found[:1]
            several = len(chosen) > 1
            return name, *(min(chosen, key=lambda e: _gaps(e[1], groups)) if several else chosen[0])
    if common:
        raise _no_time(files, common[0], named=roles.time is not None)
    if any(file.times for file in files):
        raise UserError(f"{files[-1].path}: expected a column of times, as {files[0].path} has")
    return None, None, None


def _is_ordered(times: np.ndarray) -> bool:
    return bool((np.diff(times).astype("int64") >= 0).all())


def _gaps(times: np.ndarray, groups) -> int:
    """How many rows are not a step behind the row before."""
    series = [times[rows] for rows in groups]
    step = TimeStep.find(series)
    if step is None:
        return 0
    return sum(int((step.after(each[:-1], [1]) != each[1:]).sum()) for each in series)


def _no_time(files, name: str, *, named: bool) -> UserError:
    """Names the first text that is no time, or is written otherwise than the first one."""
    first = files[0].times[name][0]
    for file in files:
        for line, text in zip(file.lines, file.times[name], strict=True):
            if next(readings([first, text], named=named), None) is None:
                return UserError(
                    f"{file.path}, line {line}, column {name!r}: expected a time, written as "
                    f"{first!r:.40} in the first row. Received: {text!r:.40}"
                )
    return UserError(f"{files[0].path}: expected times in {name!r} that are written in one form")


def _check_static(each: RawRows, static, rows: np.ndarray, roles: Roles) -> None:
    for name, column in zip(roles.static, static, strict=True):
        for place, row in enumerate(rows):
            if column[row] != column[rows[0]]:
                raise UserError(
                    f"{each.where(place)}: expected the static column {name!r} not to change "
                    f"within a series. Received: {column[row]!r:.40} after "
                    f"{column[rows[0]]!r:.40}{each.of}"
                )


def _check_order(each: RawRows, *, repeats: bool) -> None:
    if each.times is None:
        return
    steps = np.diff(each.times).astype("int64")
    wrong = np.flatnonzero(steps < 0 if repeats else steps <= 0)
    if wrong.size:
        row = int(wrong[0]) + 1
        again = "" if steps[row - 1] < 0 else " (`resample` merges rows of one time)"
        before, now = each.times[row - 1 : row + 1].tolist()
        raise UserError(
            f"{each.where(row)}: expected a time after {before}, that of the row "
            f"before{each.of}. Received: {now}{again}"
        )
