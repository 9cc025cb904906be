"""The picture of several labels: what it shows, and that its words have room."""

import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from kerasrnn.plotting import label_scores


def report(number, rng, name="a label with a name too long for a picture {}"):
    rows = {}
    for i in range(number):
        precision, recall = rng.random(2)
        scores = {"precision": precision, "recall": recall, "threshold": rng.random()}
        f1 = 2 * precision * recall / (precision + recall)
        rows[name.format(i)] = {**scores, "f1": f1, "support": int(rng.integers(0, 200_000))}
    return rows


def test_bars_are_f1_in_the_order_of_frequency(rng):
    rows = report(5, rng, "{}")
    axes = label_scores(rows).axes[0]
    order = sorted(rows, key=lambda label: -rows[label]["support"])
    assert [each.get_text() for each in axes.get_yticklabels()] == order
    bars = [bar.get_width() for bar in axes.patches]
    assert bars == [rows[label]["f1"] for label in order]
    for line, name in zip(axes.get_lines(), ("precision", "recall"), strict=True):
        assert line.get_xdata().tolist() == [rows[label][name] for label in order]
    top, bottom = axes.get_ylim()[::-1]
    assert top < 0 < bottom  # the first one is above


@pytest.mark.parametrize("number", [1, 3, 60, 77])
def test_words_have_room(number, rng):
    figure = label_scores(report(number, rng))
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    axes, (side,) = figure.axes[0], figure.axes[0].child_axes
    texts = [*axes.get_yticklabels(), *side.get_yticklabels(), *axes.get_xticklabels()]
    texts += [axes.xaxis.label, side.yaxis.label, figure._suptitle]
    texts += figure.legends[0].get_texts()
    assert len(axes.get_yticklabels()) == min(number, 60)
    boxes = [each.get_window_extent(renderer) for each in texts if each.get_text()]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    whole = figure.bbox
    for box in boxes:
        assert whole.x0 <= box.x0 and box.x1 <= whole.x1
        assert whole.y0 <= box.y0 and box.y1 <= whole.y1
    if number == 77:
        assert "60 most frequent of 77" in figure._suptitle.get_text()


def test_what_is_no_report():
    with pytest.raises(ValueError, match="at least one label"):
        label_scores({})
    with pytest.raises(ValueError, match="the recall of the label 'x'"):
        label_scores({"x": {"precision": 1.0, "f1": np.nan, "support": 3}})
