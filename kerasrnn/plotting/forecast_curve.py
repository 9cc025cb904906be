"""What came before, what was forecast, what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure

__all__ = ["MOST_MARKS", "forecast_curve"]

# Of more steps the marks would touch each other.
MOST_MARKS = 30

# In the order in which they lie on each other; each differs in more than its colour.
STYLES = {
    "truth": {"color": "tab:blue", "marker": "o", "ms": 4, "ls": "-"},
    "baseline": {"color": "tab:gray", "marker": "x", "ms": 5, "ls": ":"},
    "forecast": {"color": "tab:orange", "marker": "s", "ms": 4, "ls": "--"},
}


def forecast_curve(
    history: Sequence[float] | np.ndarray,
    forecast: Sequence[float] | np.ndarray,
    truth: Sequence[float] | np.ndarray | None = None,
    baseline: Sequence[float] | np.ndarray | None = None,
    *,
    interval: tuple[Sequence[float] | np.ndarray, Sequence[float] | np.ndarray] | None = None,
    interval_label: str = "interval",
    times: Sequence[Any] | None = None,
    quantity: str = "value",
    title: str = "Forecast",
) -> Figure:
    """Draws the end of a series, its forecast, and what it is compared with.

    Args:
        history: `(N,)` the numbers that were known.
        forecast: `(H,)` the numbers that were forecast for the steps that follow.
        truth: `(H,)` the numbers that came; left out where nobody knows them yet.
        baseline: `(H,)` the forecast of a baseline, such as the last number again.
        interval: `(H,)` twice, the lowest and the highest numbers that were expected, such as the
            quantiles 0.1 and 0.9; drawn as a band.
        interval_label: What the band is, such as `"80 % interval"`.
        times: The N + H times of the steps; by default they are counted, the first forecast is 1.
        quantity: What the numbers are, for the axis.
        title: What stands above, such as the errors of both.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. All lines begin at the last known number.

    Raises:
        ValueError: Where there is no history or forecast, something is of another length, or an
            interval is upside down.

    Example:

    >>> axes = forecast_curve([1.0, 2.0], [3.0], truth=[2.5], baseline=[2.0]).axes[0]
    >>> [line.get_label() for line in axes.get_lines()]
    ['history', 'truth', 'baseline', 'forecast', 'last known']
    """
    known = np.asarray(history, "float64")
    given = {"truth": truth, "baseline": baseline, "forecast": forecast}
    rows = {name: np.asarray(row, "float64") for name, row in given.items() if row is not None}
    steps = len(rows["forecast"])
    band: dict[str, np.ndarray] = {}
    if interval is not None:
        low, high = (np.asarray(each, "float64") for each in interval)
        band = {"low": low, "high": high}
    _check(known, rows, band)
    places = list(times) if times is not None else list(range(1 - len(known), steps + 1))
    if len(places) != len(known) + steps:
        raise UserError(
            f"Expected a time for each of {len(known)} known and {steps} forecast steps. "
            f"Received: {len(places)}"
        )
    figure = new_figure(8, 3.8)
    axes = figure.subplots()
    axes.plot(places[: len(known)], known, color="tab:blue", lw=1.5, label="history")
    after = places[len(known) - 1 :]
    if band:  # as wide as nothing where the number is known
        low, high = (np.concatenate([known[-1:], each]) for each in band.values())
        colour = STYLES["forecast"]["color"]
        axes.fill_between(after, low, high, color=colour, alpha=0.2, lw=0, label=interval_label)
    for name, style in STYLES.items():
        if name in rows:
            marked: dict[str, Any] = dict(style)
            if steps > MOST_MARKS:
                marked["marker"] = None
            values = np.concatenate([known[-1:], rows[name]])
            # The mark of the last known number belongs to the history.
            axes.plot(after, values, label=name, markevery=slice(1, None), **marked)
    axes.axvline(after[0], color="tab:gray", lw=0.8, alpha=0.6, label="last known")
    axes.set_xlabel("time" if times is not None else "steps from the last known number")
    axes.set_ylabel(quantity)
    axes.set_title(title)
    axes.grid(alpha=0.3)
    if times is None:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    else:
        figure.autofmt_xdate(rotation=30)
    figure.legend(loc="outside lower center", ncols=6, frameon=False)
    return finished(figure)


def _check(
    known: np.ndarray, rows: Mapping[str, np.ndarray], band: Mapping[str, np.ndarray]
) -> None:
    """Raises a `UserError` for numbers of another length, or an interval upside down."""
    steps = len(rows["forecast"])
    for name, row in {"history": known, **rows, **band}.items():
        if row.ndim != 1 or not len(row) or (name != "history" and len(row) != steps):
            raise UserError(
                f"Expected one number for each step in `{name}`, as many as in the forecast. "
                f"Received: the shape {row.shape}"
            )
    if band and (band["low"] > band["high"]).any():
        place = int(np.flatnonzero(band["low"] > band["high"])[0])
        raise UserError(
            "Expected an interval whose first numbers are not above the second ones. Received: "
            f"{band['low'][place]:g} and {band['high'][place]:g} of step {place + 1}"
        )
