"""Tokens that run over lines as text does, in coloured boxes, with something written below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import text_sizes

__all__ = ["FLOW_WIDTH", "Box", "check_each_token", "draw_flow", "flow_lines"]

FLOW_WIDTH = 8.5  # inches
LINE, SPACE, PADDING = 0.56, 0.1, 0.06
SIZE, SMALL = 11, 8  # points


class Box(NamedTuple):
    """A token or several, what is written below, and the colour of the ground; `None` for none."""

    text: str
    below: str = ""
    colour: object = None


def check_each_token(tokens: Sequence[Any], values: Sequence[Any], what: str) -> None:
    """Raises a `UserError` where a text has not a value for each of its tokens.

    Args:
        tokens: The tokens.
        values: What stands below them, or colours them.
        what: What a value is called, such as "a label".
    """
    if len(tokens) != len(values):
        raise UserError(
            f"Expected {what} for each of {len(tokens)} tokens. Received: {len(values)}"
        )


def flow_lines(rows: Sequence[Sequence[Box]]) -> list[list[tuple[Box, float, float]]]:
    """Breaks rows of boxes into lines of the width of the page.

    Args:
        rows: A row for each sentence, which begins a line of its own.

    Returns:
        For each line its boxes, each with the inches where it begins and its width.
    """
    lines: list[list[tuple[Box, float, float]]] = []
    for row in rows:
        line: list[tuple[Box, float, float]] = []
        x = 0.0
        above = text_sizes((box.text for box in row), SIZE)
        below = text_sizes((box.below for box in row), SMALL)
        for box, sizes in zip(row, zip(above, below, strict=True), strict=True):
            width = max(size for size, _ in sizes)
            width += 0 if box.colour is None else 2 * PADDING
            if line and x + width > FLOW_WIDTH:
                lines.append(line)
                line, x = [], 0.0
            line.append((box, x, width))
            x += width + SPACE
        lines.append(line)
    return lines


def draw_flow(axes: Axes, lines: Sequence[Sequence[tuple[Box, float, float]]]) -> None:
    """Draws the lines, one below the other; axes of their size in inches keep the letters apart.

    Args:
        axes: Where to draw; its own lines are hidden.
        lines: What `flow_lines` returned.
    """
    widest = max((x + width for line in lines for _, x, width in line), default=0)
    axes.set_xlim(-0.05, max(widest, FLOW_WIDTH) + 0.05)
    axes.set_ylim(LINE * len(lines), 0)
    axes.set_axis_off()
    for i, line in enumerate(lines):
        middle = LINE * i + 0.19
        for box, x, width in line:
            if box.colour is not None:
                low = middle - 0.12
                style = "round,pad=0,rounding_size=0.05"
                patch = FancyBboxPatch((x, low), width, 0.24, style, fc=box.colour, ec="none")
                axes.add_patch(patch)
            ink = matplotlib.rcParams["text.color"] if box.colour is None else "black"
            place = {"ha": "center", "va": "center", "clip_on": False}
            axes.text(x + width / 2, middle, box.text, size=SIZE, color=ink, **place)
            axes.text(x + width / 2, middle + 0.21, box.below, size=SMALL, **place)
