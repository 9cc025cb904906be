"""Attention as a heatmap: which source tokens each target token attended to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure, shown

__all__ = ["attention_heatmaps"]

CELL, NARROWEST = 0.24, 3.6  # inches


def attention_heatmaps(translations: Sequence[Any], left_out: int = 0) -> Figure:
    """Draws one heatmap for each translation, the source from left to right.

    Args:
        translations: Of `source_tokens` (S), `target_tokens` (T), `text` and `attention`
            `(T, S)`, as `Translator.translate` gives them.
        left_out: Number of texts that are not among them since `can_show` denies it; said below.

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
    size = max((CELL * width + 0.8) * columns + 0.8, NARROWEST)
    figure = new_figure(size, (CELL * height + 0.6) * rows + 0.5)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, translation in itertools.zip_longest(grid.flat, translations):
        if translation is None:
            axes.set_axis_off()
        else:
            _heatmap(axes, translation)
    figure.colorbar(grid[0, 0].images[0], ax=grid, label="attention", aspect=40)
    kept_back = f"\nnot drawn: {left_out:,} in scripts that run or join otherwise, or have no font"
    figure.supxlabel("source token" + kept_back * bool(left_out), fontsize=9)
    figure.supylabel("target token", fontsize=9)
    figure.suptitle("Attention of each target token to the source", fontsize=10)
    return finished(figure, [t for each in translations for t in _tokens(each)])


def _tokens(translation) -> list[str]:
    return [*translation.source_tokens, *translation.target_tokens]


def _heatmap(axes, translation) -> None:
    axes.imshow(np.asarray(translation.attention), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for axis, tokens in (
        (axes.xaxis, translation.source_tokens),
        (axes.yaxis, translation.target_tokens),
    ):
        axis.set_ticks(range(len(tokens)), [shown(token, i) for i, token in enumerate(tokens)])
    axes.tick_params(length=0, labelsize=9)
    longest = max(len(token) for token in translation.source_tokens)
    axes.tick_params(axis="x", labelrotation=0 if longest == 1 else 90)
    for side in axes.spines.values():
        side.set_visible(False)
