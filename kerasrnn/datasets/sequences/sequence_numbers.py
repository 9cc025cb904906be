"""Numbers about sequences of vectors, as a file of arrays or a long table holds them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.readers.bad_rows import MISSING
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.number_rows import named_rows, number_of_cell
from kerasrnn.datasets.sequences.array_file import ARRAYS, open_arrays

__all__ = ["NUMBER", "SequenceNumbers", "read_numbers"]

# What an array or a column is called that nobody named.
NUMBER = "number"


@dataclasses.dataclass(frozen=True)
class SequenceNumbers:
    """K numbers about each of N sequences.

    Attributes:
        targets: The names of the K targets.
        values: `(N, K)` float64; NaN for a number that is missing.
        names: What each sequence is called: an id, or its number from 1.
    """

    targets: tuple[str, ...]
    values: np.ndarray
    names: Sequence[str | int]


def read_numbers(
    path: str | os.PathLike[str], names: Mapping[str, Sequence[str]], encoding: str = "utf-8"
) -> SequenceNumbers:
    """Reads the numbers about all sequences of a file.

    Args:
        path: A `.npz` file with the array `numbers`, `(N,)` or `(N, K)`, or with several arrays
            `(N,)` that `names` lists; a `.npy` file of features beside which these are; or a table
            with a row for each step and a column for each number, the same in all rows of an id.
        names: Which arrays or columns are the `number`, and which column is the `id`.
        encoding: That of a table.

    Returns:
        The numbers, in the order of the sequences. Targets are called as their arrays or columns;
        those of an array `(N, K)` as it and their number from 1, such as `load_1`.

    Raises:
        UserError: For an array or a column that is not there, what is no finite number, or several
            numbers of one id; the line is named.
    """
    found = (_of_arrays if form_of(path) in ARRAYS else _of_table)(path, names, encoding)
    if len(set(found.targets)) != len(found.targets):
        raise UserError(
            f"{path}: expected targets with distinct names. Received: {', '.join(found.targets)}"
        )
    return found


def _of_arrays(path, names: Mapping[str, Sequence[str]], _: str) -> SequenceNumbers:
    targets: list[str] = []
    columns: list[np.ndarray] = []
    others = {role: each for role, each in names.items() if role != NUMBER}
    # The array of features is the first one of a `.npy` file alone.
    roles = ("features", NUMBER) if form_of(path) == ".npy" else (NUMBER,)
    for name in names.get(NUMBER, [""]):
        wanted = {**others, NUMBER: [name]} if name else others
        array = open_arrays(path, roles, wanted).get(NUMBER)
        if array is None:
            raise UserError(
                f"{path}: expected an array `numbers`, or `features` to name it, such as "
                "number=NAME. Received: none"
            )
        shown = f"the array {name or 'numbers'!r}"
        if array.ndim not in (1, 2) or not array.shape[-1] or array.dtype.kind not in "fiu":
            raise UserError(
                f"{path}: expected {shown} to hold numbers (N,) or (N, K). "
                f"Received: {array.dtype} {array.shape}"
            )
        if columns and len(array) != len(columns[0]):
            raise UserError(
                f"{path}: expected {len(columns[0])} numbers in {shown}, as in that of "
                f"{targets[0]!r}. Received: {len(array)}"
            )
        if np.isinf(array).any():
            place = int(np.argwhere(np.isinf(array))[0][0]) + 1
            raise UserError(
                f"{path}, sequence {place}: expected finite numbers in {shown}. Received: infinity"
            )
        name = name or NUMBER
        several = [f"{name}_{i}" for i in range(1, array.shape[-1] + 1)]
        targets += [name] if array.ndim == 1 else several
        columns += [array] if array.ndim == 1 else list(array.T)
    values = np.stack(columns, axis=1).astype("float64")
    return SequenceNumbers(tuple(targets), values, range(1, len(values) + 1))


def _of_table(path, names: Mapping[str, Sequence[str]], encoding: str) -> SequenceNumbers:
    header, separator, rows = named_rows(path, encoding)
    targets = names.get(NUMBER, [NUMBER])
    for role, wanted in (("id", names.get("id", [])), (NUMBER, targets)):
        missing = [name for name in wanted if name not in header]
        if missing or not wanted:
            raise UserError(
                f"{path}: expected `features` to name columns of {role}, such as {role}=NAME. "
                f"Received: {missing[0] if missing else 'none'!r}, and columns {first_of(header)}"
            )
    both = set(targets) & {*names.get("values", ()), *names["id"], *names.get("time", ())}
    if both:
        raise UserError(
            f"{path}: expected numbers that are not read with each step. Received: {min(both)!r}"
        )
    identity, places = header.index(names["id"][0]), [header.index(name) for name in targets]
    found: dict[str, tuple[int, list[float]]] = {}
    for line, cells in rows:
        values = [
            _number(path, line, name, cells[place], separator)
            for name, place in zip(targets, places, strict=True)
        ]
        first, of_first = found.setdefault(cells[identity], (line, values))
        if not np.array_equal(values, of_first, equal_nan=True):
            raise UserError(
                f"{path}, line {line}: expected the same numbers in all rows of the id "
                f"{cells[identity]!r}, {of_first} as in line {first}. Received: {values}"
            )
    values = np.array([numbers for _, numbers in found.values()]).reshape(-1, len(targets))
    return SequenceNumbers(tuple(targets), values, list(found))


def _number(path, line: int, name: str, cell: str, separator: str) -> Any:
    """Reads a cell; NaN where it is one of those that mean no value."""
    value = float("nan") if cell in MISSING else number_of_cell(cell, separator)
    if value is None or np.isinf(value):
        raise UserError(
            f"{path}, line {line}: expected a number in the column {name!r}. Received: {cell!r:.40}"
        )
    return value
