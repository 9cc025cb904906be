"""Predicted numbers against the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure

__all__ = ["predicted_scatter"]

SIDE = 4.0  # inches


def predicted_scatter(
    true: Sequence[Any] | np.ndarray,
    predicted: Sequence[Any] | np.ndarray,
    targets: Sequence[str] = ("number",),
    constants: Sequence[float] | None = None,
) -> Figure:
    """Draws predicted numbers over the true ones, a square for each target.

    A model that is always right has all points on the diagonal; one that has learned nothing has
    them on a horizontal line, that of a constant.

    Args:
        true: `(N, K)` the true numbers, or `(N,)` of one target.
        predicted: The same of the predicted ones.
        targets: Names of the K targets.
        constants: What would always be answered without a model, such as the mean of the training:
            K numbers, each a dotted line.

    Returns:
        A matplotlib `Figure`; `savefig` writes it.

    Raises:
        ValueError: For numbers of other shapes, or none.

    Example:

    >>> predicted_scatter([1.0, 2.0], [1.5, 2.5], ["stars"]).axes[0].get_xlabel()
    'true stars'
    """
    rows = [np.asarray(each, "float64") for each in (true, predicted)]
    rows = [each[:, None] if each.ndim == 1 else each for each in rows]
    if {each.shape for each in rows} != {(len(rows[0]), len(targets))} or not len(rows[0]):
        raise UserError(
            f"Expected rows of {len(targets)} true numbers and as many predicted ones. "
            f"Received: {rows[0].shape} and {rows[1].shape}"
        )
    figure = new_figure(SIDE * len(targets), SIDE)
    for place, name in enumerate(targets):
        axes = figure.add_subplot(1, len(targets), place + 1)
        x, y = (each[:, place] for each in rows)
        axes.scatter(x, y, s=9, alpha=0.5, color="tab:blue", linewidths=0)
        ends = [min(x.min(), y.min()), max(x.max(), y.max())]
        axes.plot(ends, ends, color="tab:gray", lw=1, label="right")
        if constants is not None:
            axes.axhline(constants[place], color="tab:orange", lw=1, ls=":", label="constant")
        axes.set(xlabel=f"true {name}", ylabel=f"predicted {name}")
        axes.legend(loc="upper left", fontsize="small")
    return finished(figure)
