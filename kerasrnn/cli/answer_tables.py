"""Tables of answers: `.csv`, a row for each answer or step, or `.jsonl`, an object for each."""

from __future__ import annotations

import csv
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.files import json_text, open_beside

__all__ = ["check_table", "flat_rows", "write_table"]

ENDINGS = (".csv", ".jsonl")
LABELS, BETWEEN = "labels", "|"
NO_STEPS: Mapping[str, str] = {}


def check_table(option: str, path: str) -> None:
    """Refuses an output file of another form, that is there already, or whose folder is not.

    Args:
        option: The option that names it, for the error.
        path: The file.
    """
    if _ending(path) not in ENDINGS:
        raise UserError(f"Expected a .csv or a .jsonl file for {option}. Received: {path!r}")
    if not pathlib.Path(path).parent.is_dir():
        raise UserError(f"Expected a folder for {option}. Received: {path!r}")
    if os.path.lexists(path):
        raise UserError(f"Expected a new file for {option}. Received: {path!r}, which is there")


def write_table(
    path: str, records: Iterable[dict], *, unit: str = "input", steps: Mapping[str, str] = NO_STEPS
) -> int:
    """Writes records; the file takes its name when it is whole.

    Args:
        path: The file, see `check_table`.
        records: By name what JSON can hold.
        unit: What a record is called, for the column of its number where it has several rows.
        steps: Which parts hold a value for each step, each a row of a `.csv`: by their names those
            of their columns.

    Returns:
        The number of records.
    """
    number = 0
    with open_beside(path) as file:
        writer = None
        for number, record in enumerate(records, start=1):
            if _ending(path) == ".jsonl":
                file.write(json_text(record) + "\n")
                continue
            rows = flat_rows(record, number, unit, steps)
            for row in rows:
                if writer is None:
                    writer = csv.DictWriter(file, list(row), lineterminator="\n")
                    writer.writeheader()
                writer.writerow(row)
    return number


def flat_rows(
    record: dict[str, Any], number: int, unit: str, steps: Mapping[str, str]
) -> Iterator[dict]:
    """Turns a record into rows of a table.

    Args:
        record: The record.
        number: Its number, from 1.
        unit: What it is called.
        steps: Which parts hold a value for each step: by their names those of their columns.

    Yields:
        By column the values: those of all classes in a column each, several labels with a `|`
        between them, and no other lists.

    Example:

    >>> record = {"tokens": ["a", "b"], "labels": ["X", "Y"]}
    >>> list(flat_rows(record, 1, "line", {"tokens": "token", "labels": "label"}))
    [{'line': 1, 'token': 'a', 'label': 'X'}, {'line': 1, 'token': 'b', 'label': 'Y'}]
    """
    parts = [name for name in record if name in steps and isinstance(record[name], list)]
    whole = {name: _one_cell(name, value) for name, value in record.items() if name not in parts}
    whole = {name: value for name, value in whole.items() if not isinstance(value, list)}
    if not parts:
        yield _flat(whole)
        return
    for values in zip(*(record[name] for name in parts), strict=True):
        named = zip(parts, values, strict=True)
        yield _flat({unit: number, **whole} | {steps[name]: value for name, value in named})


def _one_cell(name: str, value: Any) -> Any:
    """Labels as one text, also where there are none; other lists, such as entities, as they are."""
    return BETWEEN.join(value) if name == LABELS and isinstance(value, list) else value


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {f"{_singular(name)} of {each}": number for each, number in value.items()}
        else:
            found[name] = value
    return found


def _singular(name: str) -> str:
    """`"probability"` of `"probabilities"`, `"token"` of `"tokens"`."""
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


def _ending(path: str) -> str:
    return pathlib.Path(path.removesuffix(".gz")).suffix.lower()
