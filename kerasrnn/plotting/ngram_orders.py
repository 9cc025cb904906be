"""Which order of a back-off model answered for each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from kerasrnn.checks import UserError, check_sentences
from kerasrnn.files import split_words
from kerasrnn.plotting.fonts import finished, new_figure, shown
from kerasrnn.plotting.token_flow import FLOW_WIDTH, LINE, Box, draw_flow, flow_lines

__all__ = ["ngram_orders"]

END = "(end)"


def ngram_orders(
    sentences: Sequence[str | Sequence[str]], orders: Sequence[np.ndarray], title: str | None = None
) -> Figure:
    """Draws sentences in which the colour of a word is the order of the n-gram that answered.

    Args:
        sentences: Sentences, each a list of tokens or a text with white space between them.
        orders: For each sentence of n tokens `(n + 1,)` int, the last one of the end, as
            `BackoffModel.token_orders` gives them.
        title: What stands above; by default what the colours mean.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The legend counts the tokens of each order.

    Raises:
        ValueError: Where there is no sentence, or orders of another length.

    Example:

    >>> axes = ngram_orders(["a b"], [[2, 3, 1]]).axes[0]
    >>> [text.get_text() for text in axes.texts]
    ['a', '2', 'b', '3', '(end)', '1']
    """
    checked = check_sentences("sentences", sentences)
    tokens = [split_words(each) if isinstance(each, str) else list(each) for each in checked]
    lengths = [len(each) + 1 for each in tokens]
    if not tokens or list(map(len, orders)) != lengths:
        raise UserError(
            "Expected an order for each token of at least one sentence and for its end, "
            f"{lengths} of them. Received: {list(map(len, orders))}"
        )
    counts = Counter(int(order) for each in orders for order in each)
    highest = max(counts)
    colours = {n: _colour(n, highest) for n in range(1, highest + 1)}
    rows = [
        [
            Box(END if i == len(words) else shown(words[i], i), str(order), colours[order])
            for i, order in enumerate(map(int, of))
        ]
        for words, of in zip(tokens, orders, strict=True)
    ]
    lines = flow_lines(rows)
    figure = new_figure(FLOW_WIDTH + 0.3, LINE * len(lines) + 1.1)
    axes = figure.subplots()
    draw_flow(axes, lines)
    axes.set_title(title or "Order of the n-gram that answered, word by word")
    entries = [Patch(color=colours[n], label=_counted(n, counts)) for n in colours]
    look = {"ncols": min(4, highest), "fontsize": 9, "frameon": False}
    axes.legend(handles=entries, loc="upper center", bbox_to_anchor=(0.5, 0), **look)
    return finished(figure, [token for each in tokens for token in each])


def _colour(order: int, highest: int):
    """From light to dark with the order, all light enough for black letters."""
    return matplotlib.colormaps["YlGnBu"](0.08 + 0.5 * (order - 1) / max(1, highest - 1))


def _counted(order: int, counts: Counter) -> str:
    share = counts[order] / counts.total()
    return f"order {order}: {counts[order]} ({100 * share:.0f} %)"
