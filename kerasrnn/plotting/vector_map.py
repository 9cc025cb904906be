"""Word vectors in two dimensions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kerasrnn.checks import UserError, check_texts
from kerasrnn.plotting.fonts import finished, new_figure, shown, text_sizes

__all__ = ["principal_components", "word_vectors"]

SIZE = 9  # points
# Where a label may stand: directions, the best ones first, and distances in inches.
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
DISTANCES = (0.05, 0.16, 0.28, 0.42, 0.6)
DOT = 0.035  # inches from its middle to its edge
MARGIN = 0.02  # around a label


def principal_components(vectors: np.ndarray, number: int = 2) -> np.ndarray:
    """Projects vectors onto the directions in which they differ most.

    Args:
        vectors: `(N, D)` numbers.
        number: The number of directions K; where there are fewer, the rest is 0.

    Returns:
        `(N, K)` float64, whose mean is 0; the largest number of each direction by size is positive.

    Example:

    >>> vectors = np.array([[0.0, 2.0], [0.0, 4.0], [0.0, 9.0]])
    >>> principal_components(vectors, 1).ravel().round(9).tolist()
    [-3.0, -1.0, 4.0]
    """
    centred = np.asarray(vectors, "float64")
    centred = centred - centred.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    places = (left * sizes)[:, :number]
    if places.size:
        furthest = np.abs(places).argmax(axis=0)
        places = places * np.where(places[furthest, range(places.shape[1])] < 0, -1, 1)
    return np.pad(places, ((0, 0), (0, number - places.shape[1])))


def word_vectors(
    words: Sequence[str],
    vectors: np.ndarray,
    groups: Sequence[str] | None = None,
    title: str = "Word vectors in two dimensions",
) -> Figure:
    """Draws words by the two directions in which their vectors differ most.

    Args:
        words: N words; with more than about 100 labels lie on each other.
        vectors: `(N, D)` their vectors.
        groups: For each word the name of its group, which is its colour.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The axes say how much of all differences lies
        in their direction. Where labels have no room beside their dots, a line leads to them.

    Raises:
        ValueError: Where there are less than two words, or vectors or groups of another number.

    Example:

    >>> axes = word_vectors(["one", "two", "red"], np.eye(3)).axes[0]
    >>> [text.get_text() for text in axes.texts]
    ['one', 'two', 'red']
    """
    words, vectors = check_texts("words", words, "words"), np.asarray(vectors, "float64")
    number = len(words)
    if number < 2 or vectors.ndim != 2 or len(vectors) != number:
        raise UserError(
            "Expected at least two words and a vector for each. "
            f"Received: {number} words and vectors of the shape {vectors.shape}"
        )
    if groups is not None and len(groups) != number:
        raise UserError(f"Expected a group for each of {number} words. Received: {len(groups)}")
    places = principal_components(vectors)
    total = ((vectors - vectors.mean(axis=0)) ** 2).sum()
    shares = (places**2).sum(axis=0) / total if total else np.zeros(2)
    figure = new_figure(8, 6)
    axes = figure.subplots()
    of = list(groups) if groups is not None else [None] * number
    for i, name in enumerate(dict.fromkeys(of)):
        chosen = np.array([each == name for each in of])
        axes.plot(*places[chosen].T, "o", ms=5, color=f"C{i % 10}", label=name)
    if groups is not None:
        figure.legend(loc="outside right upper", frameon=False)
    for axis, share, place in zip(
        (axes.xaxis, axes.yaxis), shares, ("first", "second"), strict=True
    ):
        axis.set_label_text(f"{place} direction ({100 * share:.0f} % of all differences)")
    axes.set_title(title)
    axes.grid(alpha=0.3)
    axes.margins(0.08)
    labels = [shown(word, i) for i, word in enumerate(words)]
    _write_labels(figure, axes, labels, places)
    return finished(figure, words)


def _write_labels(figure: Figure, axes, labels: list[str], places: np.ndarray) -> None:
    """Puts each label where it lies on none of those before it nor on a dot, if there is room."""
    finished(figure).draw_without_rendering()  # so that the axes have their size
    dots = axes.transData.transform(places) / figure.dpi
    frame = axes.get_window_extent().extents / figure.dpi
    taken = [_around(dot, (2 * DOT, 2 * DOT)) for dot in dots]
    sizes = np.array(text_sizes(labels, SIZE)) + MARGIN
    for label, size, dot, place in zip(labels, sizes, dots, places, strict=True):
        least, middle, far = math.inf, dot, 0.0
        for distance, (x, y) in itertools.product(DISTANCES, DIRECTIONS):
            tried = dot + [x * (distance + size[0] / 2), y * (distance + size[1] / 2)]
            box = _around(tried, size)
            overlap = sum(_overlap(box, other) for other in taken) + _outside(box, frame)
            if overlap < least - 1e-9:
                least, middle, far = overlap, tried, distance
            if not overlap:
                break
        taken.append(_around(middle, size))
        line = {"arrowstyle": "-", "color": "tab:gray", "lw": 0.6, "shrinkA": 0, "shrinkB": 2}
        axes.annotate(
            label,
            place,
            (middle - dot) * 72,
            textcoords="offset points",
            size=SIZE,
            ha="center",
            va="center",
            arrowprops=line if far > DISTANCES[0] else None,
        )


def _around(middle, size) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a box."""
    (x, y), (width, height) = middle, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _overlap(one, other) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def _outside(box, frame) -> float:
    area = (box[2] - box[0]) * (box[3] - box[1])
    return area - _overlap(box, frame)
