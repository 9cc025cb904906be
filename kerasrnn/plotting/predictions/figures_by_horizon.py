"""How good forecasts are for each step ahead, beside baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure
from kerasrnn.plotting.forecast_curve import MOST_MARKS

__all__ = ["figures_by_horizon"]

NAMES = {"mae": "MAE", "rmse": "RMSE", "mase": "MASE", "smape": "sMAPE in %", "pinball": "pinball"}
# Of the model and then of each baseline; each differs in more than its colour.
STYLES = ("-", ":", "--", "-.")
COLOURS = ("tab:orange", "tab:gray", "tab:green", "tab:purple")
MARKERS = "sxD^"


def figures_by_horizon(
    rows: Sequence[Mapping[str, Any]],
    figure: str = "mae",
    *,
    nominal: float | None = None,
    quantity: str = "",
    title: str = "Errors by step of the horizon",
) -> Figure:
    """Draws an error for each step ahead, of a model and of the baselines.

    Args:
        rows: A row for each step: `step`, from 1; the error under its name, and those of baselines
            under names that end with it, such as `seasonal_naive_mae`.
        figure: Which error, such as `mae`, `rmse`, `mase` or `pinball`.
        nominal: The fraction that an interval should cover, such as 0.8; its `coverage` in the rows
            is then drawn beside it.
        quantity: The unit of the error, for the axis.
        title: What stands above.

    Returns:
        A matplotlib `Figure` of one panel, or of two with the coverage.

    Raises:
        ValueError: Where there is no row, or the error or the coverage is not in them.

    Example:

    >>> rows = [{"step": 1, "mae": 2.0, "last_value_mae": 2.5}]
    >>> axes = figures_by_horizon(rows).axes[0]
    >>> [line.get_label() for line in axes.get_lines()]
    ['model', 'last value']
    """
    wanted = [figure] if nominal is None else [figure, "coverage"]
    missing = [name for name in wanted if not rows or name not in rows[0]]
    if missing:
        there = ", ".join(rows[0]) if rows else "no row"
        raise UserError(f"Expected rows with {missing[0]!r}. Received: {there}")
    picture = new_figure(8 if nominal is None else 11, 3.8)
    panels = picture.subplots(1, len(wanted), squeeze=False)[0]
    steps = [row["step"] for row in rows]
    ending = f"_{figure}"
    names = [figure, *(name for name in rows[0] if name.endswith(ending))]
    for place, name in enumerate(names):
        label = name.removesuffix(ending).replace("_", " ") if place else "model"
        _line(panels[0], steps, [row[name] for row in rows], place, label)
    panels[0].set_ylim(bottom=0)
    panels[0].set_ylabel(f"{NAMES.get(figure, figure)}{f' ({quantity})' if quantity else ''}")
    panels[0].set_title(title)
    if nominal is not None:
        _line(panels[1], steps, [row["coverage"] for row in rows], 0, "covered")
        panels[1].axhline(nominal, color="tab:gray", ls=":", label=f"should be {nominal:.0%}")
        panels[1].set_ylim(0, 1.05)
        panels[1].yaxis.set_major_formatter(PercentFormatter(1))
        panels[1].set_title("How many numbers are in the interval?")
    for axes in panels:
        axes.set_xlabel("steps ahead")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    return finished(picture)


def _line(
    axes: Axes, steps: Sequence[int], numbers: Sequence[float], place: int, label: str
) -> None:
    i = place % len(STYLES)
    marks = {"marker": MARKERS[i], "ms": 4} if len(steps) <= MOST_MARKS else {}
    # The first line lies on the others.
    style = {"color": COLOURS[i], "ls": STYLES[i], "zorder": 3 - place / 10, **marks}
    axes.plot(steps, numbers, label=label, **style)
