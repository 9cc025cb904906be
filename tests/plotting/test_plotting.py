"""Pictures: what is drawn, read back from the figure."""

import io
import itertools
import types

import numpy as np
import PIL.Image
import pytest

from kerasrnn.plotting import (
    attention_heatmaps,
    can_show,
    confusion_matrix,
    fonts,
    learning_curve,
    perplexity_bars,
)


def row(epoch, value, rate):
    return {
        "epoch": epoch,
        "perplexity": value - 1,
        "val_perplexity": value,
        "learning_rate": rate,
    }


def test_learning_curve_marks_the_halvings(tmp_path):
    history = [row(0, 200.0, 0.1), row(1, 150.0, 0.1), row(2, 149.0, 0.05), row(3, 140.0, 0.025)]
    figure = learning_curve(history)
    curve, rate = figure.axes
    lines = {line.get_label(): line for line in curve.get_lines()}
    assert list(lines["validation"].get_ydata()) == [200.0, 150.0, 149.0, 140.0]
    assert list(lines["training"].get_xdata()) == [1, 2, 3, 4]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["training", "validation", "learning rate halved"]
    marks = [line.get_xdata()[0] for line in curve.get_lines() if line.get_linestyle() == "--"]
    assert marks == [2.5, 3.5]
    assert "learning rate halved" in lines
    figure.savefig(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 5_000


def test_learning_curve_does_not_mark_a_rate_that_falls_by_itself():
    rates = [0.025, 0.0167, 0.00833, 2.5e-06]
    figure = learning_curve([row(i, 9.0 - i, rate) for i, rate in enumerate(rates)])
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["training", "validation"]
    figure = learning_curve([row(i, 9.0 - i, rate) for i, rate in enumerate((0.1, 0.1, 0.01))])
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["training", "validation", "smaller learning rate"]


def test_marks_of_learning_rates_do_not_lie_on_one_another():
    rates = [0.0167, 0.0143, 0.00833, 2.5e-06]
    _, axes = learning_curve([row(i, 9.0 - i, rate) for i, rate in enumerate(rates)]).axes
    ticks = sorted(axes.get_yticks())
    assert all(high > 1.4 * low for low, high in itertools.pairwise(ticks))


def test_learning_curve_marks_the_epoch_that_is_kept():
    history = [row(0, 200.0, 0.1), row(1, 150.0, 0.1), row(2, 151.0, 0.1)]
    figure = learning_curve(history, kept=2)
    marks = [line for line in figure.axes[0].get_lines() if line.get_label() == "epoch 2 is saved"]
    assert [list(mark.get_xdata()) for mark in marks] == [[2, 2]]
    assert "epoch 2 is saved" in [text.get_text() for text in figure.legends[0].get_texts()]
    for axes in figure.axes:
        assert [2, 2] in [list(line.get_xdata()) for line in axes.get_lines()]


def test_the_loss_is_drawn_beside_an_accuracy():
    history = [
        {
            "epoch": i,
            "accuracy": 0.5 + i / 8,
            "val_accuracy": 0.625,
            "loss": 3.0 - i,
            "val_loss": 2.5,
        }
        for i in range(3)
    ]
    accuracy, loss = learning_curve(history, "accuracy", kept=1).axes
    assert (accuracy.get_ylabel(), loss.get_ylabel()) == ("accuracy", "loss")
    assert list(loss.get_lines()[0].get_ydata()) == [3.0, 2.0, 1.0]
    assert list(loss.get_lines()[1].get_ydata()) == [2.5] * 3
    assert loss.get_xlabel() == "epoch" and accuracy.get_xlabel() == ""
    (only,) = learning_curve(history, "loss").axes
    assert only.get_ylabel() == "loss"


def test_perplexity_close_to_one_is_drawn_by_its_distance():
    curve, _ = learning_curve([row(0, 2.5, 0.1), row(1, 2.25, 0.1)]).axes
    assert curve.get_ylabel() == "perplexity" and curve.get_yscale() == "linear"
    history = [{**row(i, value, 0.1), "perplexity": 2.0} for i, value in enumerate([1.5, 1.0625])]
    curve, _ = learning_curve(history).axes
    assert curve.get_ylabel() == "perplexity − 1" and curve.get_yscale() == "log"
    assert list(curve.get_lines()[1].get_ydata()) == [0.5, 0.0625]


@pytest.mark.parametrize("history", [[], [{"epoch": 0, "loss": 1.0}]])
def test_learning_curve_of_nothing(history):
    with pytest.raises(ValueError, match="Expected at least one epoch with 'perplexity'"):
        learning_curve(history)


def translation(source, target, attention=True):
    weights = np.random.default_rng(1).random((len(target), len(source))) if attention else None
    return types.SimpleNamespace(
        source_tokens=list(source), target_tokens=list(target), text=target, attention=weights
    )


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_heatmaps_show_tokens_and_weights(tmp_path, number):
    translations = [translation("ab c", "12"), *[translation("x", "345")] * (number - 1)]
    figure = attention_heatmaps(translations)
    shown = [axes for axes in figure.axes if axes.get_images() and axes.axison]
    assert len(shown) == number
    first = shown[0]
    assert [label.get_text() for label in first.get_xticklabels()] == ["a", "b", "␣", "c"]
    assert [label.get_text() for label in first.get_yticklabels()] == ["1", "2"]
    np.testing.assert_array_equal(first.get_images()[0].get_array(), translations[0].attention)
    figure.savefig(tmp_path / "attention.png")


def test_marks_between_tokens_are_no_boxes(tmp_path):
    words = ["a", "￭,", "￭"]
    each = types.SimpleNamespace(
        source_tokens=words, target_tokens=words[:2], text="a,", attention=np.full((2, 3), 1 / 3)
    )
    figure = attention_heatmaps([each])
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert ticks == ["a", ",", "‿"]
    each.source_tokens = each.source_tokens[:2]
    each.attention = each.attention[:, :2]
    attention_heatmaps([each]).savefig(tmp_path / "a.png")  # without a warning of a glyph


def test_heatmaps_say_what_is_left_out():
    one = translation("ab", "12")
    assert attention_heatmaps([one]).get_supxlabel() == "source token"
    assert "not drawn: 1,234 in scripts" in attention_heatmaps([one], 1_234).get_supxlabel()
    assert attention_heatmaps([one]).get_suptitle().startswith("Attention")


@pytest.mark.parametrize("translations", [[], [translation("a", "b", attention=False)]])
def test_heatmaps_of_nothing(translations):
    with pytest.raises(ValueError, match="at least one translation"):
        attention_heatmaps(translations)


@pytest.fixture
def without_other_fonts(monkeypatch):
    monkeypatch.setattr(fonts, "OTHERS", ())


@pytest.mark.parametrize(
    "text, shown",
    [
        ("4 mars 2021", True),
        ("4 марта 2021 г.", True),
        ("Μαρτίου\n", True),
        ("٤ مارس", False),  # joined letters, from the right
        ("4 במרץ", False),  # from the right
        ("४ मार्च", False),  # combining vowels
        ("3月4日", False),  # no glyphs
        ("4 mars\u200f", False),  # an invisible mark
    ],
)
def test_what_the_font_can_show(text, shown, without_other_fonts):
    assert can_show(text) is shown


@pytest.mark.parametrize("number", [1, 2, 7, 30, 31])
def test_confusion_shows_counts_and_shares(tmp_path, number):
    counts = np.diag(np.arange(1, number + 1)) * 29
    counts[0, -1] += 13
    labels = ["$", "$x$", "a very long name of a label", "\x00", *(f"L{i}" for i in range(99))]
    figure = confusion_matrix(counts, labels[:number])
    axes = figure.axes[0]
    shares = np.asarray(axes.get_images()[0].get_array())
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares[0, -1] == pytest.approx(counts[0, -1] / counts[0].sum())
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted label", "true label")
    shown = [label.get_text() for label in axes.get_xticklabels()]
    assert shown[:4] == ["$", "$x$", "a very long name of…", "#3"][:number]
    written = {text.get_position(): text.get_text() for text in axes.texts}
    expected = {(c, r): str(n) for (r, c), n in np.ndenumerate(counts) if n}
    assert written == (expected if number <= 30 else {})
    figure.savefig(tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").stat().st_size > 3_000


@pytest.mark.parametrize("shape, labels", [((2, 2), "abc"), ((2, 3), "ab"), ((0, 0), "")])
def test_confusion_of_another_shape(shape, labels):
    with pytest.raises(ValueError, match="Expected counts of the shape"):
        confusion_matrix(np.zeros(shape, "int64"), list(labels))


def test_a_notebook_shows_a_figure_that_a_cell_ends_in():
    """IPython asks for it; the picture is sharper than its place on the screen."""
    figure = perplexity_bars({"3-gram": 200.0})
    data, place = figure._repr_png_()
    width, height = PIL.Image.open(io.BytesIO(data)).size
    assert place["width"] < width and place["height"] < height
    assert place["width"] / place["height"] == pytest.approx(width / height, rel=0.02)
