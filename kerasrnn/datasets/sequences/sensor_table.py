"""Sequences of vectors in a long table: a row for each step, and the id of its sequence."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.readers.number_rows import named_rows, number_of_cell
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.times import FORMS
from kerasrnn.datasets.sequences.labelled_sequences import LabelledSequences, as_steps

__all__ = ["sequences_of_table", "value_columns"]

LABEL = "label"


@dataclasses.dataclass(frozen=True)
class _Row:
    """A step: its line, and what its cells hold."""

    line: int
    time: str
    values: list[float]
    label: str


@dataclasses.dataclass(frozen=True)
class _Layout:
    """Which columns are what: their places."""

    id: int
    time: int | None
    label: int | None
    values: dict[str, int]


def sequences_of_table(
    path: str | os.PathLike[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
    *,
    labelled: bool = True,
    per_step: bool = False,
    columns: Sequence[str] | None = None,
) -> LabelledSequences:
    """Reads sequences of vectors from a table with a row for each step.

    Rows of one id are a sequence, wherever they stand; where there is a time they are put in its
    order, rows of the same time as they stand, and `note` says so if that changes anything.

    Args:
        path: A `.csv`, `.tsv` or `.jsonl` file.
        names: Which columns are the `id`, and perhaps the `time`, the `label` and the `values`; by
            default there is no time, the label is the column of that name, and values are all
            other columns of numbers, but those that are the `number` about each sequence.
        encoding: That of the file.
        labelled: Whether there has to be a label.
        per_step: Whether each step has a label of its own, rather than each sequence.
        columns: The values to read by name, in this order, whatever `names` says.

    Returns:
        The sequences, in the order in which their ids come.

    Raises:
        UserError: For a column that is not there, a cell that is no number, times that cannot be
            read, or two labels of one sequence; the line is named.
    """
    header, separator, rows = named_rows(path, encoding)
    first = next(rows)
    layout = _layout(path, header, first[1], separator, names, labelled, columns)
    sequences: dict[str, list[_Row]] = {}
    for line, cells in itertools.chain([first], rows):
        name = cells[layout.id]
        if not name:
            raise UserError(f"{path}, line {line}: expected an id. Received: an empty cell")
        sequences.setdefault(name, []).append(_row(path, line, cells, separator, layout))
    if layout.time is not None:
        sequences = _in_order(path, sequences, separator)
    labels = None
    if labelled:
        labels = [_labels_of(path, *each, per_step) for each in sequences.items()]
    steps = [
        as_steps([row.values for row in part], f"{path}, id {name!r}")
        for name, part in sequences.items()
    ]
    return LabelledSequences(steps, labels, tuple(layout.values), list(sequences))


def value_columns(
    path: str | os.PathLike[str], names: Mapping[str, Sequence[str]], encoding: str = "utf-8"
) -> list[str]:
    """Returns the names of the columns of a table that are its values.

    Args:
        path: As in `sequences_of_table`.
        names: As in `sequences_of_table`.
        encoding: As in `sequences_of_table`.
    """
    header, separator, rows = named_rows(path, encoding)
    return list(_layout(path, header, next(rows)[1], separator, names, False, None).values)


def _layout(path, header, first, separator, names, labelled: bool, columns) -> _Layout:
    def place(role: str, name: str) -> int:
        if name not in header:
            raise UserError(
                f"{path}: expected a column {name!r} for {role}. Received: {first_of(header)}"
            )
        return header.index(name)

    if "id" not in names:
        raise UserError(
            f"{path}: expected `features` to name the column of ids, such as id=NAME. Received: "
            f"columns {first_of(header)}"
        )
    of = {role: place(role, names[role][0]) for role in ("id", "time") if role in names}
    label = names.get("label", [LABEL])[0]
    label = place("label", label) if labelled or label in header else None
    if columns is not None or "values" in names:
        values = {name: place("values", name) for name in columns or names["values"]}
        return _Layout(of["id"], of.get("time"), label, values)
    about = [header.index(name) for name in names.get("number", ()) if name in header]
    taken = {*of.values(), label, *about}
    others = {name: i for i, name in enumerate(header) if i not in taken}
    values = {n: i for n, i in others.items() if number_of_cell(first[i], separator) is not None}
    left_out = [name for name in others if name not in values]
    if left_out:
        note(f"{path}: left out, for they hold no numbers: {first_of(left_out)}")
    if not values:
        raise UserError(f"{path}: expected columns of numbers. Received: {first_of(header)}")
    return _Layout(of["id"], of.get("time"), label, values)


def _row(path, line: int, cells: list[str], separator: str, layout: _Layout) -> _Row:
    values = []
    for name, place in layout.values.items():
        value = number_of_cell(cells[place], separator)
        if value is None or not math.isfinite(value):
            raise UserError(
                f"{path}, line {line}: expected a number in the column {name!r}. "
                f"Received: {cells[place]!r:.40}"
            )
        values.append(value)
    time = "" if layout.time is None else cells[layout.time]
    return _Row(line, time, values, "" if layout.label is None else cells[layout.label])


def _in_order(path, sequences: dict[str, list[_Row]], separator: str) -> dict[str, list[_Row]]:
    moments = _moments(path, sequences, separator)
    found, back, example = {}, 0, ""
    for name, part in sequences.items():
        jumps = _jumps(part, moments)
        if jumps and not back:
            example = f"that of {name!r} in line {jumps[0].line}, to {jumps[0].time}"
        back += len(jumps)
        found[name] = sorted(part, key=lambda row: moments[row.line])
    if back:
        note(
            f"{path}: times jump back within an id, first {example} ({back:,} in all): rows of "
            "each id are put in the order of their times"
        )
    return found


def _jumps(part: list[_Row], moments: Mapping[int, Any]) -> list[_Row]:
    """The rows of a sequence whose times are before that of the row before."""
    return [b for a, b in itertools.pairwise(part) if moments[b.line] < moments[a.line]]


def _zoned(moment: datetime.datetime) -> bool:
    return moment.tzinfo is not None


def _moments(path, sequences: dict[str, list[_Row]], separator: str) -> dict[int, Any]:
    """Reads the times of all rows, by their lines: numbers, or dates of one form, of several the
    one by which the least of them jump back: 01/02/2026 is in January or in February."""
    rows = [row for part in sequences.values() for row in part]
    numbers = {row.line: number_of_cell(row.time, separator) for row in rows}
    if all(value is not None and math.isfinite(value) for value in numbers.values()):
        return numbers
    if rows and numbers[rows[0].line] is None:
        furthest, readings = rows[0], []
        for form in FORMS:
            moments: dict[int, Any] = {}
            for row in rows:
                moment = moments[row.line] = form.moment(row.time)
                # With and without a zone, times have no order.
                if moment is None or _zoned(moment) != _zoned(moments[rows[0].line]):
                    furthest = max(furthest, row, key=lambda each: each.line)
                    break
            else:
                readings.append(moments)
        if readings:
            parts = sequences.values()
            return min(readings, key=lambda each: sum(len(_jumps(part, each)) for part in parts))
        wrong = furthest
    else:
        wrong = next(row for row in rows if numbers[row.line] is None)
    raise UserError(
        f"{path}, line {wrong.line}: expected a time, a number or a date written as the others. "
        f"Received: {wrong.time!r:.40}"
    )


def _labels_of(path, name: str, rows: list[_Row], per_step: bool) -> Any:
    for row in rows:
        if not row.label:
            raise UserError(f"{path}, line {row.line}: expected a label. Received: an empty cell")
        if not per_step and row.label != rows[0].label:
            raise UserError(
                f"{path}, line {row.line}: expected one label for all rows of the id {name!r}, "
                f"{rows[0].label!r} as in line {rows[0].line}. Received: {row.label!r} "
                "(`kerasrnn train frames`, and `per_step` in Python, read one for each row)"
            )
    return [row.label for row in rows] if per_step else rows[0].label
