"""What white space is, and what a number is."""

from __future__ import annotations

import math
import numbers
import re

__all__ = ["WHITE_SPACE", "is_blank", "number_of", "number_text", "split_words"]

# What separates words, wherever texts are read or split: that of C and of `tf.strings.split`. A
# no-break space and the like are part of a word.
WHITE_SPACE = " \t\n\v\f\r"
_OTHER_SPACE = re.compile(r"[\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_WORD = re.compile(f"[^{WHITE_SPACE}]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def split_words(text: str) -> list[str]:
    r"""Splits a text at white space.

    Example:

    >>> split_words(" 10\xa0000 cats\r\n")
    ['10\xa0000', 'cats']
    """
    return text.split() if _OTHER_SPACE.search(text) is None else _WORD.findall(text)


def is_blank(text: str) -> bool:
    """Whether a text is empty or white space."""
    return not text.strip(WHITE_SPACE)


def number_of(text: str) -> float | None:
    """Reads a number: digits, perhaps a sign, a decimal point, an exponent, white space around.

    Example:

    >>> number_of(" -1.5e3 "), number_of("1_000"), number_of("nan")
    (-1500.0, None, None)
    """
    text = text.strip(WHITE_SPACE)
    return float(text) if _NUMBER.fullmatch(text) else None


def number_text(value: float, digits: int | None = None) -> str:
    """Writes a number with as many digits as tell it from its neighbours of the same type.

    Args:
        value: A Python or NumPy number.
        digits: How many digits are enough; those in front of the point are all written.

    Returns:
        A text without needless zeros; with an exponent only below 0.0001 and from 1e16.

    Example:

    >>> number_text(1234400.125), number_text(0.1 + 0.2), number_text(3.0)
    ('1234400.125', '0.30000000000000004', '3')
    >>> number_text(1234400.125, 6), number_text(2 / 3, 6)
    ('1234400', '0.666667')
    """
    if isinstance(value, numbers.Integral):
        return str(int(value))
    # Through the text of a float32, whose digits as a float64 are more; + 0.0 makes 0 of -0.
    number = float(str(value))
    if digits is not None and number and math.isfinite(number):
        number = round(number, max(0, digits - 1 - math.floor(math.log10(abs(number)))))
    return repr(number + 0.0).removesuffix(".0")
