"""How well each of several labels is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure, shown

__all__ = ["label_scores"]

MOST, LONGEST = 60, 24  # labels, and characters of each
ROW = 0.24  # inches
FIGURE_SPACE = "\u2007"  # as wide as a digit
MARKS = {"precision": (">", "tab:blue"), "recall": ("<", "tab:orange")}


def label_scores(
    report: Mapping[str, Mapping[str, Any]], title: str = "How well each label is found"
) -> Figure:
    """Draws F1, precision and recall of each label, the most frequent one first.

    Args:
        report: By label its `precision`, `recall`, `f1` and `support`, and perhaps the `threshold`
            from which on it is answered, as `MultiLabelClassifier.report` says them.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. The bar of a label is its F1; behind it stand
        how many examples have it, and its threshold. Of more than 60 labels these are the most
        frequent ones.

    Raises:
        ValueError: For no label, or one that lacks a score.

    Example:

    >>> scores = {"precision": 0.5, "recall": 1.0, "f1": 2 / 3, "support": 7, "threshold": 0.4}
    >>> axes = label_scores({"toxic": scores}).axes[0]
    >>> axes.get_yticklabels()[0].get_text(), len(axes.patches)
    ('toxic', 1)
    """
    wanted = "precision", "recall", "f1", "support"
    for label, scores in report.items():
        if missing := [name for name in wanted if name not in scores]:
            raise UserError(f"Expected the {missing[0]} of the label {label!r}. Received: none")
    if not report:
        raise UserError("Expected at least one label. Received: none")
    rows = sorted(report.items(), key=lambda row: -row[1]["support"])[:MOST]
    if len(rows) < len(report):
        title = f"{title} (the {MOST} most frequent of {len(report)})"
    figure = new_figure(7.5, ROW * len(rows) + 1.6)
    axes = figure.subplots()
    places = list(range(len(rows)))
    f1 = [scores["f1"] for _, scores in rows]
    axes.barh(places, f1, height=0.7, color="tab:green", alpha=0.45, label="F1")
    for name, (marker, colour) in MARKS.items():
        found = [scores[name] for _, scores in rows]
        axes.plot(found, places, marker, color=colour, ms=5, label=name, clip_on=False)
    axes.set_yticks(places, [shown(label, i, LONGEST) for i, (label, _) in enumerate(rows)])
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    side = axes.secondary_yaxis("right")
    side.set_yticks(places, _numbers([scores for _, scores in rows]))
    side.tick_params(length=0, labelsize=8, pad=9)
    side.spines["right"].set_visible(False)
    side.set_ylabel("examples, threshold" if "threshold" in rows[0][1] else "examples", fontsize=9)
    axes.set_xlim(0, 1)
    axes.set_xlabel("F1, precision and recall")
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return finished(figure, [label for label, _ in rows])


def _numbers(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many examples have each label, digit below digit, and its threshold."""
    supports = [f"{scores['support']:,}" for scores in rows]
    width = max(map(len, supports))
    return [
        support.rjust(width, FIGURE_SPACE)
        + (f"   {scores['threshold']:.2f}" if "threshold" in scores else "")
        for support, scores in zip(supports, rows, strict=True)
    ]
