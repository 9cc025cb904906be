"""The learning curve of a run, with its halvings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure

__all__ = ["learning_curve"]

SAME = ("loss", "perplexity")
APART = 1.5  # by what factor marks of learning rates differ, so that they can be read


def learning_curve(
    history: Sequence[Mapping[str, Any]], metric: str = "perplexity", kept: int | None = None
) -> Figure:
    """Draws a metric of training and validation by epoch, loss and learning rate below it.

    Args:
        history: A row for each epoch with `epoch` (from 0), `metric`, `val_<metric>` and
            `learning_rate`, the rate that was used in the epoch; or what `fit` returned, Keras'
            `History`, or its dictionary `history`, where the rate may be missing.
        metric: Name of the metric.
        kept: The epoch, from 1, whose weights are saved; a line marks it.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The loss is drawn too where it is there and the
        metric is another one, such as the accuracy. A dashed line marks each epoch that began
        with a smaller learning rate than the one before, unless the rate falls by itself: in
        each epoch, by another part.

    Raises:
        ValueError: Where there is no epoch, or no such metric.
    """
    history = _rows(history)
    if not history or metric not in history[0]:
        raise UserError(
            f"Expected at least one epoch with {metric!r}. "
            f"Received: {sorted(history[0]) if history else 'no epoch'}"
        )
    # exp(loss) is the perplexity, so that its curve needs no second one.
    shown = [metric, *(["loss"] if metric not in SAME and "loss" in history[0] else [])]
    epochs = [row["epoch"] + 1 for row in history]
    rates = [row["learning_rate"] for row in history if row.get("learning_rate") is not None]
    has_rates = len(rates) == len(history)
    heights = [3, *[2] * (len(shown) - 1), *[1] * has_rates]
    figure = new_figure(7, 1.1 + 0.9 * sum(heights))
    grid = figure.subplots(len(heights), sharex=True, height_ratios=heights, squeeze=False)
    panels = list(grid[:, 0])
    for axes, name in zip(panels, shown, strict=False):
        _draw_metric(axes, history, name, epochs)
    panels[-1].set_xlabel("epoch")
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    if has_rates:
        _draw_rates(panels, epochs, rates)
    for axes in panels if kept is not None else ():
        label = f"epoch {kept} is saved" if axes is panels[0] else None
        axes.axvline(kept, color="tab:green", lw=2, alpha=0.7, label=label, zorder=1)
    figure.suptitle("Learning curve")
    look = {"loc": "outside lower center", "ncols": 4, "fontsize": 9, "frameon": False}
    figure.legend(*panels[0].get_legend_handles_labels(), **look)
    return finished(figure)


def _draw_metric(axes: Axes, history: Sequence[Mapping], metric: str, epochs: list[int]) -> None:
    """Draws a metric of training and validation, where both are there."""
    curves = {"training": (metric, "o-"), "validation": (f"val_{metric}", "s-")}
    there = {name: each for name, each in curves.items() if each[0] in history[0]}
    values = {name: [row[column] for row in history] for name, (column, _) in there.items()}
    # Perplexities close to 1 differ in how far above it they are.
    offset = 1.0 if metric == "perplexity" and 1.0 < min(map(min, values.values())) < 1.1 else 0.0
    for name, (_, style) in there.items():
        axes.plot(epochs, [value - offset for value in values[name]], style, ms=4, label=name)
    axes.set_ylabel(metric.replace("_", " ") + (" − 1" if offset else ""))
    axes.set_yscale("log" if offset else "linear")
    axes.grid(alpha=0.3)


def _rows(history) -> list[Mapping]:
    """Turns what Keras' `fit` returns into a row for each epoch."""
    epochs = getattr(history, "epoch", None)
    history = getattr(history, "history", history)
    if not isinstance(history, Mapping):
        return list(history)
    columns = zip(*history.values(), strict=True)
    rows = [dict(zip(history, row, strict=True)) for row in columns]
    return [{"epoch": i, **row} for i, row in zip(epochs or range(len(rows)), rows, strict=True)]


def _draw_rates(panels: Sequence[Axes], epochs: list[int], rates: list[float]) -> None:
    """Draws the learning rate below the curves, and a line where it was halved."""
    rate = panels[-1]
    rate.step(epochs, rates, where="mid", color="tab:gray")
    rate.set_ylabel("learning\nrate")
    rate.set_yscale("log")
    ticks: list[float] = []
    for each in sorted(set(rates))[:: max(1, len(set(rates)) // 3)]:
        if not ticks or each > APART * ticks[-1]:
            ticks.append(each)
    rate.set_yticks(ticks, [f"{tick:.3g}" for tick in ticks])
    rate.minorticks_off()
    pairs = list(zip(epochs[1:], rates, rates[1:], strict=False))
    lower = {epoch: round(new / old, 3) for epoch, old, new in pairs if new < old}
    if len(lower) == len(pairs) and len(set(lower.values())) > 1:
        return  # it falls by itself
    said = "learning rate halved" if set(lower.values()) == {0.5} else "smaller learning rate"
    for i, epoch in enumerate(lower):
        for axes in panels:
            label = said if i == 0 and axes is panels[0] else None
            axes.axvline(epoch - 0.5, color="tab:red", ls="--", lw=1, label=label, zorder=1)
