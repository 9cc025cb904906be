"""Pictures of lessons, read back from the figures."""

import types
import warnings

import numpy as np
import pytest
from matplotlib import ft2font
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from kerasrnn import plotting
from kerasrnn.plotting import fonts


def texts(axes):
    return [text.get_text() for text in axes.texts]


def tagging(tokens, labels, confidences=None, entities=None):
    return types.SimpleNamespace(
        tokens=tokens.split(), labels=labels.split(), confidences=confidences, entities=entities
    )


NAMES = tagging("Ada of New York left", "B-PER O B-LOC I-LOC O", np.array([0.5, 1, 0.9, 0.7, 1]))


def test_an_entity_is_one_box_with_its_confidence():
    axes = plotting.tagged_text([NAMES]).axes[0]
    assert texts(axes) == ["Ada", "PER 50 %", "of", "", "New York", "LOC 70 %", "left", ""]
    boxes = [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    assert len(boxes) == 2 and boxes[0].get_facecolor() != boxes[1].get_facecolor()
    NAMES.entities = [types.SimpleNamespace(start=2, end=4, confidence=0.625)]
    assert "LOC 62 %" in texts(plotting.tagged_text([NAMES]).axes[0])


def test_labels_without_entities_have_a_box_each():
    axes = plotting.tagged_text([tagging("a b a", "DET NOUN DET")], title="Words").axes[0]
    assert texts(axes) == ["a", "DET", "b", "NOUN", "a", "DET"] and axes.get_title() == "Words"
    first, second, third = (patch.get_facecolor() for patch in axes.patches)
    assert first == third != second


def test_boxes_of_long_sentences_lie_in_lines_and_apart():
    words = [f"{'w' * (i % 23)}{i}" for i in range(97)]
    one = types.SimpleNamespace(tokens=words, labels=["X"] * 97)
    axes = plotting.tagged_text([one]).axes[0]
    boxes = [(p.get_x(), p.get_y(), p.get_x() + p.get_width()) for p in axes.patches]
    rows = {}
    for left, low, right in boxes:
        rows.setdefault(low, []).append((left, right))
    assert len(rows) > 3
    right = axes.get_xlim()[1]
    for row in rows.values():
        ends = [edge for box in row for edge in box]
        assert ends == sorted(ends) and ends[0] >= 0 and ends[-1] <= right


def test_the_colour_of_a_word_is_its_order():
    figure = plotting.ngram_orders(["a b a", ["c"]], [[1, 3, 3, 2], np.array([1, 1])])
    axes = figure.axes[0]
    assert texts(axes)[::2] == ["a", "b", "a", "(end)", "c", "(end)"]
    assert texts(axes)[1::2] == ["1", "3", "3", "2", "1", "1"]
    colours = [patch.get_facecolor() for patch in axes.patches]
    assert colours[0] == colours[4] == colours[5] and colours[1] == colours[2] != colours[0]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["order 1: 3 (50 %)", "order 2: 1 (17 %)", "order 3: 2 (33 %)"]


def test_a_forecast_goes_on_where_the_history_ends():
    axes = plotting.forecast_curve([5, 7, 11], [13, 17], truth=[12, 19], baseline=[11, 11]).axes[0]
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert list(lines["history"].get_xdata()) == [-2, -1, 0]
    assert list(lines["forecast"].get_xdata()) == [0, 1, 2]
    assert list(lines["forecast"].get_ydata()) == [11, 13, 17]
    assert list(lines["truth"].get_ydata()) == [11, 12, 19]
    drawn = [lines[name] for name in ("truth", "baseline", "forecast")]
    assert (
        len({line.get_linestyle() for line in drawn})
        == len({line.get_marker() for line in drawn})
        == 3
    )
    axes = plotting.forecast_curve(range(14), range(7)).axes[0]
    assert all(float(tick).is_integer() for tick in axes.get_xticks())
    days = np.arange("2024-02-28", "2024-03-03", dtype="datetime64[D]")
    axes = plotting.forecast_curve(
        [5.0, 7.0], [11.0, 13.0], times=list(days), quantity="price"
    ).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time", "price")


def test_bars_begin_at_nothing_and_name_what_is_impossible():
    given = {"counted": 200.0, "neural": 150.0, "unsmoothed": np.inf, "worse": 220.0}
    axes = plotting.perplexity_bars(given, baseline="counted", title="Test").axes[0]
    assert [bar.get_x() for bar in axes.patches] == [0] * 4
    assert [bar.get_width() for bar in axes.patches] == [200, 150, 220, 220]
    assert texts(axes) == ["200.0", "150.0 (−25 %)", "∞ (impossible)", "220.0 (+10 %)"]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(given)
    assert axes.get_xlim()[0] == 0 and "perplexity" in axes.get_xlabel()


def test_the_best_weight_is_marked():
    weights = np.array([1.0, 0.0, 0.25, 0.75])
    axes = plotting.interpolation_curve(weights, [90, 120, 80, 70], ("LSTM", "5-gram")).axes[0]
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert list(lines["mixture"].get_xdata()) == [0, 0.25, 0.75, 1]
    assert list(lines["mixture"].get_ydata()) == [120, 80, 70, 90]
    assert list(lines["best: 70.0 at 0.75"].get_xdata()) == [0.75]
    assert {"LSTM alone: 90.0", "5-gram alone: 120.0"} <= set(lines)


def test_principal_components_keep_the_distances(rng):
    vectors = rng.normal(size=(13, 5)) * [7, 1, 5, 0.1, 0.3]
    places = plotting.principal_components(vectors, 5)

    def apart(each):
        return np.linalg.norm(each[:, None] - each, axis=-1)

    np.testing.assert_allclose(apart(places), apart(vectors), atol=1e-9)
    covariance = np.cov(vectors.T)
    np.testing.assert_allclose(
        places.var(axis=0, ddof=1), np.sort(np.linalg.eigvalsh(covariance))[::-1], rtol=1e-9
    )
    np.testing.assert_allclose(places[:, :2], plotting.principal_components(vectors))
    assert plotting.principal_components(np.ones((3, 1))).shape == (3, 2)


def test_labels_of_words_lie_apart(rng):
    words = [f"word{i}" for i in range(37)]
    figure = plotting.word_vectors(words, rng.normal(size=(37, 7)), ["a", "b"] * 18 + ["a"])
    figure.draw_without_rendering()
    axes = figure.axes[0]
    boxes = [Text.get_window_extent(text) for text in axes.texts]  # without their lines
    assert texts(axes) == words
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert axes.get_window_extent().overlaps(box)
    assert "first direction" in axes.get_xlabel() and "second direction" in axes.get_ylabel()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_a_panel_for_each_word_of_an_image(rng):
    image, weights = rng.random((13, 17, 3)), rng.dirichlet(np.ones(6), 7)
    tokens = [*"abcdef", "<end>"]
    figure = plotting.attention_over_image(image, tokens, weights, grid=(2, 3))
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["image", *tokens]
    for axes, row in zip(panels[1:], weights, strict=True):
        ground, heat = axes.get_images()
        np.testing.assert_array_equal(heat.get_array(), row.reshape(2, 3))
        assert heat.get_extent() == ground.get_extent() and heat.get_clim() == (0, weights.max())
    assert figure.axes[-1].get_ylabel() == "attention"
    bytes_of = (image * 255).astype("uint8")[..., :1]
    figure = plotting.attention_over_image(bytes_of, ["x"], np.full((1, 4), 0.25))
    assert figure.axes[0].get_images()[0].get_array().max() <= 1


def test_a_histogram_says_what_the_cut_takes():
    axes = plotting.length_histogram([1, 1, 2, 5, 11], cut=5, unit="words").axes[0]
    heights = {round(b.get_x() + b.get_width() / 2): b.get_height() for b in axes.patches}
    assert {length: height for length, height in heights.items() if height} == {
        1: 2,
        2: 1,
        5: 1,
        11: 1,
    }
    assert list(axes.get_lines()[0].get_xdata()) == [5.5, 5.5]
    (said,) = [text.get_text() for text in axes.get_legend().get_texts()]
    assert said == "cut at 5: 1 of 5 examples is longer, 30.0 % of all words are lost"
    many = plotting.length_histogram(np.arange(10_000)).axes[0]
    assert sum(bar.get_height() for bar in many.patches) == 10_000 and len(many.patches) <= 50
    assert many.get_legend() is None


TOKENS = ["$x$", "￭,", "가나다", "मार्च", "سلام", "\n", "a" * 99, "\x00"]
DRAWN = {
    "tags": lambda: plotting.tagged_text([types.SimpleNamespace(tokens=TOKENS, labels=TOKENS)]),
    "orders": lambda: plotting.ngram_orders([TOKENS], [range(1, 10)]),
    "vectors": lambda: plotting.word_vectors(TOKENS, np.eye(8)),
    "image": lambda: plotting.attention_over_image(np.eye(4), TOKENS, np.full((8, 4), 0.25)),
    "confusion": lambda: plotting.confusion_matrix(np.eye(8), TOKENS),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_what_no_font_draws_is_numbered_and_said(name, monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "OTHERS", ())
    figure = DRAWN[name]()
    assert "no font of this machine" in figure.get_supxlabel()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph warns
        for form in ("png", "svg"):
            figure.savefig(tmp_path / f"{name}.{form}")
    assert figure.dpi == 200


def test_what_can_be_drawn_in_one_piece(monkeypatch):
    monkeypatch.setattr(fonts, "OTHERS", ())
    laid_out = hasattr(ft2font, "__libraqm_version__")
    assert (
        plotting.can_draw("mars") and not plotting.can_draw("가") and not plotting.can_draw("\x00")
    )
    assert plotting.can_draw("سلام") == laid_out
    monkeypatch.setattr(fonts, "LAYS_OUT", False)
    assert not plotting.can_draw("سلام") and plotting.can_draw("март")


def test_a_font_of_the_machine_helps_out(monkeypatch):
    monkeypatch.setattr(fonts, "OTHERS", ("A font", "Another"))
    monkeypatch.setattr(fonts, "_installed", lambda: {"Another"})
    here = fonts._characters
    monkeypatch.setattr(
        fonts, "_characters", lambda name: frozenset("가나") if name == "Another" else here(name)
    )
    assert plotting.can_show("가 나") and not plotting.can_show("다")


@pytest.mark.parametrize(
    "message, draw",
    [
        ("at least one sentence with labels", lambda: plotting.tagged_text([])),
        ("a label for each of 2 tokens", lambda: plotting.tagged_text([tagging("a b", "X")])),
        (r"\[2\] of them. Received: \[1\]", lambda: plotting.ngram_orders(["a"], [[1]])),
        ("one number for each step in `truth`", lambda: plotting.forecast_curve([1], [1, 2], [1])),
        ("one number for each step in `history`", lambda: plotting.forecast_curve([], [1])),
        ("a time for each of 1 known", lambda: plotting.forecast_curve([1], [1], times=[1])),
        ("at least one perplexity", lambda: plotting.perplexity_bars({"a": 0.5})),
        ("`baseline` to be one of a. R", lambda: plotting.perplexity_bars({"a": 5}, "b")),
        ("two weights from 0 to 1", lambda: plotting.interpolation_curve([0, 2], [5, 5])),
        ("for each of 2 weights", lambda: plotting.interpolation_curve([0, 1], [5])),
        ("at least two words", lambda: plotting.word_vectors(["a"], np.eye(1))),
        ("a group for each of 2", lambda: plotting.word_vectors(["a", "b"], np.eye(2), ["a"])),
        ("an image", lambda: plotting.attention_over_image(np.ones(3), ["a"], np.ones((1, 4)))),
        (
            "for each of 1 tokens",
            lambda: plotting.attention_over_image(np.eye(3), ["a"], np.ones((1, 5))),
        ),
        ("at least one length", lambda: plotting.length_histogram([])),
        ("`cut` to be an integer", lambda: plotting.length_histogram([3], cut=0)),
    ],
)
def test_what_cannot_be_drawn_is_refused(message, draw):
    with pytest.raises(ValueError, match=message):
        draw()
