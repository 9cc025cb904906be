"""Unrolled models: what stands in the picture, and that nothing stands on something else."""

import itertools

import matplotlib
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from kerasrnn import (
    cbow,
    encoder_decoder,
    language_model,
    many_to_many,
    many_to_one,
    one_to_many,
    one_to_one,
)
from kerasrnn.plotting import topology

V, U = 11, 5
# The model, its inputs, and how many boxes and arrows (the legend's apart) it has.
CASES = {
    "one_to_one": (lambda: one_to_one(V, 3, units=U, num_layers=2), None, 4, 5 + 4),
    "last": (lambda: many_to_one(V, 2, units=U), list("good"), 4 + 4 + 1, 8 + 3 + 2),
    "mean": (lambda: many_to_one((3,), 2, units=U, pooling="mean"), 3, 3 + 1 + 1, 3 + 2 + 3 + 2),
    "last of both": (
        lambda: many_to_one(V, 2, cell="simple_rnn", units=U, bidirectional=True),
        *(3, 3 + 6 + 1 + 1, 3 + 6 + 4 + 2 + 2),
    ),
    "all of two": (
        lambda: many_to_many(V, 3, units=U, num_layers=2),
        *(["extraordinarily", "long", "words"], 4 * 3, 5 * 3 + 4),
    ),
    "all of both": (
        lambda: many_to_many(V, 3, units=U, bidirectional=True, output="crf"),
        *(2, 2 * 5 + 1, 2 + 4 + 2 + 4 + 2 + 2 + 2),
    ),
    "language model": (lambda: language_model(V, units=U, output="tied"), 12, 36, 48 + 11),
    "plain": (lambda: encoder_decoder(V, 13, units=U), 4, 8 + 9, 8 + 12 + 3 + 2 + 1),
    "attention": (
        lambda: encoder_decoder(V, 13, cell="gru", units=U, num_layers=2, attention="dot"),
        *(4, 12 + 1 + 9 + 1 + 3, 16 + 18 + 6 + 4 + 2 + 1),
    ),
    "both ways": (
        lambda: encoder_decoder(V, 13, units=U, bidirectional=True, attention="dot"),
        *(2, 2 * 4 + 2 + 6 + 1 + 3, 2 + 4 + 2 + 4 + 2 + 3 + 15 + 2 + 1),
    ),
    "fed": (
        lambda: encoder_decoder(V, 13, units=U, attention="dot", input_feeding=True),
        *(2, 4 + 1 + 6 + 1 + 3, 6 + 1 + 15 + 2 + 1 + 1 + 2),
    ),
    "vector": (lambda: one_to_many((3,), V, units=U), None, 1 + 9, 1 + 1 + 12 + 2),
    "image": (
        lambda: one_to_many(
            (8, 8, 1), V, units=U, attention="dot", encoder="convolutional", num_layers=2
        ),
        *(["a dog"], 3 + 9 + 1 + 3, 3 + 2 + 1 + 18 + 4),
    ),
}


@pytest.fixture(params=CASES)
def case(request):
    build, inputs, boxes, arrows = CASES[request.param]
    return topology(build(), inputs), boxes, arrows


def overlap(one, other):
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    return width > 1 and min(one.y1, other.y1) - max(one.y0, other.y0) > 1


def test_nothing_stands_on_something_else(case, tmp_path):
    figure, number_of_boxes, number_of_arrows = case
    (axes,) = figure.axes
    figure.savefig(tmp_path / "model.png", dpi=50)
    boxes = [each for each in axes.patches if isinstance(each, FancyBboxPatch)]
    arrows = [each for each in axes.patches if isinstance(each, FancyArrowPatch)]
    legend = sum(text.get_text().startswith(("state, p", "what att")) for text in axes.texts) + 1
    assert len(boxes) == number_of_boxes
    assert len(arrows) == number_of_arrows + legend
    places = [box.get_window_extent() for box in boxes]
    assert not [pair for pair in itertools.combinations(places, 2) if overlap(*pair)]
    words = [text.get_window_extent() for text in axes.texts]
    assert not [pair for pair in itertools.combinations(words, 2) if overlap(*pair)]
    for text, word in zip(axes.texts, words, strict=True):
        within = [box for box in places if overlap(box, word)]
        inside = [box for box in within if box.x0 <= word.x0 and word.x1 <= box.x1]
        assert within == inside and len(within) <= 1, text.get_text()
        assert figure.bbox.x0 <= word.x0 and word.x1 <= figure.bbox.x1, text.get_text()
        assert figure.bbox.y0 <= word.y0 and word.y1 <= figure.bbox.y1, text.get_text()
    filled = sum(any(overlap(box, word) for word in words) for box in places)
    assert filled == len(boxes)  # none is empty


def words_of(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_what_each_layer_returns():
    model = many_to_one(V, 2, cell="gru", units=U, num_layers=2, bidirectional=True)
    words = words_of(topology(model, ["no", "good"], outputs=["negative"]))
    assert words.count("GRU") == 2 * 2 * 2
    lower = "returns the outputs of all steps\nreturn_sequences=True\n(batch, steps, 10)"
    upper = "returns the last output of each direction\nreturn_sequences=False\n(batch, 10)"
    for expected in (lower, upper, "no", "good", "negative", "dense layer: 2 numbers"):
        assert words.count(expected) == 1
    assert "layer 2, 5 units\nin each direction" in words
    assert "Many to one: one output at the end" in words


def test_a_decoder_says_what_it_reads_and_returns():
    model = encoder_decoder(V, 13, cell="simple_rnn", units=U, attention="dot")
    targets, outputs = ["<begin>", "I", "go"], ["I", "go", "<end>"]
    words = words_of(topology(model, ["je", "vais"], targets, outputs, title="Translation"))
    expected = {"je", "vais", "<begin>", "<end>", "Translation", "outputs of the encoder"}
    assert expected <= set(words) and words.count("go") == 2
    assert words.count("SimpleRNN") == 5 and words.count("attention") == 1
    returned = "decoder, 5 units\nreturns the outputs of all steps\nreturn_sequences=True"
    assert f"{returned}\n(batch, steps, 5)" in words
    assert "weighs the outputs of the encoder\nat each step\n(batch, steps, 5)" in words


@pytest.mark.parametrize(
    "build, options, drawn",
    [
        (lambda: one_to_many((3,), V, units=U), {"inputs": "a dog"}, ["a dog"]),
        (lambda: one_to_one(V, 3, units=U), {"inputs": "the", "outputs": "cat"}, ["the", "cat"]),
        (lambda: many_to_one(V, 2, units=U), {"inputs": "on", "outputs": "yes"}, ["o", "n", "yes"]),
    ],
)
def test_a_text_is_one_token_where_there_is_one_step(build, options, drawn):
    words = words_of(topology(build(), **options))
    assert [each for each in words if each in {*"onyesadg", "a dog", "the", "cat", "yes"}] == drawn


def test_other_scripts_are_drawn_or_said_to_be_left_out():
    figure = topology(language_model(V, units=U), ["나는", "\x00"])
    assert {"#1"} < {"#1", *words_of(figure)} & {"#0", "#1", "나는"}
    assert figure.get_supxlabel().startswith("#: a text that no font")
    assert topology(language_model(V, units=U), ["ab"]).get_supxlabel() == ""


def test_a_ground_of_its_own():
    with matplotlib.style.context("dark_background"):
        figure = topology(many_to_one(V, 2, units=U), 2)
    assert figure.get_facecolor()[:3] == (0, 0, 0)
    for text in figure.axes[0].texts:
        inside = text.get_text() in ("LSTM", "vector", "dense")
        assert text.get_color() == ("black" if inside else "white"), text.get_text()


@pytest.mark.parametrize(
    "build, options, message",
    [
        (lambda: cbow(V, embedding=U), {}, "Expected a recurrent model of a factory"),
        (lambda: language_model(V, units=U), {"inputs": 13}, "`inputs` of 1 to 12 steps. Rec.*13"),
        (lambda: language_model(V, units=U), {"inputs": 0}, "`inputs`"),
        (lambda: language_model(V, units=U), {"targets": 2}, "`targets` with a decoder only"),
        (lambda: one_to_one(V, 3, units=U), {"inputs": 2}, "one step of a model of a single one"),
        (lambda: one_to_many((3,), V, units=U), {"inputs": 2}, "one input of a model.*Received: 2"),
        (
            lambda: many_to_one(V, 2, units=U),
            *({"outputs": ["a", "b"]}, "Expected 1 `outputs`. Received: 2"),
        ),
    ],
)
def test_what_cannot_be_drawn(build, options, message):
    with pytest.raises(ValueError, match=message):
        topology(build(), **options)
