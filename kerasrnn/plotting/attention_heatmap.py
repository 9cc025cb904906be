"""Attention as a heatmap: which source tokens each target token attended to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from kerasrnn.checks import UserError, check_texts
from kerasrnn.plotting.fonts import finished, new_figure, shown, text_sizes

__all__ = ["attention_heatmap", "attention_heatmaps"]

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


def attention_heatmap(
    attention: Any, source: Sequence[str], target: Sequence[str], title: str = "Attention"
) -> Figure:
    """Draws attention weights of any origin, such as those of a `layers.Attention`.

    Args:
        attention: `(T, S)` weights, a row for each query and a column for each value.
        source: What is looked at, the S names of the columns.
        target: What looks, the T names of the rows.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. White is 0 and the darkest colour is 1.

    Raises:
        ValueError: For weights of another shape.

    Example:

    >>> axes, _ = attention_heatmap([[0.9, 0.1]], ["chat", "noir"], ["cat"]).axes
    >>> [label.get_text() for label in axes.get_xticklabels()]
    ['chat', 'noir']
    """
    source = check_texts("source", source, "names")
    target = check_texts("target", target, "names")
    weights = np.asarray(attention)
    if weights.shape != (len(target), len(source)) or not weights.size:
        raise UserError(
            f"Expected weights of the shape {(len(target), len(source))}, a row for each name of "
            f"`target` and a column for each of `source`. Received: {weights.shape}"
        )
    below, beside = (
        max(width for width, _ in text_sizes([shown(each, 0) for each in names], 9))
        for names in (source, target)
    )
    size = max(0.45 * len(source) + beside + 1.9, NARROWEST)
    figure = new_figure(size, 0.45 * len(target) + below + 1.0)
    axes = figure.subplots()
    _draw(axes, weights, source, target)
    axes.set_xlabel("source")
    axes.set_ylabel("target")
    figure.colorbar(axes.images[0], ax=axes, label="attention")
    figure.suptitle(title)
    return finished(figure, [*source, *target])


def _tokens(translation) -> list[str]:
    return [*translation.source_tokens, *translation.target_tokens]


def _heatmap(axes, translation) -> None:
    _draw(axes, translation.attention, translation.source_tokens, translation.target_tokens)


def _draw(axes, attention, source, target) -> None:
    axes.imshow(np.asarray(attention), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for axis, tokens in ((axes.xaxis, source), (axes.yaxis, target)):
        axis.set_ticks(range(len(tokens)), [shown(token, i) for i, token in enumerate(tokens)])
    axes.tick_params(length=0, labelsize=9)
    longest = max(len(token) for token in source)
    axes.tick_params(axis="x", labelrotation=0 if longest == 1 else 90)
    for side in axes.spines.values():
        side.set_visible(False)
