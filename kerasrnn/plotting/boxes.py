"""Boxes and arrows, in inches."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

__all__ = ["BOX", "FILLS", "Box", "draw_arrow", "draw_box", "line_colour"]

BOX = 0.34  # height
# What is written in a box is black: these are light on a light ground and on a dark one.
FILLS = {
    "vectors": "#cfe8cf",
    "cells": "#c6dbef",
    "backward": "#dadaeb",
    "joined": "#e4e4e4",
    "attention": "#fcd0c4",
    "output": "#fdeeb5",
}
LINES = {"state": "#e6730f", "backward": "#8a63c7", "attention": "#d6402b"}


class Box:
    """A rectangle by its centre: `left`, `right`, `top`, `bottom` are its edges."""

    def __init__(self, x: float, y: float, width: float, height: float = BOX):
        self.x, self.y, self.width, self.height = x, y, width, height
        self.left, self.right = x - width / 2, x + width / 2
        self.bottom, self.top = y - height / 2, y + height / 2


def line_colour(kind: str) -> str:
    """Returns the colour of an arrow: `"output"`, the colour of texts, or one of `LINES`."""
    return LINES.get(kind) or matplotlib.rcParams["text.color"]


def draw_box(axes: Axes, box: Box, label: str, fill: str, size: float = 9) -> None:
    """Draws a box with a label.

    Args:
        axes: Where to.
        box: Its place.
        label: What stands in it.
        fill: A name of `FILLS`.
        size: Of the label, in points.
    """
    axes.add_patch(
        FancyBboxPatch(
            (box.left, box.bottom),
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=FILLS[fill],
            edgecolor="#5a5a5a",
            lw=0.8,
            zorder=3,
        )
    )
    axes.text(
        box.x, box.y, label, ha="center", va="center_baseline", size=size, color="black", zorder=4
    )


def draw_arrow(
    axes: Axes, points: Sequence[tuple[float, float]], kind: str = "output", style: str = "-"
) -> None:
    """Draws an arrow along straight lines.

    Args:
        axes: Where to.
        points: Its corners, the head at the last one.
        kind: See `line_colour`.
        style: A line style of matplotlib.
    """
    axes.add_patch(
        FancyArrowPatch(
            path=Path(points),
            arrowstyle="-|>,head_length=4,head_width=2",
            mutation_scale=1,
            color=line_colour(kind),
            lw=1.3 if kind != "output" else 1.0,
            ls=style,
            zorder=2,
            joinstyle="round",
        )
    )
