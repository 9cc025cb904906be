"""Pictures of what goes on inside a recurrent layer, read back from the figures."""

import numpy as np
import pytest

from kerasrnn import many_to_one, views
from kerasrnn.plotting import gates, gradient_norms, hidden_states

T, U, V = 7, 5, 11
LEFT, RIGHT = (
    ["input gate", "forget gate", "output gate"],
    ["candidate", "cell state", "hidden state"],
)


def test_gates_are_drawn_over_their_tokens(rng, tmp_path):
    ids = rng.integers(1, V, (1, T))
    ids[0, 5:] = 0
    values = views.gates(many_to_one(V, 2, units=U))(ids)
    tokens = ["a", " ", "$x$", "internationalization", "b"]
    figure = gates(values, tokens, title="What opens")
    panels = {axes.get_title(): axes for axes in figure.axes if axes.get_title()}
    assert sorted(panels) == sorted([*LEFT, *RIGHT])
    for name, axes in panels.items():
        expected = np.asarray(values[name.replace(" ", "_")])[0, :5].T
        np.testing.assert_array_equal(axes.images[0].get_array(), expected)
        low, high = axes.images[0].get_clim()
        assert (low, high) == (0, 1) if name in LEFT else low == -high
        assert axes.get_ylabel() == "unit"
    ticks = [label.get_text() for label in panels["output gate"].get_xticklabels()]
    assert ticks == ["a", "␣", "$x$", "internationaliz…", "b"]
    labels = {axes.get_ylabel() for axes in figure.axes}
    assert labels == {"unit", "gate: 0 closed, 1 open", "value"}
    assert figure.get_suptitle() == "What opens"
    figure.savefig(tmp_path / "gates.svg")
    assert (tmp_path / "gates.svg").stat().st_size > 5_000


@pytest.mark.parametrize(
    "cell, columns", [("gru", [["update gate", "reset gate"], ["candidate", "hidden state"]])]
)
def test_gates_and_values_stand_apart(cell, columns):
    values = views.gates(many_to_one(V, 2, cell=cell, units=U))(np.array([[3, 4]]))
    axes = [each for each in gates(values, "ab").axes if each.get_title()]
    lefts = sorted({round(each.get_position().x0, 3) for each in axes})
    found = [
        [each.get_title() for each in axes if round(each.get_position().x0, 3) == left]
        for left in lefts
    ]
    assert found == columns


def test_hidden_states_are_drawn_over_their_tokens(rng, tmp_path):
    states = rng.normal(size=(T, U))
    figure = hidden_states(states, "hello")
    axes, colours = figure.axes
    np.testing.assert_array_equal(axes.images[0].get_array(), states[:5].T)
    assert [label.get_text() for label in axes.get_xticklabels()] == list("hello")
    low, high = axes.images[0].get_clim()
    assert high == -low == np.abs(states[:5]).max()
    words = axes.get_title(), axes.get_xlabel(), axes.get_ylabel(), colours.get_ylabel()
    assert words == ("Hidden state after each token", "token", "unit", "value")
    figure.savefig(tmp_path / "states.png")


@pytest.mark.parametrize("tokens", ["", "abcdefgh"])
def test_tokens_and_steps_that_do_not_fit(tokens):
    with pytest.raises(ValueError, match=r"no more than T. Received: \(7, 5\) and"):
        hidden_states(np.zeros((T, U)), tokens)
    with pytest.raises(ValueError, match=r"Expected `reset_gate` \(T, U\)"):
        gates({"reset_gate": np.zeros((T, U))}, tokens)


def test_padding_is_not_drawn():
    states = np.zeros((T, U))
    states[4:] = np.nan
    hidden_states(states, "abcd")
    with pytest.raises(ValueError, match="at each of 5 tokens. Received: padding at step 4"):
        hidden_states(states, "abcde")
    with pytest.raises(ValueError, match="Expected the gates of a layer"):
        gates({}, "abcd")


@pytest.mark.parametrize("relative", [False, True])
def test_a_line_for_each_cell(tmp_path, relative):
    norms = {"simple_rnn": [2.0, 0.5, 0.0], "LSTM": [4.0, 3.0, 2.0], "GRU": np.ones(5)}
    figure = gradient_norms(norms, relative)
    (axes,) = figure.axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert list(lines) == ["simple rnn", "LSTM", "GRU"]
    expected = [1.0, 0.25] if relative else [2.0, 0.5]
    drawn = lines["simple rnn"].get_ydata()
    assert list(drawn[:2]) == expected and np.isnan(drawn[2])
    assert list(lines["LSTM"].get_xdata()) == [0, 1, 2]
    assert axes.get_yscale() == "log" and axes.get_xlabel() == "steps back from the loss"
    assert len({(line.get_color(), line.get_linestyle()) for line in lines.values()}) == 3
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(lines)
    figure.savefig(tmp_path / "norms.svg")


@pytest.mark.parametrize("norms", [{}, {"a": [0.0, 0.0]}, {"a": [[1.0]]}])
def test_no_gradient_to_draw(norms):
    with pytest.raises(ValueError, match="Expected at least one line of norms"):
        gradient_norms(norms)


def test_no_gradient_to_compare_with():
    with pytest.raises(ValueError, match="Expected norms above 0 at 0 steps"):
        gradient_norms({"a": [0.0, 1.0]}, relative=True)
