"""Perplexities of several models side by side, and of two mixed by weight."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure

__all__ = ["interpolation_curve", "perplexity_bars"]

WIDEST = 30  # characters of a line of a name


def perplexity_bars(
    perplexities: Mapping[str, float], baseline: str | None = None, title: str = "Perplexity"
) -> Figure:
    """Draws a bar for each model, lower is better, in the order in which they come.

    Args:
        perplexities: By the name of a model its perplexity; infinite where it takes a sentence
            for impossible.
        baseline: The name of the model that the others are compared with, whose bar is gray.
        title: What stands above, such as what was read.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. All bars begin at 0; behind each stands its
        number, and its change against the baseline.

    Raises:
        ValueError: Where there is no model, a perplexity below 1, or no such baseline.

    Example:

    >>> axes = perplexity_bars({"3-gram": 200.0, "LSTM": 150.0}, baseline="3-gram").axes[0]
    >>> [text.get_text() for text in axes.texts]
    ['200.0', '150.0 (−25 %)']
    """
    values = {name: float(value) for name, value in perplexities.items()}
    if not values or not all(value >= 1 for value in values.values()):
        raise UserError(
            f"Expected at least one perplexity, each of at least 1. Received: {values or 'none'}"
        )
    if baseline is not None and baseline not in values:
        raise UserError(
            f"Expected `baseline` to be one of {', '.join(values)}. Received: {baseline!r}"
        )
    compared = None if baseline is None else values[baseline]
    finite = [value for value in values.values() if np.isfinite(value)]
    longest = max(finite, default=1.0)
    figure = new_figure(7, 0.4 * len(values) + 1.1)
    axes = figure.subplots()
    for place, (name, value) in enumerate(values.items()):
        colour = "tab:gray" if name == baseline else "tab:blue"
        endless = not np.isfinite(value)
        drawn = longest if endless else value
        ground = "none" if endless else colour
        axes.barh(place, drawn, fc=ground, ec=colour, hatch="//" * endless, height=0.7)
        axes.text(drawn + 0.01 * longest, place, _said(value, compared), va="center")
    axes.set_yticks(range(len(values)), [textwrap.fill(name, WIDEST) for name in values])
    axes.invert_yaxis()
    axes.set_xlim(0, longest * 1.02)
    axes.set_xlabel("perplexity (lower is better)")
    axes.set_title(title)
    axes.spines[["top", "right"]].set_visible(False)
    return finished(figure)


def _said(value: float, compared: float | None) -> str:
    if not np.isfinite(value):
        return "∞ (impossible)"
    if compared is None or not np.isfinite(compared) or value == compared:
        return f"{value:.1f}"
    change = 100 * (value / compared - 1)
    return f"{value:.1f} ({'−' if change < 0 else '+'}{abs(change):.0f} %)"


def interpolation_curve(
    weights: Sequence[float] | np.ndarray,
    perplexities: Sequence[float] | np.ndarray,
    models: tuple[str, str] = ("the first model", "the second model"),
    title: str = "Perplexity of the mixture",
) -> Figure:
    """Draws the perplexity of a mixture of two models by the weight of the first one.

    Args:
        weights: `(N,)` weights of the first model, from 0 to 1; the other one has the rest.
        perplexities: `(N,)` the perplexity of the mixture with each of them.
        models: What the two are called.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The best weight is marked, and where the
        weights 0 and 1 are among them the two models alone are named.

    Raises:
        ValueError: For less than two weights, one beyond 0 and 1, or perplexities of another
            number.

    Example:

    >>> axes = interpolation_curve([0, 0.5, 1], [150.0, 120.0, 200.0], ("3-gram", "LSTM")).axes[0]
    >>> axes.get_legend().get_texts()[-1].get_text()
    'best: 120.0 at 0.5'
    """
    share, values = np.asarray(weights, "float64"), np.asarray(perplexities, "float64")
    if share.ndim != 1 or len(share) < 2 or share.min() < 0 or share.max() > 1:
        raise UserError(f"Expected at least two weights from 0 to 1. Received: {share.tolist()}")
    if values.shape != share.shape or np.isnan(values).any():
        raise UserError(
            f"Expected a perplexity for each of {len(share)} weights. Received: {values.tolist()}"
        )
    order = np.argsort(share)
    share, values = share[order], values[order]
    best = int(np.argmin(values))
    figure = new_figure(7, 4)
    axes = figure.subplots()
    axes.plot(share, values, "o-", ms=4, color="tab:blue", label="mixture")
    for at, name, marker in ((0.0, models[1], "v"), (1.0, models[0], "^")):
        found = np.flatnonzero(share == at)
        if found.size and np.isfinite(values[found[0]]):
            label = f"{name} alone: {values[found[0]]:.1f}"
            axes.plot(at, values[found[0]], marker, color="tab:gray", ms=10, label=label)
    label = f"best: {values[best]:.1f} at {share[best]:.3g}"
    axes.plot(share[best], values[best], "*", color="tab:red", ms=15, label=label)
    axes.set_xlabel(f"weight of {models[0]} (the rest: {models[1]})")
    axes.set_ylabel("perplexity (lower is better)")
    axes.set_title(title)
    axes.grid(alpha=0.3)
    axes.legend()
    return finished(figure)
