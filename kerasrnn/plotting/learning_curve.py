"""The learning curve of a run, with its halvings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasrnn.checks import UserError

__all__ = ["learning_curve"]


def learning_curve(
    history: Sequence[Mapping[str, Any]], metric: str = "perplexity", kept: int | None = None
) -> Figure:
    """Draws a metric of training and validation by epoch, the learning rate below it.

    Args:
        history: A row for each epoch with `epoch` (from 0), `metric`, `val_<metric>` and
            `learning_rate`, the rate that was used in the epoch; or what `fit` returned, Keras'
            `History`, or its dictionary `history`, where the rate may be missing.
        metric: Name of the metric.
        kept: The epoch, from 1, whose weights are kept; a thin line marks it.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. A dashed line marks each epoch that began
        with a smaller learning rate than the one before.

    Raises:
        ValueError: Where there is no epoch, or no such metric.
    """
    history = _rows(history)
    if not history or metric not in history[0]:
        raise UserError(
            f"Expected at least one epoch with {metric!r}. "
            f"Received: {sorted(history[0]) if history else 'no epoch'}"
        )
    epochs = [row["epoch"] + 1 for row in history]
    rates = [row["learning_rate"] for row in history if row.get("learning_rate") is not None]
    has_rates = len(rates) == len(history)
    curves = {"training": metric, "validation": f"val_{metric}"}
    values = {
        name: [row[column] for row in history]
        for name, column in curves.items()
        if column in history[0]
    }
    # Perplexities close to 1 differ in how far above it they are.
    offset = 1.0 if metric == "perplexity" and 1.0 < min(map(min, values.values())) < 1.1 else 0.0
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    panels = {"nrows": 2, "sharex": True, "height_ratios": (3, 1)} if has_rates else {}
    curve, *below = np.atleast_1d(figure.subplots(**panels))
    for (name, column), style in zip(values.items(), ("o-", "s-"), strict=False):
        curve.plot(epochs, [value - offset for value in column], style, label=name)
    curve.set_ylabel(metric.replace("_", " ") + (" − 1" if offset else ""))
    curve.set_yscale("log" if offset else "linear")
    lowest = below[0] if below else curve
    lowest.set_xlabel("epoch")
    lowest.xaxis.set_major_locator(MaxNLocator(integer=True))
    for rate in below:
        _draw_rates(curve, rate, epochs, rates)
    if kept is not None:
        curve.axvline(kept, color="tab:green", lw=1, label=f"epoch {kept} is kept")
    curve.legend()
    curve.grid(alpha=0.3)
    return figure


def _rows(history) -> list[Mapping]:
    """Turns what Keras' `fit` returns into a row for each epoch."""
    epochs = getattr(history, "epoch", None)
    history = getattr(history, "history", history)
    if not isinstance(history, Mapping):
        return list(history)
    columns = zip(*history.values(), strict=True)
    rows = [dict(zip(history, row, strict=True)) for row in columns]
    return [{"epoch": i, **row} for i, row in zip(epochs or range(len(rows)), rows, strict=True)]


def _draw_rates(curve, rate, epochs: list[int], rates: list[float]) -> None:
    """Draws the learning rate below the curve, and a line where it was halved."""
    rate.step(epochs, rates, where="mid", color="tab:gray")
    rate.set_ylabel("learning rate")
    rate.set_yscale("log")
    ticks = sorted(set(rates))[:: max(1, len(set(rates)) // 3)]
    rate.set_yticks(ticks, [f"{tick:.3g}" for tick in ticks])
    rate.minorticks_off()
    halved = [e for e, old, new in zip(epochs[1:], rates, rates[1:], strict=False) if new < old]
    for i, epoch in enumerate(halved):
        for axes in (curve, rate):
            label = "learning rate halved" if i == 0 and axes is curve else None
            axes.axvline(epoch - 0.5, color="tab:red", ls="--", lw=1, label=label)
