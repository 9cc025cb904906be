"""How long texts are, and what a limit cuts off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasrnn.checks import UserError, check_integer
from kerasrnn.plotting.fonts import finished, new_figure

__all__ = ["length_histogram"]

MOST = 50  # bars


def length_histogram(
    lengths: Sequence[int] | np.ndarray,
    cut: int | None = None,
    unit: str = "tokens",
    title: str = "Lengths of the examples",
) -> Figure:
    """Draws how many examples are how long.

    Args:
        lengths: `(N,)` int, the length of each example.
        cut: The maximum length; what is beyond it, is cut off. It is marked.
        unit: What is counted.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The legend says how many examples are longer
        than the cut, and how many of all tokens are lost by it.

    Raises:
        ValueError: Where there is no length, or one below 0.

    Example:

    >>> axes = length_histogram([2, 3, 3, 8], cut=4).axes[0]
    >>> axes.get_legend().get_texts()[0].get_text()
    'cut at 4: 1 of 4 examples is longer, 25.0 % of all tokens are lost'
    """
    values = np.asarray(lengths)
    if values.ndim != 1 or not values.size or values.min() < 0:
        raise UserError(
            f"Expected at least one length, each of at least 0. Received: {values.tolist()!r:.60}"
        )
    if cut is not None:
        check_integer("cut", cut)
    longest = int(values.max())
    width = max(1, -(-(longest + 1) // MOST))
    edges = np.arange(0, longest + 1 + width, width) - 0.5
    figure = new_figure(7, 3.6)
    axes = figure.subplots()
    axes.hist(values, edges.tolist(), color="tab:blue", rwidth=0.9)
    if cut is not None:
        axes.axvline(cut + 0.5, color="tab:red", ls="--", label=_said(values, cut, unit))
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
        figure.suptitle(title)
    else:
        axes.set_title(title)
    axes.set_xlabel(f"length in {unit}")
    axes.set_ylabel("number of examples")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    return finished(figure)


def _said(values: np.ndarray, cut: int, unit: str) -> str:
    longer = int((values > cut).sum())
    lost = float(np.maximum(values - cut, 0).sum() / max(1, values.sum()))
    verb = "is" if longer == 1 else "are"
    return (
        f"cut at {cut:,}: {longer:,} of {len(values):,} examples {verb} longer, "
        f"{100 * lost:.1f} % of all {unit} are lost"
    )
