"""Pieces of a text, read one after another, give what the whole text gives."""

import keras
import numpy as np
import pytest

from kerasrnn import cbow, fixed_window_language_model, language_model, many_to_many, views

V = 11

MODELS = {
    "two layers": lambda: language_model(V, units=3, num_layers=2, dropout=0.5),
    "elman": lambda: language_model(V, cell="elman", units=3),
    "tied": lambda: language_model(V, cell="gru", units=5, embedding=3, output="tied"),
    "class": lambda: language_model(V, cell="simple_rnn", units=3, output="class"),
    "adaptive": lambda: language_model(V, cell="simple_rnn", units=3, output="adaptive"),
    "window": lambda: fixed_window_language_model(V, window=3, units=5, dropout=0.5),
    "tied window": lambda: fixed_window_language_model(V, units=5, output="tied"),
    "mean": lambda: fixed_window_language_model(V, window=2, combine="mean", output="class"),
}


def read(view, tokens, states):
    outputs = view({"tokens": keras.ops.convert_to_tensor(tokens), **states})
    logits = keras.ops.log_softmax(outputs.pop("logits"), axis=-1)
    assert set(outputs) == set(states)
    return logits, outputs


@pytest.mark.parametrize("kind", MODELS)
def test_pieces_are_the_whole(kind, rng):
    model = MODELS[kind]()
    tokens = rng.integers(1, V, (2, 7))
    expected = views.log_probs(model)(tokens)
    view, states = views.segment(model), views.initial_states(model, 2)
    pieces = []
    for piece in np.split(tokens, [1, 5], axis=1):
        logits, states = read(view, piece, states)
        pieces.append(logits)
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), expected, atol=1e-5)


@pytest.mark.parametrize("kind", MODELS)
def test_padding_leaves_the_states_alone(kind, rng):
    model = MODELS[kind]()
    tokens = rng.integers(1, V, (3, 5))
    view, states = views.segment(model), views.initial_states(model, 3)
    _, states = read(view, tokens, states)
    short = np.where(np.arange(5) < [[5], [2], [0]], tokens[:, ::-1], 0)
    _, after = read(view, short, states)
    for name, value in states.items():
        _, alone = read(view, short[1:2, :2], {n: v[1:2] for n, v in states.items()})
        np.testing.assert_allclose(after[name][1:2], alone[name], atol=1e-6)
        np.testing.assert_array_equal(after[name][2], value[2])
        assert not np.array_equal(after[name][0], value[0])


def test_models_that_see_more_are_refused():
    for model in (cbow(V, embedding=3), many_to_many(V, V, bidirectional=True, units=3)):
        with pytest.raises(ValueError, match="only what is before each token. Received: '"):
            views.segment(model)
