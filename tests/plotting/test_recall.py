"""The picture of the recall probe, read back from the figure."""

import pytest

from kerasrnn.plotting import recall_curves


def row(model, distance, accuracy, before=None, after=None):
    return {
        "model": model,
        "distance": distance,
        "accuracy": accuracy,
        "norm_before": before,
        "norm_after": after,
    }


TABLE = [
    row("fixed_window", 5, 1.0),
    row("fixed_window", 20, 0.13),
    row("lstm", 20, 0.75, 0.03, 0.5),
    row("lstm", 5, 1.0, 0.25, 0.625),
]


def test_a_line_for_each_model(tmp_path):
    figure = recall_curves(TABLE, chance=0.125)
    recalled, gradient = figure.axes
    lines = {line.get_label(): line for line in recalled.get_lines()}
    assert set(lines) == {"fixed window", "lstm", "chance"}
    assert list(lines["lstm"].get_xdata()) == [5, 20]
    assert list(lines["lstm"].get_ydata()) == [1.0, 0.75]
    assert set(lines["chance"].get_ydata()) == {0.125}
    before, after = gradient.get_lines()  # the window has no state
    assert (list(before.get_ydata()), before.get_linestyle()) == ([0.25, 0.03], "--")
    assert (list(after.get_ydata()), after.get_linestyle()) == ([0.625, 0.5], "-")
    assert before.get_color() == after.get_color() == lines["lstm"].get_color()
    assert gradient.get_yscale() == "log"
    assert [label.get_text() for label in recalled.get_xticklabels()] == ["5", "20"]
    figure.savefig(tmp_path / "recall.png")
    assert (tmp_path / "recall.png").stat().st_size > 5_000


def test_equal_lines_are_seen_behind_each_other_and_the_caption_is_below():
    figure = recall_curves(TABLE, caption="word " * 61)
    first, second = figure.axes[0].get_lines()
    assert first.get_linewidth() > second.get_linewidth()
    assert first.get_marker() != second.get_marker()
    written = figure.get_supxlabel()
    assert written.count("\n") >= 2 and written.split() == ["word"] * 61
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["fixed window", "lstm"]
    assert all(axes.get_title() and axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)


def test_without_a_state_there_is_no_gradient():
    recalled, gradient = recall_curves(TABLE[:2]).axes
    assert len(recalled.get_lines()) == 1 and gradient.get_lines() == []


def test_an_empty_table():
    with pytest.raises(ValueError, match="at least one row"):
        recall_curves([])
