"""Where the boxes and arrows of an unrolled model stand."""

from __future__ import annotations

import dataclasses

from matplotlib.axes import Axes

from kerasrnn.plotting.boxes import BOX, Box, draw_arrow, draw_box
from kerasrnn.plotting.fonts import text_sizes
from kerasrnn.plotting.unrolled import Row, Side, Unrolled
from kerasrnn.plotting.unrolled_links import connect, draw_one_source, draw_states

__all__ = ["Drawing", "Labels"]

GAP, APART, STUB, SIZE = 0.36, 0.24, 0.5, 9  # inches between rows and boxes; points
# Where an output leaves a column: its place, and the points that arrows begin from.
Port = tuple[float, list[tuple[float, float]]]


@dataclasses.dataclass(frozen=True)
class Labels:
    """The words of a picture: below the source, below the steps, above, and as they were given."""

    source: list[str]
    main: list[str]
    answers: list[str]
    raw: list[str]


class Drawing:
    """Draws an unrolled model, in inches.

    `captions` and `returns` are what is to be written on the left and on the right of the rows:
    lists of a height and a text. `frame` gives the edges of what is drawn.
    """

    def __init__(self, axes: Axes, picture: Unrolled, labels: Labels):
        self.axes, self.picture, self.labels = axes, picture, labels
        sides = [side for side in (picture.source, picture.main) if side]
        rows = [row for side in sides for row in side.rows]
        words = [row.label for row in rows if row.kind != "bar"]
        self.width = max(0.6, *(w + 0.2 for w, _ in text_sizes(words, SIZE)))
        self.captions: list[tuple[float, str]] = []
        self.returns: list[tuple[float, str]] = []
        self.heights = self._levels(rows)
        self.boxes: dict[str, list[Box]] = {}  # cells by level, those of the last side drawn
        self.source_boxes: dict[str, list[Box]] = {}
        self.bars: list[Box] = []
        self.edges: list[float] = []

    def draw(self) -> None:
        """Draws everything but the captions."""
        picture, start = self.picture, 0.0
        if picture.source and picture.source_is_sequence:
            start = self._draw_encoder(picture.source)
        elif picture.source:
            start = draw_one_source(self, picture.source)
        pitch, half, overflow = self._sizes(picture.main, self.labels.main)
        xs = [start + half + overflow + i * pitch for i in range(len(self.labels.main))]
        self._draw_side(picture.main, xs, self.labels.main, half)
        if picture.source:
            connect(self)
        if picture.single:
            draw_states(self)
        self._caption()

    def frame(self) -> tuple[float, float, float, float]:
        """Returns left, right, bottom and top."""
        ys = self.heights
        return min(self.edges), max(self.edges), ys["inputs"] - 0.12, ys["answers"] + 0.12

    def _caption(self) -> None:
        """Notes what is to be written beside the rows, of both sides or of the only one."""
        main, source = self.picture.main, self.picture.source
        for row in main.rows:
            y = self.heights[row.level]
            beside = [row.caption, row.returns] if source else [row.returns]
            self.returns.append((y, "\n".join(filter(None, beside))))
            self.captions.append((y, "" if source else row.caption))
        for row in source.rows if source else ():
            beside = "\n".join(filter(None, [row.caption, row.returns]))
            self.captions.append((self.heights[row.level], beside))
        inputs, answers = self.heights["inputs"], self.heights["answers"]
        self.captions.append((inputs, self._input_words()))
        if source:
            self.returns.append((inputs, main.inputs))
        self.returns.append((answers, main.answers))
        self.captions = [each for each in self.captions if each[1]]
        self.returns = [each for each in self.returns if each[1]]

    def _input_words(self) -> str:
        picture = self.picture
        if picture.source:
            return picture.source.inputs if picture.source_is_sequence else "one input"
        return picture.main.inputs

    def _draw_encoder(self, side: Side) -> float:
        """Draws the steps of an encoder; returns where the decoder may begin."""
        pitch, half, overflow = self._sizes(side, self.labels.source)
        xs = [i * pitch for i in range(len(self.labels.source))]
        self._draw_side(side, xs, self.labels.source, half)
        self.source_boxes, self.boxes = self.boxes, {}
        twofold = any(row.both_ways for row in side.rows)
        return xs[-1] + half + overflow + (1.15 if twofold else 0.7)

    def _levels(self, rows: list[Row]) -> dict[str, float]:
        """The heights of the centres of the rows, from below."""
        used = {row.level for row in rows}
        twofold = {row.level for row in rows if row.both_ways}
        number = sum(level.startswith("cells") for level in used)
        names = ["inputs", "vectors"]
        for i in range(number):
            names += [f"cells_{i}", f"join_{i}"]
        names += ["bar", "head", "labels", "answers"]
        y, heights = 0.0, {}
        for name in names:
            if name in ("inputs", "answers") or name in used:
                size = 0.16 if name in ("inputs", "answers") else BOX
                size = 2 * BOX + APART if name in twofold else size
                heights[name] = y + size / 2
                y += size + GAP
        return heights

    def _sizes(self, side: Side, words: list[str]) -> tuple[float, float, float]:
        """Distance of the columns, half the width of one, and what bars need beyond."""
        twofold = any(row.both_ways for row in side.rows)
        half = self.width * (0.75 if twofold else 0.5)
        tokens = max(w for w, _ in text_sizes([*words, *self.labels.answers], SIZE))
        half = max(half, tokens / 2)
        pitch = 2 * half + (0.45 if twofold else 0.4)
        bars = [row.label for row in side.rows if row.kind == "bar"]
        longest = max([w + 0.3 for w, _ in text_sizes(bars, SIZE)], default=0.0)
        return pitch, half, max(0.0, longest - (len(words) - 1) * pitch - 2 * half) / 2

    def _draw_side(self, side: Side, xs: list[float], words: list[str], half: float) -> None:
        ports = self._write(xs, words, "inputs")
        for row in side.rows:
            y = self.heights[row.level]
            if row.kind == "cells":
                last = self._last_only(side, row)
                ports = self._draw_cells(row, xs, y, ports, last)
            elif row.kind == "boxes":
                ports = self._draw_boxes(row, y, ports)
            else:
                ports = self._draw_bar(row, y, xs, half, ports, side.outputs == "middle")
        if side.outputs != "none":
            self._draw_answers(ports)
        self.edges += [xs[0] - half, xs[-1] + half]

    def _last_only(self, side: Side, row: Row) -> bool:
        """Whether no more than the last output of a row of cells goes on."""
        cells = [each for each in side.rows if each.kind == "cells"]
        after = side.rows[side.rows.index(row) + 1 :]
        if row is not cells[-1]:
            return False
        if row.both_ways:
            return not any(each.level == row.level.replace("cells", "join") for each in after)
        return side.outputs == "last"

    def _write(self, xs: list[float], words: list[str], level: str) -> list[Port]:
        y = self.heights[level]
        for x, word in zip(xs, words, strict=True):
            self.axes.text(x, y, word, ha="center", va="center", size=SIZE)
        return [(x, [(x, y + 0.13)]) for x in xs]

    def _draw_boxes(self, row: Row, y: float, ports: list[Port]) -> list[Port]:
        after = []
        for x, points in ports:
            box = Box(x, y, self.width if len(points) == 1 else 0.42)
            draw_box(self.axes, box, row.label, row.colour, SIZE)
            if len(points) == 1:
                draw_arrow(self.axes, [points[0], (x, box.bottom)])
            else:
                for (px, py), edge in zip(points, (box.left, box.right), strict=True):
                    draw_arrow(self.axes, [(px, py), (px, y), (edge, y)])
            after.append((x, [(x, box.top)]))
        return after

    def _draw_bar(self, row, y, xs, half, ports: list[Port], middle: bool) -> list[Port]:
        centre = (xs[0] + xs[-1]) / 2
        (width, _), *_ = text_sizes([row.label], SIZE)
        bar = Box(centre, y, max(xs[-1] - xs[0] + 2 * half, width + 0.3))
        draw_box(self.axes, bar, row.label, row.colour, SIZE)
        for _, points in ports:
            for px, py in points:
                draw_arrow(self.axes, [(px, py), (px, bar.bottom)])
        self.bars.append(bar)
        self.edges += [bar.left, bar.right]
        if middle and row.level == "bar":
            return [(centre, [(centre, bar.top)])]
        return [(x, [(x, bar.top)]) for x, _ in ports]

    def _draw_answers(self, ports: list[Port]) -> None:
        self._write([x for x, _ in ports], self.labels.answers, "answers")
        for x, points in ports:
            draw_arrow(self.axes, [points[0], (x, self.heights["answers"] - 0.13)])
        widths = [w for w, _ in text_sizes(self.labels.answers, SIZE)]
        for (x, _), width in zip(ports, widths, strict=True):
            self.edges += [x - width / 2, x + width / 2]

    def _draw_cells(self, row: Row, xs, y: float, ports: list[Port], last: bool) -> list[Port]:
        if row.both_ways:
            return self._draw_both(row, xs, y, ports, last)
        boxes = [Box(x, y, self.width) for x in xs]
        self.boxes[row.level] = boxes
        for box, (_, points) in zip(boxes, ports, strict=True):
            draw_box(self.axes, box, row.label, "cells", SIZE)
            draw_arrow(self.axes, [points[0], (box.x, box.bottom)])
        for one, other in zip(boxes, boxes[1:], strict=False):
            draw_arrow(self.axes, [(one.right, y), (other.left, y)], "state")
        after = [(box.x, [(box.x, box.top)]) for box in boxes]
        return after[-1:] if last else after

    def _draw_both(self, row: Row, xs, y: float, ports: list[Port], last: bool) -> list[Port]:
        """Cells that read forwards, below at the left, and from the end, above at the right."""
        w, up = self.width, (BOX + APART) / 2
        ahead = [Box(x - w / 4, y - up, w) for x in xs]
        back = [Box(x + w / 4, y + up, w) for x in xs]
        self.boxes[row.level], self.boxes[f"{row.level}_back"] = ahead, back
        for one, two, (x, points) in zip(ahead, back, ports, strict=True):
            draw_box(self.axes, one, row.label, "cells", SIZE)
            draw_box(self.axes, two, row.label, "backward", SIZE)
            (px, py), *_ = points
            turn = (py + one.bottom) / 2 - 0.05
            draw_arrow(self.axes, [(px, py), (x, one.bottom)])
            side = x + w / 2
            draw_arrow(self.axes, [(px, py), (px, turn), (side, turn), (side, two.bottom)])
        for one, other in zip(ahead, ahead[1:], strict=False):
            draw_arrow(self.axes, [(one.right, one.y), (other.left, one.y)], "state")
        for one, other in zip(back, back[1:], strict=False):
            draw_arrow(self.axes, [(other.left, one.y), (one.right, one.y)], "backward")
        out = [(x - w / 2, a.top) for x, a in zip(xs, ahead, strict=True)]
        out_back = [(x + w / 2, b.top) for x, b in zip(xs, back, strict=True)]
        if last:
            return [(xs[-1], [out[-1]]), (xs[0], [out_back[0]])]
        return [(x, [a, b]) for x, a, b in zip(xs, out, out_back, strict=True)]
