"""Gates against the equations in NumPy, step by step."""

import keras
import numpy as np
import pytest

from kerasrnn import encoder_decoder, language_model, many_to_many, many_to_one, one_to_one, views

B, T, V, U, F = 2, 7, 11, 5, 3
LSTM = ["input_gate", "forget_gate", "output_gate", "candidate", "cell_state", "hidden_state"]
GRU = ["update_gate", "reset_gate", "candidate", "hidden_state"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(x, h, c, kernel, recurrent, bias):
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    return [i, f, o, g, c, o * np.tanh(c)]


def gru_step(x, h, kernel, recurrent, bias, reset_after):
    inner, outer = bias if reset_after else (bias, np.zeros_like(bias))
    (xz, xr, xg), (uz, ur, ug) = np.split(x @ kernel + inner, 3), np.split(recurrent, 3, axis=1)
    bz, br, bg = np.split(outer, 3)
    z, r = sigmoid(xz + h @ uz + bz), sigmoid(xr + h @ ur + br)
    g = np.tanh(xg + (r * (h @ ug + bg) if reset_after else (r * h) @ ug))
    return [z, r, g, z * h + (1 - z) * g]


def linear_step(kind, x, h, kernel, bias):
    """MinGRU and MinLSTM (Feng et al. 2024), SRU (Lei et al. 2017) with a fourth matrix."""
    size = len(h)
    bias = np.concatenate([bias, np.zeros(kernel.shape[1] - len(bias))])
    first, second, *others = np.split(x @ kernel + bias, kernel.shape[1] // size)
    opened = sigmoid(first)
    if kind == "min_gru":
        return [opened, second, (1 - opened) * h + opened * second]
    if kind == "min_lstm":
        total = opened + sigmoid(second)
        opened = [opened / total, sigmoid(second) / total]
        return [*opened, others[0], opened[0] * h + opened[1] * others[0]]
    state = opened * h + (1 - opened) * others[0]
    reset = sigmoid(second)
    return [opened, reset, others[0], state, reset * np.tanh(state) + (1 - reset) * others[1]]


LINEAR = {
    "min_gru": ["update_gate", "candidate", "hidden_state"],
    "min_lstm": ["forget_gate", "input_gate", "candidate", "hidden_state"],
    "sru": ["forget_gate", "reset_gate", "candidate", "cell_state", "hidden_state"],
}


@pytest.mark.parametrize("kind", LINEAR)
def test_gates_of_cells_without_a_recurrent_matrix(rng, kind):
    model = many_to_one(V, 2, cell=kind, units=U, embedding=F)
    vectors, *weights = with_random_weights(model, rng).get_weights()[:3]
    ids = rng.integers(1, V, (B, T))
    ids[1, 4:] = 0
    received = views.gates(model)(ids)
    for row, length in enumerate((T, 4)):
        state, rows = np.zeros(U), []
        for x in vectors[ids[row, :length]]:
            rows.append(linear_step(kind, x, state, *weights))
            state = rows[-1][LINEAR[kind].index("cell_state" if kind == "sru" else "hidden_state")]
        expected = dict(zip(LINEAR[kind], np.swapaxes(rows, 0, 1), strict=True))
        assert_same(received, row, expected, steps=length)


def over_time(vectors, kind, weights, **options):
    """What each gate does over one sequence `(T, F)`: a dictionary of `(T, U)`."""
    *_, recurrent = weights[:2]
    units = recurrent.shape[0]
    bias = weights[2] if len(weights) > 2 else None
    h, c, rows = np.zeros(units), np.zeros(units), []
    for x in vectors:
        if kind == "lstm":
            rows.append(lstm_step(x, h, c, *weights[:2], 0 if bias is None else bias))
            c, h = rows[-1][-2:]
        elif kind == "gru":
            number = 3 * units
            zero = np.zeros((2, number)) if options["reset_after"] else np.zeros(number)
            rows.append(gru_step(x, h, *weights[:2], zero if bias is None else bias, **options))
            h = rows[-1][-1]
        else:
            h = np.tanh(x @ weights[0] + h @ weights[1] + (0 if bias is None else bias))
            rows.append([h])
    names = {"lstm": LSTM, "gru": GRU}.get(kind, ["hidden_state"])
    return dict(zip(names, np.swapaxes(rows, 0, 1), strict=True))


def with_random_weights(model, rng):
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def assert_same(received, row, expected, steps=T):
    assert list(received) == list(expected)
    for name, values in expected.items():
        got = np.asarray(received[name])[row]
        np.testing.assert_allclose(got[:steps], values, atol=1e-5, err_msg=name)
        assert np.isnan(got[steps:]).all() and len(got) - steps == T - len(values)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    "kind, options",
    [("simple_rnn", {}), ("lstm", {}), ("gru", {"reset_after": True}), ("gru", {"reset_after": 0})],
)
def test_gates_are_those_of_the_equations(rng, kind, options, bias):
    kinds = {
        "simple_rnn": keras.layers.SimpleRNN,
        "lstm": keras.layers.LSTM,
        "gru": keras.layers.GRU,
    }
    model = many_to_one(
        V, 2, cell=lambda units: kinds[kind](units, use_bias=bias, **options), units=U, embedding=F
    )
    vectors, *weights = with_random_weights(model, rng).get_weights()[: 4 if bias else 3]
    ids = rng.integers(1, V, (B, T))
    ids[1, 4:] = 0
    view = views.gates(model)
    received = view(ids)
    assert_same(received, 0, over_time(vectors[ids[0]], kind, weights, **options))
    assert_same(received, 1, over_time(vectors[ids[1, :4]], kind, weights, **options), steps=4)
    assert {id(each) for each in view.weights} <= {id(each) for each in model.weights}


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("number", [0, 1])
def test_gates_of_a_stack_that_reads_both_ways(rng, number, backward):
    model = many_to_many((F,), 3, units=U, num_layers=2, bidirectional=True)
    with_random_weights(model, rng)
    stack, lengths = model.get_layer("recurrent"), [T, 4]
    features = rng.normal(size=(B, T, F)).astype("float32")
    inputs = {"features": features, "mask": np.arange(T) < np.array(lengths)[:, None]}
    received = views.gates(model, f"recurrent/rnn_{number}", backward)(inputs)
    lower = np.asarray(stack.rnn_layers[0](features, mask=inputs["mask"])[0])
    read = lower if number else features
    weights = stack.rnn_layers[number].get_weights()[3 * backward :][:3]
    for row, length in enumerate(lengths):
        turn = slice(None, None, -1) if backward else slice(None)
        expected = over_time(read[row, :length][turn], "lstm", weights)
        expected = {name: values[turn] for name, values in expected.items()}
        assert_same(received, row, expected, steps=length)


def test_a_decoder_begins_where_the_encoder_ended(rng):
    model = with_random_weights(encoder_decoder(V, 13, units=U, cell="gru", attention="dot"), rng)
    inputs = {"source": rng.integers(1, V, (B, 3)), "target": rng.integers(1, 13, (B, T))}
    inputs["source"][1, 2] = 0
    read = np.asarray(views.gates(model)(inputs)["hidden_state"])
    assert read.shape == (B, 3, U) and np.isnan(read[1, 2]).all()
    received = views.gates(model, "decoder")(inputs)
    embedded = model.get_layer("target_embedding")(inputs["target"])
    decoder = model.get_layer("decoder")
    states = keras.ops.convert_to_tensor(np.stack([read[0, 2], read[1, 1]]))
    hidden, _ = decoder(embedded, initial_state=[states])
    np.testing.assert_allclose(received["hidden_state"], hidden, atol=1e-5)
    assert {name: value.shape for name, value in received.items()} == dict.fromkeys(GRU, (B, T, U))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_no_rows_have_gates_of_no_rows(cell):
    model = many_to_one(11, 2, cell=cell, units=U, bidirectional=True)
    found = views.gates(model)(np.zeros((0, T), "int32"))
    assert {value.shape for value in found.values()} == {(0, T, U)}


def test_one_step_and_other_cells(rng):
    model = with_random_weights(one_to_one((F,), 2, units=U), rng)
    inputs = {name: rng.normal(size=(B, U)) for name in ("rnn_0_h", "rnn_0_c")}
    inputs["features"] = rng.normal(size=(B, F))
    after = {name: np.asarray(value) for name, value in model(inputs).items()}
    received = views.gates(model)(inputs)
    np.testing.assert_allclose(received["hidden_state"][:, 0], after["rnn_0_h"], atol=1e-5)
    np.testing.assert_allclose(received["cell_state"][:, 0], after["rnn_0_c"], atol=1e-5)
    model = language_model(V, cell="elman", units=U, output="class")
    ids = rng.integers(1, V, (B, T))
    states = views.gates(model)(ids)
    assert list(states) == ["hidden_state"] and states["hidden_state"].shape == (B, T, U)


@pytest.mark.filterwarnings("ignore:.*this layer does not support masking")  # Keras 3.16, of it
def test_a_layer_of_keras_alone(rng):
    tokens = keras.Input((None,), dtype="int32")
    vectors = keras.layers.Embedding(V, F, mask_zero=True)(tokens)
    hidden = keras.layers.Bidirectional(keras.layers.GRU(U), name="both")(vectors)
    model = with_random_weights(keras.Model(tokens, keras.layers.Dense(2)(hidden)), rng)
    ids = rng.integers(1, V, (B, T))
    table, *weights = model.get_weights()
    for backward in (False, True):
        received = views.gates(model, "both", backward=backward)(ids)
        turned = table[ids[1]][:: -1 if backward else 1]
        expected = over_time(turned, "gru", weights[3 * backward :][:3], reset_after=True)
        expected = {name: values[:: -1 if backward else 1] for name, values in expected.items()}
        assert_same(received, 1, expected)


@pytest.mark.parametrize(
    "model, layer, options, message",
    [
        (lambda: many_to_one(V, 2, units=U), "lstm", {}, "one of recurrent, recurrent/rnn_0. Rec"),
        (lambda: many_to_one(V, 2, units=U), "recurrent/rnn_1", {}, "recurrent/rnn_0. Received"),
        (lambda: many_to_one(V, 2, units=U), None, {"backward": True}, "reads in both directions"),
        (lambda: keras.Sequential([keras.layers.LSTM(U)]), None, {}, "a functional model with"),
        (
            lambda: many_to_one(V, 2, units=U, segment_length=3, pooling="max"),
            *(None, {}, "reads whole sequences. Received: 'many_to_one'"),
        ),
    ],
)
def test_what_has_no_gates(model, layer, options, message):
    with pytest.raises(ValueError, match=message):
        views.gates(model(), layer, **options)
