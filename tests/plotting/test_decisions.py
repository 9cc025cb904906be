"""Pictures of what decided: the threshold of a class, the tokens of a text."""

import types

import numpy as np
import pytest
from matplotlib.patches import FancyBboxPatch
from sklearn.metrics import precision_recall_fscore_support

from kerasrnn import plotting


def at(line, threshold):
    """What a staircase that holds up to each of its points shows at a threshold."""
    return line.get_ydata()[np.searchsorted(line.get_xdata(), threshold)]


@pytest.mark.parametrize("seed", range(5))
def test_the_curves_are_the_scores_of_each_threshold(seed):
    generator = np.random.default_rng(seed)
    probabilities = np.round(generator.uniform(0.05, 0.95, 23), 1 + seed % 2)  # with equal ones
    positive = generator.uniform(size=23) < probabilities
    lines = plotting.threshold_curve(probabilities, positive).axes[0].get_lines()
    assert [line.get_label() for line in lines] == ["precision", "recall", "F1"]
    assert all(line.get_drawstyle() == "steps-pre" for line in lines)
    for threshold in np.arange(0.0075, probabilities.max(), 0.0325):
        answered = probabilities >= threshold
        *scores, _ = precision_recall_fscore_support(positive, answered, average="binary")
        assert [at(line, threshold) for line in lines] == pytest.approx(scores)
    assert max(line.get_xdata().max() for line in lines) == probabilities.max()


def test_a_threshold_is_marked_and_the_axes_are_named():
    figure = plotting.threshold_curve([0.5, 0.7], [True, False], 0.625, "spam", "Where to cut")
    axes = figure.axes[0]
    assert axes.get_lines()[-1].get_xdata() == [0.625, 0.625]
    assert axes.get_xlabel() == "probability from which on spam is answered"
    assert "spam" in axes.get_ylabel() and figure.get_suptitle() == "Where to cut"


@pytest.mark.parametrize(
    ("probabilities", "positive"),
    [([0.1, 0.2], [False, False]), ([0.1], [True, False]), ([], []), ([1.5], [True])],
)
def test_what_has_no_curve_is_named(probabilities, positive):
    with pytest.raises(ValueError, match="Expected .* Received:"):
        plotting.threshold_curve(probabilities, positive)
    with pytest.raises(ValueError, match="from 0 to 1"):
        plotting.threshold_curve([np.nan], [True])


def answer(tokens, weights, label="spam", probability=0.75):
    values = {"tokens": tokens.split(), "attention": np.array(weights)}
    return types.SimpleNamespace(label=label, probability=probability, **values)


def test_the_ground_of_a_token_is_darker_the_more_it_weighs():
    answers = [answer("win a ￭!", [0.5, 0.0, 0.5]), answer("see you", [0.25, 0.75], "ham")]
    axes, bar = plotting.attended_text(answers).axes
    written = [text.get_text() for text in axes.texts if text.get_text()]
    assert written == ["spam, 75 %", "win", "a", "!", "ham, 75 %", "see", "you"]
    boxes = [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    win, a, sign, see, you = (sum(box.get_facecolor()[:3]) for box in boxes)
    assert you < win == sign < see < a == pytest.approx(3, abs=0.1)
    assert bar.get_ylabel() == "attention" and bar.get_ylim() == (0, 0.75)


def test_a_text_without_attention_is_refused():
    for wrong in ([], [types.SimpleNamespace(tokens=None, attention=None)]):
        with pytest.raises(ValueError, match="attention scores"):
            plotting.attended_text(wrong)
    with pytest.raises(ValueError, match="each of 2 tokens. Received: 1"):
        plotting.attended_text([answer("see you", [1.0])])


def test_weights_of_any_origin_are_a_heatmap():
    weights = np.array([[0.25, 0.0, 0.75], [0.5, 0.5, 0.0]])
    axes, bar = plotting.attention_heatmap(weights, ["le", "chat", "￭."], ["the", "cat"]).axes
    assert (axes.images[0].get_array() == weights).all() and axes.images[0].get_clim() == (0, 1)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["le", "chat", "."]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["the", "cat"]
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == (
        *("source", "target"),
        "attention",
    )
    with pytest.raises(ValueError, match=r"shape \(2, 3\).* Received: \(3, 2\)"):
        plotting.attention_heatmap(weights.T, ["le", "chat", "."], ["the", "cat"])


@pytest.mark.parametrize("groups", [1, 3, 5, 97])
def test_inputs_of_like_lengths_are_one_point(groups):
    generator = np.random.default_rng(groups)
    lengths = generator.integers(2, 19, 101)
    right = {"with": lengths < 11, "without": lengths < 5}
    axes = plotting.accuracy_by_length(lengths, right, groups, "words").axes[0]
    ranges, numbers = [], []
    for label in axes.get_xticklabels():
        span, number = label.get_text().split("\nn = ")
        low, _, high = span.partition("–")
        ranges.append((int(low), int(high or low)))
        numbers.append(int(number))
    assert 1 <= len(ranges) <= groups and sum(numbers) == 101
    for line in axes.get_lines():
        for (low, high), number, share in zip(ranges, numbers, line.get_ydata(), strict=True):
            chosen = (lengths >= low) & (lengths <= high)
            assert chosen.sum() == number
            assert share == pytest.approx(right[line.get_label()][chosen].mean())
    assert axes.get_xlabel() == "length in words"


def test_other_numbers_of_answers_are_refused():
    for lengths, right in (([], {"a": []}), ([2], {}), ([2, 3], {"a": [True]})):
        with pytest.raises(ValueError, match="as many answers"):
            plotting.accuracy_by_length(lengths, right)
