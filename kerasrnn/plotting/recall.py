"""What models remember, by how many steps ago it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kerasrnn.checks import UserError

__all__ = ["recall_curves"]

NORMS = {"norm_before": "--", "norm_after": "-"}


def recall_curves(table: Sequence[Mapping[str, Any]], chance: float | None = None) -> Figure:
    """Draws the accuracy of recalling the first symbol, and the norm of its gradient.

    Args:
        table: A row for each model and distance: `model`, its name; `distance`, the number of
            steps D between the symbol and the question; `accuracy`; `norm_before` and
            `norm_after`, the norms of ∂h_T/∂h_1 before and after training, `None` for a model
            without a state.
        chance: The accuracy of guessing, drawn as a dotted line.

    Returns:
        A matplotlib `Figure` of two panels, with a line for each model.

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
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    recalled, gradient = figure.subplots(1, 2)
    for i, name in enumerate(names):
        rows = sorted((row for row in table if row["model"] == name), key=lambda r: r["distance"])
        distances = [row["distance"] for row in rows]
        accuracies = [row["accuracy"] for row in rows]
        recalled.plot(distances, accuracies, "o-", color=f"C{i}", label=name.replace("_", " "))
        for column, style in NORMS.items():
            norms = [row[column] for row in rows]
            if None not in norms:
                gradient.plot(distances, norms, "o", ls=style, color=f"C{i}")
    if chance is not None:
        recalled.axhline(chance, color="tab:gray", ls=":", label="chance")
    recalled.set_ylim(0, 1.05)
    recalled.set_ylabel("accuracy")
    recalled.legend()
    gradient.set_yscale("log")
    gradient.set_ylabel("norm of ∂h_T/∂h_1")
    styles = [Line2D([], [], color="tab:gray", ls=style) for style in NORMS.values()]
    gradient.legend(styles, ["before training", "after training"])
    ticks = sorted({row["distance"] for row in table})
    for axes in (recalled, gradient):
        axes.set_xscale("log")
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("steps since the symbol")
        axes.grid(alpha=0.3)
    return figure
