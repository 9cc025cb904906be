"""How often models are right on short and on long inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from kerasrnn.checks import UserError, check_size
from kerasrnn.plotting.fonts import finished, new_figure

__all__ = ["accuracy_by_length"]

MARKERS = "osD^vPX*"


def accuracy_by_length(
    lengths: Sequence[int] | np.ndarray,
    right: Mapping[str, Any],
    groups: int = 5,
    unit: str = "tokens",
    title: str = "Right answers by length",
) -> Figure:
    """Draws the fraction of right answers of inputs of like lengths, a line for each model.

    Args:
        lengths: `(N,)` int, the length of each input.
        right: By the name of a model `(N,)` bool, which of its answers are right.
        groups: Into how many groups of about as many inputs they are divided, by their lengths;
            inputs of one length are never parted, so that there may be fewer.
        unit: What is counted.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. Below each group stand its lengths and the
        number of its inputs.

    Raises:
        ValueError: Where there is no input or no model, or one of another number of answers.

    Example:

    >>> right = {"RNN": [True, True, False, False]}
    >>> axes = accuracy_by_length([2, 2, 7, 9], right, groups=2).axes[0]
    >>> [label.get_text() for label in axes.get_xticklabels()]
    ['2\\nn = 2', '7–9\\nn = 2']
    """
    sizes = np.asarray(lengths)
    answers = {name: np.asarray(each, bool) for name, each in right.items()}
    check_size("groups", groups)
    if not sizes.size or not answers or {sizes.shape} != {v.shape for v in answers.values()}:
        raise UserError(
            f"Expected at least one input, and of each model as many answers. Received: "
            f"{sizes.shape} lengths and { ({n: v.shape for n, v in answers.items()}) }"
        )
    members = _groups(sizes, groups)
    figure = new_figure(7, 3.8)
    axes = figure.subplots()
    for i, (name, each) in enumerate(answers.items()):
        shares = [each[group].mean() for group in members]
        axes.plot(shares, marker=MARKERS[i % len(MARKERS)], label=name)
    names = []
    for group in members:
        low, high = sizes[group].min(), sizes[group].max()
        names.append(f"{low}–{high}" if low < high else f"{low}")
    counted = [f"{name}\nn = {len(group)}" for name, group in zip(names, members, strict=True)]
    axes.set_xticks(range(len(members)), counted)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel(f"length in {unit}")
    axes.set_ylabel("fraction of right answers")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title)
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return finished(figure, answers)


def _groups(sizes: np.ndarray, groups: int) -> list[np.ndarray]:
    """The inputs of each group, from the shortest to the longest."""
    ends = np.quantile(sizes, np.arange(1, groups) / groups, method="lower")
    number = np.searchsorted(np.unique(ends), sizes)
    return [np.flatnonzero(number == each) for each in np.unique(number)]
