"""An answer as a line of a terminal."""

from __future__ import annotations

import numbers

__all__ = ["one_line"]


def one_line(answer) -> str:
    """Writes an answer on one line: a text, a list of labels, padded with empty ones, numbers."""
    if isinstance(answer, str):
        return " ".join(answer.splitlines())
    if isinstance(answer, numbers.Real):
        return f"{answer:.6g}"
    return " ".join(filter(None, map(one_line, answer)))
