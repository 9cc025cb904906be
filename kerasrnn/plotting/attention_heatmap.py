"""Attention as a heatmap: which source tokens each target token attended to."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import font_manager, ft2font
from matplotlib.figure import Figure

from kerasrnn.checks import UserError

__all__ = ["attention_heatmaps", "can_show"]

CELL = 0.24  # inches
SHOWN = {" ": "␣", "\n": "⏎", "\t": "⇥"}
JOINER = "￭"  # of tokens that no space parts, see `text.split`; the font has no glyph for it


def can_show(text: str) -> bool:
    """Tells whether matplotlib's default font draws a text as a reader expects it.

    A script that runs from the right, or whose letters change with their neighbours, is not:
    matplotlib neither reorders nor joins them.

    Args:
        text: Any text.

    Returns:
        Whether each character has a glyph and stands for itself.
    """
    path = font_manager.findfont(font_manager.FontProperties(family="DejaVu Sans"))
    glyphs = ft2font.FT2Font(path).get_charmap()
    return all(
        (character in SHOWN or ord(character) in glyphs)
        and unicodedata.bidirectional(character) not in ("R", "AL", "AN", "RLE", "RLO")
        and not unicodedata.category(character).startswith(("M", "C"))
        for character in text
        if character not in SHOWN
    )


def attention_heatmaps(translations: Sequence[Any]) -> Figure:
    """Draws one heatmap for each translation, the source from left to right.

    Args:
        translations: Of `source_tokens` (S), `target_tokens` (T), `text` and `attention`
            `(T, S)`, as `Translator.translate` gives them.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. White is 0 and the darkest colour is 1.

    Raises:
        ValueError: Where there is none, or one without attention.
    """
    if not translations or any(each.attention is None for each in translations):
        raise UserError("Expected at least one translation, each with attention scores")
    columns = min(2, len(translations))
    rows = -(-len(translations) // columns)
    width = max(len(each.source_tokens) for each in translations)
    height = max(len(each.target_tokens) for each in translations)
    figure = Figure(
        figsize=((CELL * width + 0.8) * columns + 0.8, (CELL * height + 0.6) * rows),
        layout="constrained",
    )
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, translation in itertools.zip_longest(grid.flat, translations):
        if translation is None:
            axes.set_axis_off()
        else:
            _heatmap(axes, translation)
    figure.colorbar(grid[0, 0].images[0], ax=grid, label="attention", aspect=40)
    return figure


def _heatmap(axes, translation) -> None:
    axes.imshow(np.asarray(translation.attention), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for axis, tokens in (
        (axes.xaxis, translation.source_tokens),
        (axes.yaxis, translation.target_tokens),
    ):
        axis.set_ticks(range(len(tokens)), [_shown(token) for token in tokens])
    axes.tick_params(length=0, labelsize=9)
    longest = max(len(token) for token in translation.source_tokens)
    axes.tick_params(axis="x", labelrotation=0 if longest == 1 else 90)
    for side in axes.spines.values():
        side.set_visible(False)


def _shown(token: str) -> str:
    return SHOWN.get(token, token.replace(JOINER, "") or token)
