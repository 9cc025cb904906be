"""An answer as a line of a terminal."""

from __future__ import annotations

import numbers

from kerasrnn.files import number_text

__all__ = ["one_line"]


def one_line(answer) -> str:
    """Writes an answer on one line: a text, a list of labels, padded with empty ones, numbers."""
    if isinstance(answer, str):
        return " ".join(answer.splitlines())
    if isinstance(answer, numbers.Real):  # a score, of which six digits are enough
        return number_text(answer, 6)
    each = (number_text(n) if isinstance(n, numbers.Real) else one_line(n) for n in answer)
    return " ".join(filter(None, each))
