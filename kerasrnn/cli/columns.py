"""What lists of runs are written with: columns, options, how long and how large things are."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "byte_size",
    "duration",
    "figure",
    "headings",
    "option_text",
    "table",
    "terminal_width",
    "wrapped",
]

GAP = 2


def terminal_width() -> int:
    """Returns how many columns a line may take: 80 where that of the terminal is not known."""
    return max(40, shutil.get_terminal_size().columns)


def figure(value: object) -> str:
    """Writes a figure in four digits; what there is not as -.

    Example:

    >>> figure(0.84312), figure(29.2803), figure(None)
    ('0.8431', '29.28', '-')
    """
    if not isinstance(value, (int, float)):
        return "-"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.4g}"


def duration(seconds: float | None) -> str:
    """Writes a time.

    Example:

    >>> duration(9.25), duration(245), duration(36_000), duration(None)
    ('9.2 s', '4.1 min', '10.0 h', '-')
    """
    if seconds is None:
        return "-"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def byte_size(number: float) -> str:
    """Writes a number of bytes.

    Example:

    >>> byte_size(123), byte_size(45_600), byte_size(7.89e9)
    ('123 B', '45.6 kB', '7.9 GB')
    """
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            break
        number, unit = number / 1000, "GB"
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"


def headings(names: Sequence[str]) -> list[list[str]]:
    """Makes the two lines of a heading, with the last word of each name below the others.

    Example:

    >>> headings(["run", "val perplexity"])
    [['', 'val'], ['run', 'perplexity']]
    """
    parts = [name.rpartition(" ") for name in names]
    return [[before for before, _, _ in parts], [last for _, _, last in parts]]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Returns the lines of a table: the first column begins each line, the others end alike.

    Example:

    >>> table([["run", "f1"], ["wide", "0.5"]])
    ['run    f1', 'wide  0.5']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append((" " * GAP).join([first.ljust(widths[0]), *cells]).rstrip())
    return lines


def option_text(options: Mapping[str, Any]) -> str:
    """Writes options on a line.

    Example:

    >>> option_text({"units": 7, "max_length": None, "columns": ["a", "b c"]})
    'units=7, max_length=none, columns=a "b c"'
    """
    return ", ".join(f"{name}={_value(value)}" for name, value in options.items())


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(_value(each) if " " not in str(each) else f'"{each}"' for each in value)
    if value is None or isinstance(value, bool):
        return "none" if value is None else "yes" if value else "no"
    return str(value)


def wrapped(text: str, width: int, indent: str = "  ") -> list[str]:
    """Cuts a text into lines; longer words, such as paths, stay whole.

    Args:
        text: The text.
        width: Columns of a line.
        indent: What the lines after the first begin with.
    """
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
