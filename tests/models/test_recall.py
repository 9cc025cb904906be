"""How long the first symbol is remembered, by what a model can see and by its gradient."""

import importlib.util
import pathlib
import types

import keras
import numpy as np
import pytest

from kerasrnn import many_to_one

PROBE = pathlib.Path(__file__).parents[2] / "benchmarks" / "recall_probe.py"
UNITS = 13


@pytest.fixture(scope="module")
def probe():
    specification = importlib.util.spec_from_file_location("recall_probe", PROBE)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_what_is_drawn(probe, rng):
    tokens, symbols = probe.draw(rng, 7, 997)
    assert tokens.shape == (997, 8) and symbols.shape == (997,)
    np.testing.assert_array_equal(tokens[:, 0], symbols + probe.FIRST)
    assert set(symbols) == set(range(probe.SYMBOLS))
    fillers = range(probe.FIRST + probe.SYMBOLS, probe.VOCABULARY_SIZE)
    assert set(tokens[:, 1:].ravel()) == set(fillers)


def test_the_forget_gate_keeps_a_third_over_the_distance(probe):
    """sigmoid(ln D) = D / (D + 1), and (D / (D + 1))^D → 1 / e."""
    model = probe.build("lstm_forget_bias", UNITS, window=3, distance=11)
    bias = model.get_layer("recurrent").rnn_layers[0].cell.bias.numpy()
    kept = 1 / (1 + np.exp(-bias[UNITS : 2 * UNITS]))
    np.testing.assert_allclose(kept, 11 / 12, rtol=1e-6)
    assert not bias[:UNITS].any() and not bias[2 * UNITS :].any()


def test_other_models_are_kept_from_the_table(probe, tmp_path):
    rows = [
        dict(model=model, distance=D, accuracy=0.875, norm_before=norm, norm_after=norm)
        | {"seconds": 1.0}
        for model, norm in (("fixed_window", None), ("gru", 2.5e-7))
        for D in (5, 11)
    ]
    sizes = types.SimpleNamespace(units=7, steps=3, learning_rate=0.1, batch_size=2, window=13)
    path = tmp_path / "table.md"
    path.write_text(probe.table(rows, sizes))
    read = probe.kept(path, ["lstm"])
    assert read == [row | {"seconds": 0.0} for row in rows]
    assert [row["model"] for row in probe.kept(path, ["gru"])] == ["fixed_window"] * 2


@pytest.mark.slow
def test_gated_cells_recall_and_the_window_guesses(probe):
    """Chance for what lies beyond the window is no matter of training: it cannot be seen."""
    for cell in ("lstm", "gru"):
        model = probe.build(cell, UNITS, window=3)
        probe.train(model, 5, steps=150, batch_size=64, rate=0.02)
        assert probe.accuracy(model, 5) > 0.95
    model = probe.build("fixed_window", UNITS, window=3)
    probe.train(model, 5, steps=20, batch_size=64, rate=0.02)
    tokens = np.repeat(probe.draw(np.random.default_rng(1), 5, 11)[0], probe.SYMBOLS, axis=0)
    tokens[:, 0] = probe.FIRST + np.tile(np.arange(probe.SYMBOLS), 11)
    answers = model.predict_on_batch(tokens).reshape(11, probe.SYMBOLS, -1)
    np.testing.assert_array_equal(answers, np.repeat(answers[:, :1], probe.SYMBOLS, axis=1))
    # One answer for all the symbols is right for one of them.
    right = np.argmax(answers, -1) == np.arange(probe.SYMBOLS)
    assert right.mean() == 1 / probe.SYMBOLS


def test_a_window_that_reaches_the_symbol_sees_it(probe):
    model = probe.build("fixed_window", UNITS, window=6)
    tokens, _ = probe.draw(np.random.default_rng(1), 5, 11)
    other = tokens.copy()
    other[:, 0] = tokens[:, 0] % probe.SYMBOLS + probe.FIRST
    assert not np.isclose(model(tokens), model(other)).all(axis=-1).any()


def with_large_vectors(probe, cell):
    """A model whose inputs are large enough for tanh to bend."""
    keras.utils.set_random_seed(3)
    model = probe.build(cell, UNITS, window=3)
    embedding = model.get_layer("token_embedding")
    embedding.set_weights([np.random.default_rng(3).normal(size=embedding.get_weights()[0].shape)])
    return model


def product_of_jacobians(model, tokens):
    """∂h_T/∂h_1 of a SimpleRNN: the product of diag(1 − h_t²) Wᵀ over the steps after the first."""
    vectors, kernel, recurrent_kernel, bias = model.get_weights()[:4]
    norms = []
    for row in tokens:
        h, product = np.zeros(UNITS), np.eye(UNITS)
        for t, token in enumerate(row):
            h = np.tanh(vectors[token] @ kernel + h @ recurrent_kernel + bias)
            if t > 0:
                product = np.diag(1 - h**2) @ recurrent_kernel.T @ product
        norms.append(np.linalg.svd(product, compute_uv=False)[0])
    return np.exp(np.mean(np.log(norms)))


def test_the_norm_of_simple_rnn_against_numpy(probe):
    model = with_large_vectors(probe, "simple_rnn")
    norms = {}
    for distance in (1, 5, 11):
        tokens, _ = probe.draw(np.random.default_rng(distance), distance, 3)
        norms[distance] = probe.jacobian_norm(model, tokens)
        assert norms[distance] == pytest.approx(product_of_jacobians(model, tokens), rel=1e-4)
    assert norms[11] < norms[5] / 3 < norms[1] / 9


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_norm_of_gated_cells_against_differences(probe, cell):
    """A step ε of the state behind the symbol, through the layer that reads whole sequences."""
    model = with_large_vectors(probe, cell)
    tokens, _ = probe.draw(np.random.default_rng(1), 5, 1)
    vectors = np.array(model.get_layer("token_embedding")(tokens))
    stack, step = model.get_layer("recurrent"), 1e-2
    _, *states = stack(vectors[:, :1])
    state = np.concatenate(states, axis=1)
    moves = step * np.concatenate([np.eye(state.shape[1]), -np.eye(state.shape[1])])
    moved = np.split((state + moves).astype("float32"), len(states), axis=1)
    fillers = np.repeat(vectors[:, 1:], len(moves), axis=0)
    forward, backward = np.split(np.array(stack(fillers, initial_state=moved)[0]), 2)
    expected = np.linalg.svd((forward - backward) / (2 * step), compute_uv=False)[0]
    assert probe.jacobian_norm(model, tokens) == pytest.approx(expected, rel=1e-2)


def test_the_gradient_of_lstm_decays_more_slowly(probe):
    """With the forget bias of 1 (Jozefowicz et al. 2015), which Keras sets; without it, no."""
    tokens, _ = probe.draw(np.random.default_rng(1), 30, 5)
    models = {cell: with_large_vectors(probe, cell) for cell in ("simple_rnn", "lstm")}
    norms = {cell: probe.jacobian_norm(model, tokens) for cell, model in models.items()}
    assert norms["lstm"] > 10 * norms["simple_rnn"]
    _, _, bias = models["lstm"].get_layer("recurrent").get_weights()
    np.testing.assert_array_equal(bias, np.repeat([0, 1, 0, 0], UNITS))
    no_bias = many_to_one(
        probe.VOCABULARY_SIZE,
        probe.SYMBOLS,
        cell=lambda units: keras.layers.LSTM(units, unit_forget_bias=False),
        units=UNITS,
    )
    no_bias.set_weights(models["lstm"].get_weights())
    no_bias.get_layer("recurrent").rnn_layers[0].cell.bias.assign(np.zeros_like(bias))
    assert probe.jacobian_norm(no_bias, tokens) < norms["lstm"] / 10
