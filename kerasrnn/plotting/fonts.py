"""Texts in pictures: the fonts that they need, and what no font here can draw."""

from __future__ import annotations

import functools
import io
import unicodedata
from collections.abc import Iterable

import matplotlib
import PIL.Image
from matplotlib import font_manager, ft2font
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

__all__ = ["can_draw", "can_show", "finished", "new_figure", "shown", "text_sizes"]

JOINER = "￭"  # of tokens that no space parts, see `text.split`; the font has no glyph for it
SHOWN = {" ": "␣", "\n": "⏎", "\t": "⇥", JOINER: "‿"}
DEFAULT = "DejaVu Sans"
# Fonts of other scripts that systems bring along: taken for what the default one lacks.
OTHERS = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Hiragino Sans",
    "Yu Gothic",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Thai",
    "Nirmala UI",
    "Leelawadee UI",
    "Arial Unicode MS",
)
# From version 3.11 on matplotlib orders and joins letters itself.
LAYS_OUT = hasattr(ft2font, "__libraqm_version__")
MATH = r"\mathdefault"  # in what matplotlib writes beside axes
NOTE = "#: a text that no font of this machine can draw, by its place from 0"


SHOWN_INCH, KEPT_INCH = 80, 120  # dots on a screen, and of the picture that a notebook keeps


class ShownFigure(Figure):
    """A figure that a notebook shows where it is the last value of a cell, with no magic line."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        drawn, picture = io.BytesIO(), io.BytesIO()
        self.savefig(drawn, format="png", dpi=KEPT_INCH)
        # A palette takes a third of the room, which counts where outputs are committed.
        PIL.Image.open(drawn).convert("RGB").quantize().save(picture, "png", optimize=True)
        width, height = (round(SHOWN_INCH * inches) for inches in self.get_size_inches())
        return picture.getvalue(), {"width": width, "height": height}


def can_show(text: str) -> bool:
    """Tells whether a text can be drawn character by character as a reader expects it.

    A script that runs from the right, or whose letters change with their neighbours, cannot: in a
    row of single characters they are neither reordered nor joined.

    Args:
        text: Any text.

    Returns:
        Whether each character has a glyph and stands for itself.
    """
    return _has_glyphs(text) and not _needs_layout(text)


def can_draw(text: str) -> bool:
    """Tells whether a text can be drawn in one piece, such as a word.

    Args:
        text: Any text.

    Returns:
        Whether a font of this machine has its characters, and matplotlib puts them in order.
    """
    return _has_glyphs(text) and (LAYS_OUT or not _needs_layout(text))


def shown(text: str, number: int, longest: int = 24) -> str:
    """Returns what stands for a text in a picture.

    Args:
        text: A token or a label.
        number: Its place, which is shown where the text cannot be.
        longest: Number of characters that are kept.

    Returns:
        The text with signs for white space, without the marks of tokens that no space parts.

    Example:

    >>> [shown(text, 3) for text in (" ", "￭,", "\\x00", "")]
    ['␣', ',', '#3', '#3']
    """
    text = SHOWN.get(text, text.replace(JOINER, "") or text)
    text = text.replace("\n", SHOWN["\n"]).replace("\t", SHOWN["\t"])
    if not text or not can_draw(text):
        return f"#{number}"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def new_figure(width: float, height: float) -> Figure:
    """Makes an empty figure, which is shown only where the caller shows it.

    Args:
        width: In inches.
        height: In inches.

    Returns:
        A `Figure` of 200 dots an inch, on a ground of its own. A notebook shows it where it is the
        last value of a cell.
    """
    return ShownFigure(figsize=(width, height), dpi=200, layout="constrained")


def finished(figure: Figure, texts: Iterable[str] = ()) -> Figure:
    """Gives all that is written in a figure the fonts that it needs.

    Args:
        figure: The figure, complete.
        texts: The raw texts that it shows; where one of them cannot be drawn, a line says so.

    Returns:
        The figure.
    """
    if any(shown(text, 0) == "#0" and text != "#0" for text in texts):
        figure.supxlabel("\n".join(filter(None, [figure.get_supxlabel(), NOTE])), fontsize=9)
    written = figure.findobj(Text)
    families = _families(frozenset("".join(text.get_text() for text in written)))
    for text in written:
        if "$" in text.get_text() and MATH not in text.get_text():
            text.set_parse_math(False)  # a dollar sign is a label of some treebanks
        text.set_fontfamily(families)
    return figure


def text_sizes(texts: Iterable[str], size: float) -> list[tuple[float, float]]:
    """Measures texts in the fonts that they will be drawn in.

    Args:
        texts: What `shown` returned.
        size: In points.

    Returns:
        The width and the height of each, in inches.
    """
    canvas, sizes = FigureCanvasAgg(Figure(dpi=72)), []
    for text in texts:
        canvas.figure.clear()
        written = canvas.figure.text(0, 0, text, size=size)
        finished(canvas.figure)
        box = written.get_window_extent(canvas.get_renderer())
        sizes.append((box.width / 72, box.height / 72))
    return sizes


def _needs_layout(text: str) -> bool:
    return any(
        unicodedata.bidirectional(character) in ("R", "AL", "AN", "RLE", "RLO")
        or unicodedata.category(character).startswith("M")
        for character in text
    )


def _has_glyphs(text: str) -> bool:
    needed = frozenset(character for character in text if character not in SHOWN)
    if any(unicodedata.category(character).startswith("C") for character in needed):
        return False
    return not _missing(needed, _families(needed))


def _families(needed: frozenset[str]) -> list[str]:
    """The usual font, and others of this machine for the characters that it lacks."""
    families = list(dict.fromkeys([*matplotlib.rcParams["font.family"], DEFAULT]))
    missing = _missing(needed, families)
    for name in OTHERS if missing else ():
        if missing and name in _installed() and missing & _characters(name):
            families.append(name)
            missing -= _characters(name)
    return families


def _missing(needed: frozenset[str], families: list[str]) -> set[str]:
    # Few characters are looked up in large sets, which the operators of sets would walk through.
    glyphs = [_characters(family) for family in families]
    return {each for each in needed if not any(each in those for those in glyphs)}


def _installed() -> set[str]:
    return {font.name for font in font_manager.fontManager.ttflist}


def _characters(family: str) -> frozenset[str]:
    return _glyphs(font_manager.findfont(font_manager.FontProperties(family=[family])))


@functools.cache
def _glyphs(path: str) -> frozenset[str]:
    return frozenset(map(chr, ft2font.FT2Font(path).get_charmap()))
