"""The frames of a video side by side, and below each what was said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kerasrnn.checks import UserError, check_list
from kerasrnn.plotting.fonts import finished, new_figure, shown

__all__ = ["film_strip"]

SIDE, ROW, WIDEST = 0.62, 0.46, 15.0  # inches of a frame, of a row of labels, of all frames
TRUE = "true"
RIGHT, WRONG, EDGE = "#cfe8cf", "#f9b9a8", "#b2182b"


def film_strip(
    frames: Sequence[Any] | np.ndarray,
    answers: Mapping[str, Any],
    truth: Sequence[str] | None = None,
    title: str = "A label for each frame",
) -> Figure:
    """Draws a video as a strip, with a row of labels for each model or each way to ask it.

    Args:
        frames: T frames `(H, W)`, `(H, W, 1)` or `(H, W, 3)`, uint8 or numbers from 0 to 1.
        answers: By its name what stands in a row: T labels, or `FrameLabels`, whose probabilities
            are written too.
        truth: The T true labels, a row of their own. An answer that differs from them is red and
            has a frame.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. Where there is a truth, the name of each other
        row says how many of its labels are wrong.

    Raises:
        ValueError: For what are no frames, where there is none, or a row of another length.

    Example:

    >>> film = np.zeros((2, 8, 8, 1), "uint8")
    >>> axes = film_strip(film, {"model": ["on", "on"]}, truth=["on", "off"]).axes[0]
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['true', 'model\\n1 of 2 wrong']
    """
    frames = check_list("frames", frames, "frames")
    number = len(frames)
    rows = [] if truth is None else [(TRUE, list(truth), None)]
    for name, answer in answers.items():
        labels = list(getattr(answer, "labels", answer))
        rows.append((name, labels, getattr(answer, "probabilities", None)))
    if not number or not rows or any(len(labels) != number for _, labels, _ in rows):
        received = ", ".join(f"{len(labels)} ({name})" for name, labels, _ in rows)
        raise UserError(
            f"Expected at least one frame, and rows of a label for each of {number} frames. "
            f"Received: {received or 'no row'}"
        )
    side = min(SIDE, WIDEST / number)
    figure = new_figure(side * number + 1.9, side + ROW * len(rows) + 0.9)
    axes = figure.subplots()
    for i, frame in enumerate(frames):
        pixels = _pixels(frame)
        edges = (i + 0.03, i + 0.97, -0.03, -side / ROW)
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=1, extent=edges, origin="lower")
    names = [_draw_row(axes, place, row, truth) for place, row in enumerate(rows)]
    axes.set(xlim=(0, number), ylim=(len(rows), -side / ROW), aspect="auto", xlabel="frame")
    axes.set_xticks(np.arange(number) + 0.5, [str(i + 1) for i in range(number)])
    axes.set_yticks(np.arange(len(rows)) + 0.5, names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title)
    return finished(figure, [label for _, labels, _ in rows for label in labels])


def _pixels(frame) -> np.ndarray:
    """`(H, W)` or `(H, W, 3)` from 0 to 1, the last row first."""
    array = np.asarray(frame)
    scale = 255 if array.dtype.kind in "iu" else 1
    if array.shape[2:] == (1,):
        array = array[..., 0]
    return np.clip(array[::-1] / scale, 0, 1)


def _draw_row(axes: Axes, place: int, row: tuple, truth: Sequence[str] | None) -> str:
    """Draws the labels of a row; returns its name, with the number of wrong ones."""
    name, labels, probabilities = row
    wrong = [label != right for label, right in zip(labels, truth or labels, strict=True)]
    for i, (label, is_wrong) in enumerate(zip(labels, wrong, strict=True)):
        fill, edge, width = (WRONG, EDGE, 1.5) if is_wrong else (RIGHT, "none", 1.0)
        corner = i + 0.05, place + 0.06
        axes.add_patch(Rectangle(corner, 0.9, 0.88, fc=fill, ec=edge, lw=width))
        text = shown(label, i)
        if probabilities is not None:
            text += f"\n{100 * float(probabilities[i]):.0f} %"
        look = {"weight": "bold" if is_wrong else "normal", "size": 8, "color": "black"}
        axes.text(i + 0.5, place + 0.5, text, ha="center", va="center", **look)
    said = f"{name}\n{sum(wrong)} of {len(wrong)} wrong"
    return name if truth is None or name == TRUE else said
