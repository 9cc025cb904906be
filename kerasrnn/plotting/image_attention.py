"""Where a model looked in an image for each word that it said of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from kerasrnn.checks import UserError, check_texts
from kerasrnn.plotting.fonts import finished, new_figure, shown

__all__ = ["attention_over_image"]

COLUMNS = 5
LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def attention_over_image(
    image: np.ndarray,
    tokens: Sequence[str],
    attention: np.ndarray,
    grid: tuple[int, int] | None = None,
    title: str = "Attention over the places of the image",
) -> Figure:
    """Draws the image, and once for each token with the places that it attended to.

    Args:
        image: `(H, W)`, `(H, W, 1)` or `(H, W, 3)` numbers, from 0 to 255 or from 0 to 1.
        tokens: The T tokens of the caption, the end token included.
        attention: `(T, N)` weights over the N places, row by row from the top, as
            `Captioner.caption` gives them; or `(T, rows, columns)`.
        grid: Rows and columns of the places; by default as many of both.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The colour is the weight of a place, on the
        same scale in all panels.

    Raises:
        ValueError: Where there is no token, no image, or attention of another shape.

    Example:

    >>> figure = attention_over_image(np.eye(8), ["a", "line"], np.full((2, 4), 0.25))
    >>> [axes.get_title() for axes in figure.axes[:3]]
    ['image', 'a', 'line']
    """
    tokens = check_texts("tokens", tokens, "tokens")
    image, weights = _pixels(image), np.asarray(attention, "float64")
    if weights.ndim == 2:
        side = math.isqrt(weights.shape[1])
        rows, columns = grid or (side, side)
        if rows * columns == weights.shape[1]:
            weights = weights.reshape(-1, rows, columns)
    if not len(tokens) or weights.ndim != 3 or len(weights) != len(tokens):
        raise UserError(
            f"Expected attention over the places of a grid for each of {len(tokens)} tokens, at "
            f"least one. Received: the shape {np.shape(attention)} and the grid {grid}"
        )
    columns = min(COLUMNS, len(tokens) + 1)
    rows = -(-(len(tokens) + 1) // columns)
    tall = image.shape[0] / image.shape[1]
    figure = new_figure(1.7 * columns + 1.2, (1.6 * min(tall, 2) + 0.4) * rows + 0.5)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in panels.flat:
        axes.set_axis_off()
    first, *others = panels.flat
    _draw_image(first, image)
    first.set_title("image", size=10, style="italic")
    edges = (-0.5, image.shape[1] - 0.5, image.shape[0] - 0.5, -0.5)
    most = weights.max() or 1.0
    look = {"cmap": "Reds", "vmin": 0, "vmax": most, "extent": edges, "interpolation": "nearest"}
    gray = image if image.ndim == 2 else image @ LUMINANCE
    for i, (token, axes) in enumerate(zip(tokens, others, strict=False)):
        _draw_image(axes, gray)
        axes.imshow(weights[i], alpha=0.85 * weights[i] / most, **look)
        axes.set_title(shown(token, i, longest=16), size=10)
    # Of its own, without the transparency of the pictures.
    scale = ScalarMappable(Normalize(0, most), look["cmap"])
    figure.colorbar(scale, ax=panels, label="attention", aspect=30)
    figure.suptitle(title)
    return finished(figure, tokens)


def _pixels(image) -> np.ndarray:
    """`(H, W)` or `(H, W, 3)`, from 0 to 1."""
    array = np.asarray(image)
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    if not array.size or array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[-1] != 3):
        raise UserError(
            f"Expected an image (H, W), (H, W, 1) or (H, W, 3). Received: {np.shape(image)}"
        )
    values = array.astype("float64")
    return np.clip(values / 255 if values.max() > 1 else values, 0, 1)


def _draw_image(axes, image: np.ndarray) -> None:
    axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
