"""What models remember, by how many steps ago it was."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure

__all__ = ["recall_curves"]

NORMS = {"norm_before": "--", "norm_after": "-"}
MARKERS = "osD^vPX*"
WIDTH = 130  # characters of a line of the caption


def recall_curves(
    table: Sequence[Mapping[str, Any]], chance: float | None = None, caption: str = ""
) -> Figure:
    """Draws the accuracy of recalling the first symbol, and the norm of its gradient.

    Args:
        table: A row for each model and distance: `model`, its name; `distance`, the number of
            steps D between the symbol and the question; `accuracy`; `norm_before` and
            `norm_after`, the norms of ∂h_T/∂h_1 before and after training, `None` for a model
            without a state.
        chance: The accuracy of guessing, drawn as a dotted line.
        caption: What is written below, in lines of the picture's width.

    Returns:
        A matplotlib `Figure` of two panels, with a line for each model. The first models have the
        widest lines, so that equal ones are seen behind each other.

    Raises:
        ValueError: Where the table is empty.

    Example:

    >>> row = {"model": "gru", "distance": 5, "accuracy": 0.9, "norm_before": 0.1}
    >>> len(recall_curves([row | {"norm_after": 1.0}]).axes)
    2
    """
    if not table:
        raise UserError("Expected at least one row of a model. Received: an empty table")
    names = list(dict.fromkeys(row["model"] for row in table))
    lines = textwrap.wrap(caption, WIDTH)
    figure = new_figure(10, 4.6 + 0.25 * (len(names) // 3) + 0.17 * len(lines))
    recalled, gradient = figure.subplots(1, 2)
    for i, name in enumerate(names):
        rows = sorted((row for row in table if row["model"] == name), key=lambda r: r["distance"])
        _draw_model(recalled, gradient, rows, i, lw=1.5 + 0.8 * (len(names) - 1 - i))
    if chance is not None:
        recalled.axhline(chance, color="tab:gray", ls=":", label="chance")
    recalled.set_ylim(0, 1.05)
    recalled.set_title("Is the first symbol recalled?")
    recalled.set_ylabel("accuracy")
    gradient.set_yscale("log")
    gradient.set_title("Does its gradient arrive?")
    gradient.set_ylabel("norm of the gradient ∂h(T)/∂h(1)")
    styles = [Line2D([], [], color="tab:gray", ls=style) for style in NORMS.values()]
    gradient.legend(styles, ["before training", "after training"])
    ticks = sorted({row["distance"] for row in table})
    for axes in (recalled, gradient):
        axes.set_xscale("log")
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("steps since the symbol")
        axes.grid(alpha=0.3)
    figure.legend(*recalled.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    if lines:
        figure.supxlabel("\n".join(lines), fontsize=9, x=0.02, ha="left")
    return finished(figure)


def _draw_model(recalled: Axes, gradient: Axes, rows: Sequence[Mapping], i: int, lw: float) -> None:
    """Draws both lines of one model."""
    distances = [row["distance"] for row in rows]
    colour, marker = f"C{i}", MARKERS[i % len(MARKERS)]
    label = rows[0]["model"].replace("_", " ")
    accuracies = [row["accuracy"] for row in rows]
    recalled.plot(distances, accuracies, label=label, lw=lw, color=colour, marker=marker, ms=4 + lw)
    for column, style in NORMS.items():
        norms = [row[column] for row in rows]
        if None not in norms:
            gradient.plot(distances, norms, ls=style, lw=1.5, color=colour, marker=marker, ms=5)
