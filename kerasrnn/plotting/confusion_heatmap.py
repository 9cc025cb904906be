"""The confusion matrix of a classifier, as a heatmap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kerasrnn.checks import UserError, check_texts
from kerasrnn.plotting.fonts import finished, new_figure, shown

__all__ = ["confusion_matrix"]

# With more labels the numbers in the cells would be too many to read.
MOST_WITH_NUMBERS, LONGEST = 30, 20


def confusion_matrix(counts: np.ndarray, labels: Sequence[str]) -> Figure:
    """Draws how often each label was predicted for each true label.

    Args:
        counts: `(L, L)` what `metrics.confusion_counts` returned: a row for each true label, a
            column for each predicted one.
        labels: The names of the L labels.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The colour of a cell is its fraction of the
        row, so that a rare label is as easy to see as a frequent one; the numbers are counts,
        which are left out above 30 labels.

    Raises:
        ValueError: For counts of another shape, or no label.

    Example:

    >>> axes, _ = confusion_matrix(np.array([[5, 2], [0, 3]]), ["no", "yes"]).axes
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('predicted label', 'true label')
    """
    labels = check_texts("labels", labels, "labels")
    counts, number = np.asarray(counts), len(labels)
    if not number or counts.shape != (number, number):
        raise UserError(
            f"Expected counts of the shape {(number, number)}, a row and a column for each of at "
            f"least one label. Received: {counts.shape}"
        )
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    names = [shown(label, i, LONGEST) for i, label in enumerate(labels)]
    cell = _cell_width(counts)
    longest = max(map(len, names))
    margin = 1.4 + 0.09 * longest
    size = max(cell * number, 2.2)
    figure = new_figure(size + margin + 0.8, size + margin)
    figure.set_layout_engine("constrained", w_pad=0.08, h_pad=0.08)
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(range(number), names)
    axes.tick_params(length=0, labelsize=9)
    axes.tick_params(axis="x", labelrotation=90 if 0.09 * longest > size / number else 0)
    axes.set_title("True and predicted labels")
    axes.set_xlabel("predicted label")
    axes.set_ylabel("true label")
    if number <= MOST_WITH_NUMBERS:
        _write_counts(axes, counts, shares)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks(np.arange(number + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(number + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", lw=1)
    axes.tick_params(which="minor", length=0)
    figure.colorbar(image, ax=axes, label="fraction of the true label", shrink=0.8)
    return finished(figure, labels)


def _cell_width(counts: np.ndarray) -> float:
    """Inches that leave room for the longest count."""
    if len(counts) > MOST_WITH_NUMBERS:
        return 0.2
    return 0.16 + 0.085 * max(2, len(str(int(counts.max()))))


def _write_counts(axes, counts: np.ndarray, shares: np.ndarray) -> None:
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.55 else "black"
            axes.text(
                column, row, str(int(count)), ha="center", va="center", color=colour, fontsize=8
            )
