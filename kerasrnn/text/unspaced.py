"""Scripts that write no spaces between words: which code points are theirs."""

from __future__ import annotations

import bisect
from collections.abc import Mapping

__all__ = ["CLUSTER", "UNSPACED", "is_hangul", "unspaced_script"]

# All that is no combining mark, from the Unicode Standard: those of the property `Script`, and of
# the signs that several scripts share those that stand within words (〆, ー). They are written
# out, because versions of TensorFlow know different versions of Unicode. The ideographs to come are
# in them too, as far as Unicode has reserved places.
SCRIPTS: Mapping[str, str] = {
    "Han": (
        "2E80-2FDF 3005-3007 3021-3029 3038-303C 3400-4DBF 4E00-9FFF F900-FAFF 16FE2-16FE3 "
        "16FF2-16FF6 20000-2FFFD 30000-3CFFF"
    ),
    "Hiragana": (
        "3031-3035 3041-3096 309D-309F 1B001-1B11F 1B123-1B123 1B132-1B132 1B150-1B152 1F200-1F200"
    ),
    "Katakana": (
        "30A1-30FA 30FC-30FF 31F0-31FF 32D0-32FE 3300-3357 FF66-FF9F 1AFF0-1AFFF 1B000-1B000 "
        "1B120-1B122 1B124-1B128 1B155-1B155 1B164-1B168"
    ),
    "Thai": "E01-E30 E32-E33 E40-E46 E4F-E5B",
    "Lao": "E81-EB0 EB2-EB3 EBD-EBD EC0-EC6 ED0-ED9 EDC-EDF",
    "Khmer": "1780-17B3 17D4-17DC 17E0-17E9 17F0-17F9 19E0-19FF",
    "Myanmar": (
        "1000-102A 103F-1055 105A-105D 1061-1061 1065-1066 106E-1070 1075-1081 108E-108E 1090-1099 "
        "109E-109F A9E0-A9E4 A9E6-A9FE AA60-AA7A AA7E-AA7F 116D0-116E3"
    ),
}
_RANGES: list[tuple[int, int, str]] = sorted(
    (int(ends.split("-")[0], 16), int(ends.split("-")[1], 16), script)
    for script, ranges in SCRIPTS.items()
    for ends in ranges.split()
)
_STARTS = [start for start, *_ in _RANGES]

# What stands in the brackets of a regular expression of TensorFlow for any of them.
UNSPACED = "".join(rf"\x{{{start:x}}}-\x{{{end:x}}}" for start, end, _ in _RANGES)
# One of them with its marks: vowels and tones above, below and behind it, variation selectors, and
# the half-width signs ﾞ and ﾟ, which are marks in all but name.
CLUSTER = rf"[{UNSPACED}][\pM\x{{ff9e}}\x{{ff9f}}]*"


def unspaced_script(token: str) -> str:
    """Returns which of these scripts a token begins with.

    Args:
        token: Any text.

    Returns:
        `"Han"`, `"Hiragana"`, `"Katakana"`, `"Thai"`, `"Lao"`, `"Khmer"`, `"Myanmar"`, or `""`.

    Example:

    >>> [unspaced_script(token) for token in ("京", "กี่", "ー", "word", "")]
    ['Han', 'Thai', 'Katakana', '', '']
    """
    if not token:
        return ""
    place = bisect.bisect_right(_STARTS, ord(token[0])) - 1
    return _RANGES[place][2] if place >= 0 and ord(token[0]) <= _RANGES[place][1] else ""


def is_hangul(token: str) -> bool:
    """Tells whether a token begins with a syllable or a letter of Hangul, composed or not."""
    return bool(token) and any(
        start <= token[0] <= end for start, end in ("가힣", "ᄀᇿ", "ㄱㆎ", "ꥠꥼ", "ힰퟻ")
    )
