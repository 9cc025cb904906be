"""Precision, recall and F1 of a class against the threshold from which on it is answered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure

__all__ = ["threshold_curve"]

LOOKS = {
    "precision": ("tab:blue", "--"),
    "recall": ("tab:orange", "-."),
    "F1": ("tab:green", "-"),
}


def threshold_curve(
    probabilities: Sequence[float] | np.ndarray,
    positive: Sequence[bool] | np.ndarray,
    threshold: float | None = None,
    name: str = "the class",
    title: str = "What the threshold decides",
) -> Figure:
    """Draws precision, recall and F1 of one of two classes for each threshold.

    Args:
        probabilities: `(N,)` that of the class for each example, from 0 to 1.
        positive: `(N,)` bool, whether the class is the true one.
        threshold: The probability from which on the class is answered, which is marked, such as
            what `metrics.best_threshold` found.
        name: What the class is called.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. Each curve is a staircase, with a step where an
        example is. Above the largest probability nothing is answered and nothing drawn.

    Raises:
        ValueError: Where no example is of the class, or the lengths differ, or a number is no
            probability.

    Example:

    >>> axes = threshold_curve([0.2, 0.4, 0.9], [False, True, True], threshold=0.3).axes[0]
    >>> [line.get_label() for line in axes.get_lines()]
    ['precision', 'recall', 'F1', 'threshold 0.30']
    """
    each, is_true = np.asarray(probabilities, "float64"), np.asarray(positive, bool)
    if each.ndim != 1 or each.shape != is_true.shape or not is_true.any():
        raise UserError(
            "Expected a probability for each example, at least one of which is of the class. "
            f"Received: {each.shape} probabilities, {int(is_true.sum())} of {is_true.shape} true"
        )
    if not (np.isfinite(each).all() and 0 <= each.min() and each.max() <= 1):
        raise UserError(
            f"Expected probabilities from 0 to 1. Received: {each.min()} to {each.max()}"
        )
    edges, curves = _scores(each, is_true)
    figure = new_figure(7, 3.8)
    axes = figure.subplots()
    for label, (colour, style) in LOOKS.items():
        axes.step(edges, curves[label], where="pre", color=colour, ls=style, label=label)
    if threshold is not None:
        label = f"threshold {threshold:.2f}"
        axes.axvline(threshold, color="tab:red", lw=1, ls=":", label=label)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.03)
    axes.set_xlabel(f"probability from which on {name} is answered")
    axes.set_ylabel(f"precision, recall and F1 of {name}")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title)
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return finished(figure)


def _scores(probabilities: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, dict]:
    """The thresholds, from 0 on, and what holds up to each of them from the one before."""
    edges, inverse = np.unique(probabilities, return_inverse=True)
    hits = np.cumsum(np.bincount(inverse, positive)[::-1])[::-1]
    answered = np.cumsum(np.bincount(inverse)[::-1])[::-1]
    total = positive.sum()
    curves = {
        "precision": hits / answered,
        "recall": hits / total,
        "F1": 2 * hits / (answered + total),
    }
    first = {label: np.concatenate([values[:1], values]) for label, values in curves.items()}
    return np.concatenate([[0.0], edges]), first
