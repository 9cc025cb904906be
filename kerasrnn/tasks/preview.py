"""Encoded examples as lines of text: tokens above their ids, labels below."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.vocabulary import Vocabulary

__all__ = ["example_lines"]

# With the number of the example before it, a line takes 80 columns.
WIDTH, LONGEST_CELL = 75, 20
SHOWN = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def example_lines(
    x: Mapping[str, np.ndarray], y: np.ndarray, names: Mapping[str, Vocabulary | Sequence[str]]
) -> list[str]:
    """Writes one encoded example.

    Args:
        x: What goes in, by name and without the dimension of the batch: `(T,)` ids where `names`
            has a vocabulary, other arrays of which the shape is told.
        y: What is right: a class, `(T,)` ids or classes, or floats: numbers, or 1 for each label
            that is right.
        names: The vocabulary of each input of ids, and under `labels` what the labels are: a
            vocabulary or names.

    Returns:
        Lines of at most about 75 columns. Where labels belong to the steps of an input, they
        stand below each other.

    Example:

    >>> x = {"tokens": np.array([4, 1, 5])}
    >>> for line in example_lines(x, np.array([1, 0, 1]), {"tokens": Vocabulary("ab"),
    ...                                                     "labels": ["no", "yes"]}):
    ...     print(line)
    tokens  a    <unknown>  b
            4    1          5
    labels  yes  no         yes
            1    0          1
    """
    x, y = {name: np.asarray(value) for name, value in x.items()}, np.asarray(y)
    blocks: list[list[tuple[str, list[str]]]] = []
    for name, value in x.items():
        if name in names and value.ndim == 1:
            blocks.append(_rows(name, value, names[name]))
        elif name != "mask":
            blocks.append([(name, [_described(value)])])
    of_steps = y.ndim == 1 and y.dtype.kind != "f"  # floats are numbers, or several labels
    labels = _rows("labels", y, names.get("labels")) if of_steps else _one(y, names)
    of_its_steps = [block for block in blocks if len(block) > 1 and len(block[0][1]) == y.size]
    if of_steps and of_its_steps:
        of_its_steps[-1].extend(labels)
    else:
        blocks.append(labels)
    margin = 2 + max(len(name) for block in blocks for name, _ in block)
    return [line for block in blocks for line in _table(block, margin)]


def _rows(name: str, ids: np.ndarray, names) -> list[tuple[str, list[str]]]:
    """The names of ids, and the ids below them; numbers that have no names by themselves."""
    if names is None:
        return [(name, [f"{number:.4g}" for number in ids])]
    return [(name, [_name(names, i) for i in ids]), ("", [str(i) for i in ids])]


def _one(y: np.ndarray, names: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    if y.ndim == 1 and y.dtype.kind == "f":
        if "labels" not in names:
            return _rows("labels", y, None)
        chosen = [_name(names["labels"], i) for i in np.flatnonzero(y)]
        return [("labels", chosen or ["(none)"])]
    if y.ndim == 0 and "labels" in names:
        return [("label", [f"{_name(names['labels'], y)} ({y})"])]
    return [("label", [f"{y:.4g}" if y.ndim == 0 else _described(y)])]


def _name(names, index) -> str:
    name = names.token_of(int(index)) if isinstance(names, Vocabulary) else names[int(index)]
    name = "".join(SHOWN.get(letter, letter) for letter in name)
    name = "".join(letter if letter.isprintable() else "·" for letter in name)
    return name if len(name) <= LONGEST_CELL else f"{name[: LONGEST_CELL - 1]}…"


def _described(value: np.ndarray) -> str:
    """The shape and the range of numbers that are too many to be shown."""
    shape = " × ".join(map(str, value.shape))
    if not value.size:
        return shape
    return f"{shape} {value.dtype} from {value.min():.4g} to {value.max():.4g}"


def _table(rows: Sequence[tuple[str, list[str]]], margin: int) -> list[str]:
    """Aligns cells in columns, as many as there is room for."""
    widths = [max(map(_columns, cells)) for cells in zip(*(c for _, c in rows), strict=True)]
    room, fitting = WIDTH - margin - len("… 10,000 in all"), 0
    while fitting < len(widths) and (room >= widths[fitting] or not fitting):
        room -= widths[fitting] + 2
        fitting += 1
    lines = []
    for i, (name, cells) in enumerate(rows):
        padded = [
            cell + " " * (width - _columns(cell))
            for cell, width in zip(cells[:fitting], widths, strict=False)
        ]
        rest = f"… {len(cells)} in all" if fitting < len(cells) and i == 0 else ""
        lines.append("  ".join([name.ljust(margin - 2), *padded, rest]).rstrip())
    return lines


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)
