"""Which tokens of a text decided: their attention weights as the darkness of their ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure, shown
from kerasrnn.plotting.token_flow import (
    FLOW_WIDTH,
    LINE,
    Box,
    check_each_token,
    draw_flow,
    flow_lines,
)

__all__ = ["attended_text"]

DARKEST = 0.6  # of the colours, so that black letters can be read on all


def attended_text(classifications: Sequence[Any], title: str = "Which tokens decided") -> Figure:
    """Draws texts with the attention weight of each token as the darkness of its ground.

    Args:
        classifications: Of `tokens` (T), `attention` `(T,)`, `label` and `probability`, as
            `Classifier.classify` gives them with attention pooling.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. Above each text stand its label and the
        probability; the weights of a text sum to 1, and white is 0.

    Raises:
        ValueError: Where there is no text, or one without attention.

    Example:

    >>> import types
    >>> one = {"tokens": ["so", "good"], "attention": [0.2, 0.8]}
    >>> answer = types.SimpleNamespace(**one, label="positive", probability=0.9)
    >>> [text.get_text() for text in attended_text([answer]).axes[0].texts]
    ['positive, 90 %', '', 'so', '', 'good', '']
    """
    if not classifications or any(each.attention is None for each in classifications):
        raise UserError("Expected at least one text, each with attention scores of its tokens")
    for each in classifications:
        check_each_token(each.tokens, each.attention, "a weight")
    most = max(float(np.max(each.attention)) for each in classifications) or 1.0
    colours = matplotlib.colormaps["Reds"].resampled(256)(np.linspace(0, DARKEST, 256))
    scale = ScalarMappable(Normalize(0, most), ListedColormap(colours))
    rows = []
    for i, each in enumerate(classifications):
        rows.append([Box(f"{shown(each.label, i)}, {100 * each.probability:.0f} %")])
        tokens = zip(each.tokens, each.attention, strict=True)
        rows.append([Box(shown(t, j), "", scale.to_rgba(w)) for j, (t, w) in enumerate(tokens)])
    lines = flow_lines(rows)
    figure = new_figure(FLOW_WIDTH + 1.2, LINE * len(lines) + 0.6)
    axes = figure.subplots()
    draw_flow(axes, lines)
    axes.set_title(title)
    figure.colorbar(scale, ax=axes, label="attention", aspect=30)
    return finished(figure, [token for each in classifications for token in each.tokens])
