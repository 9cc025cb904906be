"""What goes from one side of an unrolled model to the other, and states that come from outside."""

from __future__ import annotations

from typing import Any

from kerasrnn.plotting.boxes import BOX, Box, draw_arrow, draw_box
from kerasrnn.plotting.fonts import text_sizes
from kerasrnn.plotting.unrolled import Side

__all__ = ["connect", "draw_one_source", "draw_states"]

LANE, JOIN, STUB = 0.12, 0.42, 0.45  # inches


def draw_one_source(drawing: Any, side: Side) -> float:
    """Draws an image or a vector that a decoder begins from.

    Args:
        drawing: The `Drawing`.
        side: What begins.

    Returns:
        Where the decoder may begin.
    """
    axes, heights = drawing.axes, drawing.heights
    words = [*drawing.labels.source, *(row.label for row in side.rows)]
    width = max(w for w, _ in text_sizes(words, 9)) + 0.75
    y = heights["inputs"]
    axes.text(0, y, drawing.labels.source[0], ha="center", va="center", size=9)
    (begin,) = [(0.0, y + 0.13)]
    for row in side.rows:
        if row.level == "vectors":
            box = Box(0, heights["vectors"], width)
            draw_box(axes, box, row.label, row.colour)
            draw_arrow(axes, [begin, (0, box.bottom)])
            begin = (0, box.top)
    has_places = any(row.kind == "bar" for row in side.rows)
    cells = [heights[level] for level in heights if level.startswith("cells")]
    narrow = width - 0.45 if has_places else width
    right = width / 2
    state = Box(right - narrow / 2, (cells[0] + cells[-1]) / 2, narrow, cells[-1] - cells[0] + BOX)
    draw_box(axes, state, "first state", "joined")
    has_box = begin[1] > y + 0.2
    _fork(axes, begin, (state.x, state.bottom), has_box)
    drawing.first_state = state
    if has_places:
        bar = Box(0, heights["bar"], width)
        draw_box(axes, bar, side.rows[-1].label, side.rows[-1].colour)
        _fork(axes, begin, (bar.left + 0.15, bar.bottom), has_box)
        drawing.bars.append(bar)
    drawing.edges += [-width / 2, right]
    return right + 0.7


def _fork(axes, begin, end, has_box: bool) -> None:
    """An arrow up to a box that does not stand above its beginning."""
    x, y = begin
    if has_box:
        draw_arrow(axes, [(end[0], y), end])
    else:
        draw_arrow(axes, [begin, (x, y + 0.1), (end[0], y + 0.1), end])


def connect(drawing: Any) -> None:
    """Draws what a decoder gets of its source: states and, with attention, all outputs.

    Args:
        drawing: The `Drawing`, both sides of it drawn.
    """
    for level, cells in drawing.boxes.items():
        first = cells[0]
        if not drawing.picture.source_is_sequence:
            draw_arrow(
                drawing.axes, [(drawing.first_state.right, first.y), (first.left, first.y)], "state"
            )
        elif f"{level}_back" in drawing.source_boxes:
            _join_directions(drawing, level, first)
        else:
            last = drawing.source_boxes[level][-1]
            draw_arrow(drawing.axes, [(last.right, last.y), (first.left, first.y)], "state")
    if drawing.picture.attention:
        memory, attention = drawing.bars[:2]
        points = [(memory.right, memory.y), (attention.left, attention.y)]
        draw_arrow(drawing.axes, points, "attention")
        if drawing.picture.input_feeding:
            _feed(drawing, attention)


def _join_directions(drawing, level: str, first: Box) -> None:
    """The last states of both directions, joined, for a layer of the decoder."""
    ahead = drawing.source_boxes[level][-1]
    back = drawing.source_boxes[f"{level}_back"]
    box = Box(back[-1].right + 0.1 + JOIN / 2, first.y, JOIN)
    draw_box(drawing.axes, box, "join", "joined")
    draw_arrow(
        drawing.axes, [(ahead.right, ahead.y), (box.x, ahead.y), (box.x, box.bottom)], "state"
    )
    left, lane = drawing.source_boxes[level][0].left - LANE, back[0].top + LANE
    path = [(back[0].left, back[0].y), (left, back[0].y), (left, lane), (box.x, lane)]
    draw_arrow(drawing.axes, [*path, (box.x, box.top)], "backward")
    draw_arrow(drawing.axes, [(box.right, box.y), (first.left, first.y)], "state")
    drawing.edges.append(left)


def _feed(drawing, attention: Box) -> None:
    """The attention vector of each step, which the lowest layer reads at the next one."""
    cells = drawing.boxes["cells_0"]
    for one, other in zip(cells, cells[1:], strict=False):
        middle, low = (one.right + other.left) / 2, other.bottom - LANE
        port = other.x - other.width / 4
        path = [(middle, attention.bottom), (middle, low), (port, low), (port, other.bottom)]
        draw_arrow(drawing.axes, path, "attention")


def draw_states(drawing: Any) -> None:
    """Draws the states that come in and go out of a single step.

    Args:
        drawing: The `Drawing`, its cells drawn.
    """
    words = "state before", "state after"
    (before, _), (after, _) = text_sizes(words, 9)
    for (cell,) in drawing.boxes.values():
        left, right = cell.left - STUB, cell.right + STUB
        draw_arrow(drawing.axes, [(left, cell.y), (cell.left, cell.y)], "state")
        draw_arrow(drawing.axes, [(cell.right, cell.y), (right, cell.y)], "state")
        drawing.axes.text(left - 0.05, cell.y, words[0], ha="right", va="center", size=9)
        drawing.axes.text(right + 0.05, cell.y, words[1], ha="left", va="center", size=9)
        drawing.edges += [left - before - 0.1, right + after + 0.1]
