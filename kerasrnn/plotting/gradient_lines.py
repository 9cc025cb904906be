"""How the gradient shrinks or grows on its way back through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure, shown

__all__ = ["gradient_norms"]

STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
MARKERS = "osD^vP"


def gradient_norms(
    norms: Mapping[str, Sequence[float] | Any],
    relative: bool = False,
    title: str = "Gradient of the loss through time",
) -> Figure:
    """Draws the norm of the gradient against the number of steps that it went back.

    Args:
        norms: For each model, by the name that the legend shows, `(D,)` floats, entry d for d
            steps back, as `views.gradient_norms` gives them. An underscore becomes a space.
        relative: Whether each line is divided by its value at 0 steps, to compare slopes.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The norms are on a logarithmic axis: a straight
        line is a constant factor at each step. Norms of 0 are left out.

    Raises:
        ValueError: Where there is no line, or one without a norm.

    Example:

    >>> axes = gradient_norms({"SimpleRNN": [1.0, 0.5], "LSTM": [1.0, 0.9]}).axes[0]
    >>> axes.get_xlabel(), [line.get_label() for line in axes.get_lines()]
    ('steps back from the loss', ['SimpleRNN', 'LSTM'])
    """
    lines = {name: np.asarray(values, "float64") for name, values in norms.items()}
    if not lines or any(each.ndim != 1 or not (each > 0).any() for each in lines.values()):
        received = {name: each.shape for name, each in lines.items()} or "none"
        raise UserError(
            f"Expected at least one line of norms (D,), some above 0. Received: {received}"
        )
    if relative and any(not each[0] > 0 for each in lines.values()):
        raise UserError("Expected norms above 0 at 0 steps where they are relative to it")
    figure = new_figure(8, 4.2)
    axes = figure.subplots()
    for i, (name, values) in enumerate(lines.items()):
        values = values / values[0] if relative else values
        axes.plot(
            np.arange(len(values)),
            np.where(values > 0, values, np.nan),
            ls=STYLES[i % len(STYLES)],
            marker=MARKERS[i % len(MARKERS)],
            markevery=max(1, len(values) // 10),
            ms=5,
            lw=2,
            alpha=0.85,
            color=f"C{i}",
            label=shown(name.replace("_", " "), i, 40),
        )
    axes.set_yscale("log")
    axes.set_title(title)
    axes.set_xlabel("steps back from the loss")
    axes.set_ylabel(
        "gradient norm, divided by that at 0 steps" if relative else "norm of the gradient"
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return finished(figure, lines)
