"""An answer as a line of a terminal."""

from __future__ import annotations

import numbers
import re
from typing import Any

from kerasrnn.files import number_text

__all__ = ["one_line"]

# What ends a line where lines are read; a separator such as U+2028 is part of an answer.
_LINE_END = re.compile(r"\r\n|[\n\v\f\r]")


def one_line(answer: Any) -> str:
    """Writes an answer on one line: a text, a list of labels, padded with empty ones, numbers."""
    if isinstance(answer, str):
        *lines, last = _LINE_END.split(answer)
        return " ".join([*lines, last] if last else lines)
    if isinstance(answer, numbers.Real):  # a score, of which six digits are enough
        return number_text(float(answer), 6)
    each = (number_text(float(n)) if isinstance(n, numbers.Real) else one_line(n) for n in answer)
    return " ".join(filter(None, each))
