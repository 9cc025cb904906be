"""The script of a text, for a choice of examples in many scripts."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable

from kerasrnn.checks import check_texts

__all__ = ["of_many_scripts", "script"]


def script(text: str) -> str:
    """Returns the script of most letters of a text, such as `"LATIN"`; `""` without a letter."""
    letters = [character for character in text if character.isalpha()]
    scripts = [unicodedata.name(letter, "").split(" ")[0] for letter in letters]
    return max(sorted(set(scripts)), key=scripts.count, default="")


def of_many_scripts(texts: Iterable[str], count: int) -> list[str]:
    """Picks texts of as many scripts as there are.

    Args:
        texts: Texts to choose from, in order.
        count: How many are wanted.

    Returns:
        At most `count` texts, the first of each script before the second of any; a text without
        letters comes last.

    Example:

    >>> of_many_scripts(["1", "may", "june", "мая"], 3)
    ['may', 'мая', 'june']
    """
    by_script: dict[str, list[str]] = {}
    for text in check_texts("texts", texts):
        by_script.setdefault(script(text), []).append(text)
    without_letters = by_script.pop("", [])
    rounds = itertools.zip_longest(*by_script.values())
    chosen = [text for each in rounds for text in each if text is not None]
    return [*chosen, *without_letters][:count]
