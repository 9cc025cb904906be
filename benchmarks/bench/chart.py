"""The chart: rows of fixed sizes beside the best of Keras, and curves of what a model costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.found import FAMILIES, Line, lines

__all__ = ["chart"]

COLORS = dict(zip(FAMILIES, ("tab:blue", "tab:orange", "tab:green", "tab:red"), strict=True))
COLUMNS = 2


def chart(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Draws all rows.

    Args:
        rows: What `found.keep` keeps.
    """
    found = [line for row in rows for line in lines(row)]
    panels = [*_dots(found), *_curves(found)]
    heights = [max(panel[2] for panel in panels[i : i + 2]) for i in range(0, len(panels), 2)]
    figure = Figure(figsize=(12, max(1, sum(heights)) + 0.4), layout="constrained")
    grid = figure.add_gridspec(max(1, len(heights)), COLUMNS, height_ratios=heights or [1])
    for place, (title, draw, _) in enumerate(panels):
        axes = figure.add_subplot(grid[divmod(place, COLUMNS)])
        axes.set_title(title, fontsize=10)
        draw(axes)
        axes.grid(alpha=0.3)
        axes.tick_params(labelsize=8)
    if panels:
        pairs = [zip(*axes.get_legend_handles_labels(), strict=True) for axes in figure.axes]
        found_labels = {label: handle for some in pairs for handle, label in some}
        known = {each: found_labels[each] for each in FAMILIES if each in found_labels}
        figure.legend(known.values(), known, loc="outside upper center", ncols=len(FAMILIES))
    return figure


def _dots(found: Sequence[Line]) -> list[tuple[str, Any, float]]:
    """A panel for each group, and for each figure that more of its rows have."""
    kinds: dict[tuple[str, str], list[Line]] = {}
    for line in found:
        if line.row["curve"] is None and any(line.best(each) for each in FAMILIES[1:]):
            kinds.setdefault((line.row["group"], line.figure), []).append(line)
    panels: dict[str, list[tuple[str, Line]]] = {}
    for (group, figure), some in kinds.items():
        for line in some:
            name = line.row["name"]
            many = len(some) > 2
            title = f"{group}: {figure}" if many else group
            label = name if many else f"{name}: {figure}"
            panels.setdefault(title, []).append((label, line))
    return [
        (title, lambda axes, some=some: _draw_dots(axes, some), 0.8 + len(some) / 4)
        for title, some in panels.items()
    ]


def _draw_dots(axes: Axes, some: Sequence[tuple[str, Line]]) -> None:
    """What is right of 1 is quicker than Keras-TF, or than ours where that is not in all rows."""
    base = "Keras-TF" if all(line.best("Keras-TF") for _, line in some) else "ours"
    for of in FAMILIES:
        points = [
            (line.median(line.best(base)) / line.median(line.best(of)), place)
            for place, (_, line) in enumerate(some)
            if line.best(of)
        ]
        if points:
            axes.plot(*zip(*points, strict=True), "o", color=COLORS[of], label=of)
    axes.axvline(1, color="grey", linewidth=1)
    axes.set_xscale("log")
    _plain_ticks(axes)
    axes.set_yticks(range(len(some)), [label for label, _ in some])
    axes.set_ylim(len(some) - 0.5, -0.5)
    axes.set_xlabel(f"speed, {base} = 1", fontsize=8)


def _plain_ticks(axes: Axes) -> None:
    low, high = axes.get_xlim()
    few = high > 20 * low
    ticks = _between(low, high, (1, 3) if few else (1, 1.5, 2, 3, 5, 7))
    axes.set_xticks(ticks, [f"{each:g}" for each in ticks])
    axes.minorticks_off()


def _between(low: float, high: float, steps: Sequence[float]) -> list[float]:
    """Numbers of a logarithmic axis."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    return [each for each in ticks if low <= each <= high]


def _curves(found: Sequence[Line]) -> list[tuple[str, Any, float]]:
    """A panel for each curve."""
    kinds: dict[str, list[Line]] = {}
    for line in found:
        if line.row["curve"] is not None:
            kinds.setdefault(line.row["curve"][0], []).append(line)
    return [
        (f"training by {name}", lambda axes, some=some: _draw_curve(axes, some), 2.6)
        for name, some in kinds.items()
    ]


def _draw_curve(axes: Axes, some: Sequence[Line]) -> None:
    values = sorted({line.row["curve"][1] for line in some})
    for style, figure in zip("-:", dict.fromkeys(line.figure for line in some), strict=False):
        for of in FAMILIES:
            points = sorted(
                (line.row["curve"][1], line.tokens / line.median(line.best(of)))
                for line in some
                if line.figure == figure and line.best(of)
            )
            if points:
                marks = {"color": COLORS[of], "label": of if style == "-" else None}
                axes.plot(*zip(*points, strict=True), f"o{style}", **marks)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(values, [f"{value:,g}" for value in values])
    ticks = _between(*axes.get_ylim(), (1, 2, 3, 5, 7))
    axes.set_yticks(ticks, [f"{each / 1000:g}k" for each in ticks])
    axes.minorticks_off()
    axes.set_ylabel("tokens a second", fontsize=8)
