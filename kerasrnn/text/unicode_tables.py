"""What Unicode says of the composition of characters, from the tables of Python."""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Iterable

__all__ = [
    "INVISIBLE",
    "LEADS",
    "SYLLABLES",
    "TAILS",
    "VOWELS",
    "combining_classes",
    "composed_pattern",
    "composites",
    "decompositions",
    "usual_widths",
    "wide_pattern",
]

# Hangul: a lead and a vowel make an open syllable, which a tail closes, by arithmetic.
LEADS, VOWELS, TAILS = range(0x1100, 0x1113), range(0x1161, 0x1176), range(0x11A8, 0x11C3)
SYLLABLES = range(0xAC00, 0xD7A4)
# No character above decomposes or has a combining class.
_ALL = range(0x30000)
# Soft hyphen, zero-width space, word joiner, byte-order mark: they tell where a line may end.
INVISIBLE = (0x00AD, 0x200B, 0x2060, 0xFEFF)


@functools.cache
def decompositions() -> dict[int, tuple[int, ...]]:
    """Returns the full canonical decompositions, up to four code points, but for Hangul."""
    return {
        point: tuple(map(ord, unicodedata.normalize("NFD", chr(point))))
        for point in _ALL
        if _mapping(point)
    }


@functools.cache
def combining_classes() -> dict[int, int]:
    """Returns the combining classes of the marks that have one."""
    classes = ((point, unicodedata.combining(chr(point))) for point in _ALL)
    return {point: number for point, number in classes if number}


@functools.cache
def composites() -> dict[tuple[int, int], int]:
    """Returns what pairs of code points make, without what Unicode excludes, and Hangul."""
    pairs = ((point, _mapping(point)) for point in decompositions())
    return {
        (pair[0], pair[1]): point
        for point, pair in pairs
        if len(pair) == 2 and unicodedata.normalize("NFC", chr(point)) == chr(point)
    }


def _mapping(point: int) -> list[int]:
    """The canonical mapping of a code point to one or two others."""
    mapping = unicodedata.decomposition(chr(point))
    return [] if mapping.startswith("<") else [int(part, 16) for part in mapping.split()]


@functools.cache
def composed_pattern() -> str:
    """Returns a regular expression that only composed texts match, and nearly all of them.

    What may change are characters that NFC replaces, what joins a character before it, and marks
    that are not sorted. So a text is composed where each letter is followed at most by marks that
    join nothing, sorted by their combining classes.
    """
    joining = {second for _, second in composites()} | {*VOWELS, *TAILS}
    kept = {point for point in composites().values()}
    changing = decompositions().keys() - kept | joining
    classes: dict[int, list[int]] = {}
    for point, number in combining_classes().items():
        if point not in changing:
            classes.setdefault(number, []).append(point)
    marks = "".join(f"[{_ranges(classes[number])}]*" for number in sorted(classes))
    return f"(?:[^{_ranges(changing | combining_classes().keys())}]{marks})*"


def _ranges(points: Iterable[int]) -> str:
    """Writes code points as what stands in the brackets of a regular expression."""
    runs = itertools.groupby(enumerate(sorted(points)), key=lambda pair: pair[1] - pair[0])
    ends = ([point for _, point in run] for _, run in runs)
    return "".join(rf"\x{{{run[0]:x}}}-\x{{{run[-1]:x}}}" for run in ends)


@functools.cache
def usual_widths() -> dict[int, int]:
    """Returns what full-width and half-width forms are in their usual width."""
    mappings = ((point, unicodedata.decomposition(chr(point)).split()) for point in _ALL)
    return {
        point: int(mapping[1], 16)
        for point, mapping in mappings
        if mapping and mapping[0] in ("<wide>", "<narrow>")
    }


@functools.cache
def wide_pattern() -> str:
    """Returns a regular expression of texts without such forms and invisible characters."""
    return f"[^{_ranges([*INVISIBLE, *usual_widths()])}]*"
