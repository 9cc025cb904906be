"""Factories with input feeding: stepping, masks, saving, counting, exporting."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Translator, Vocabulary, encoder_decoder, export, one_to_many, views
from kerasrnn.layers import InputFeedingDecoder

# Different primes, so that swapped axes cannot pass.
B, S, T = 2, 7, 5
SOURCE, TARGET = 11, 13
UNITS, EMBEDDING = 3, (5, 7)

CELLS = {
    **{name: name for name in ("simple_rnn", "lstm", "gru", "elman")},
    "callable": lambda units: keras.layers.GRU(units, reset_after=False),
}
GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3, "elman": 1, "callable": 3}
BIASES = {"simple_rnn": 1, "lstm": 1, "gru": 2, "elman": 0, "callable": 1}

# Every pair of cell, attention, direction and number of layers is in it, or nearly.
COVERING = [
    ("simple_rnn", "general", True, 2),
    ("lstm", "dot", True, 1),
    ("gru", "additive", True, 1),
    pytest.param("lstm", "additive", False, 2, marks=pytest.mark.slow),
    pytest.param("gru", "dot", False, 2, marks=pytest.mark.slow),
    ("elman", "scaled_dot", True, 2),
    ("callable", "general", False, 1),
]
every_case = pytest.mark.parametrize("cell, attention, bidirectional, layers", COVERING)


def build(cell="gru", attention="dot", bidirectional=True, layers=1, **options):
    options = {"units": UNITS, "embedding": EMBEDDING, "input_feeding": True, **options}
    model = encoder_decoder(
        SOURCE,
        TARGET,
        cell=CELLS[cell],
        attention=attention,
        bidirectional=bidirectional,
        num_layers=layers,
        **options,
    )
    rng = np.random.default_rng(1)  # large enough weights for every path to show
    for variable in model.trainable_variables:
        variable.assign(rng.normal(scale=0.7, size=variable.shape))
    return model


def batch(rng, extra=0):
    """Padded ids: the second row of the source and the first of the target are shorter."""
    source = rng.integers(1, SOURCE, (B, S))
    target = rng.integers(1, TARGET, (B, T))
    labels = rng.integers(1, TARGET, (B, T))
    source[1, 3:] = 0
    target[0, 4:] = labels[0, 4:] = 0
    pad = ((0, 0), (0, extra))
    return (
        {"source": np.pad(source, pad), "target": np.pad(target, pad)},
        np.pad(labels, pad),
        np.pad((labels != 0).astype("float32"), pad),
    )


def parameters(cell, attention, bidirectional, layers):
    """The formula: the first layer of the decoder reads a target vector and a fed one."""

    def recurrent(inputs, units):
        return GATES[cell] * units * (inputs + units + BIASES[cell])

    ways = 2 if bidirectional else 1
    size = UNITS * ways
    count = SOURCE * EMBEDDING[0] + TARGET * EMBEDDING[1]
    for i in range(layers):
        count += ways * recurrent(size if i else EMBEDDING[0], UNITS)
        count += recurrent(size if i else EMBEDDING[1] + size, size)
    count += {"general": size**2, "additive": 2 * size**2 + size}.get(attention, 0)
    return count + 2 * size * size + TARGET * (size + 1)


def trainable(model):
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def step_by_step(model, x):
    """Logits and scores of the step view, `(B, T, V)` and `(B, T, S)`."""
    encoded, step = views.encode(model)(x[next(iter(x))]), views.step(model)
    logits, scores = [], []
    for t in range(T):
        outputs = step({**encoded, "tokens": tf.constant(x["target"][:, t])})
        encoded = {name: outputs.get(name, value) for name, value in encoded.items()}
        logits.append(outputs["logits"])
        scores.append(outputs["attention_scores"])
    return np.stack(logits, 1), np.stack(scores, 1)


@every_case
def test_stepping_gives_what_the_model_gives_at_once(rng, cell, attention, bidirectional, layers):
    model = build(cell, attention, bidirectional, layers, dropout=0.5)
    assert trainable(model) == parameters(cell, attention, bidirectional, layers)
    x, _, _ = batch(rng)
    logits, scores = step_by_step(model, x)
    real = x["target"] != 0
    np.testing.assert_allclose(logits[real], model(x).numpy()[real], atol=1e-5)
    at_once = views.attention_scores(model)(x).numpy()
    np.testing.assert_allclose(scores[real], at_once[real], atol=1e-6)
    np.testing.assert_allclose(at_once.sum(-1), 1, atol=1e-6)
    assert (at_once[1, :, 3:] == 0).all()


@every_case
def test_trains_saves_and_reloads_bit_equal(tmp_path, rng, cell, attention, bidirectional, layers):
    model = build(cell, attention, bidirectional, layers)
    x, y, weights = batch(rng)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, run_eagerly=True)
    before = [np.array(weight) for weight in model.get_weights()]
    model.train_on_batch(x, y, weights)
    for variable, old in zip(model.weights, before, strict=True):
        assert not np.array_equal(variable.numpy(), old), f"{variable.path} has not moved"
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(reloaded(x), model(x))
    for one, other in zip(step_by_step(reloaded, x), step_by_step(model, x), strict=True):
        np.testing.assert_array_equal(one, other)


@every_case
def test_padding_further_changes_nothing(rng, cell, attention, bidirectional, layers):
    model = build(cell, attention, bidirectional, layers)
    state = rng.bit_generator.state
    narrow, y, _ = batch(rng)
    rng.bit_generator.state = state
    wide, _, _ = batch(rng, extra=4)
    logits = model(narrow).numpy()
    np.testing.assert_allclose(model(wide).numpy()[:, :T][y != 0], logits[y != 0], atol=1e-5)
    alone = model({"source": narrow["source"][1:, :3], "target": narrow["target"][1:]})
    np.testing.assert_allclose(alone[0], logits[1], atol=1e-5)


@pytest.mark.slow
def test_fits_in_a_graph_with_dropout(rng):
    model = build("gru", "additive", dropout=0.3)
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    model.compile(keras.optimizers.Adam(0.03), loss)
    x, y, weights = batch(rng)
    history = model.fit(x, y, sample_weight=weights, epochs=30, verbose=0).history["loss"]
    assert np.mean(history[-5:]) < np.mean(history[:5]) / 2
    np.testing.assert_allclose(model.predict(x, verbose=0), model(x), atol=1e-5)


def test_what_was_attended_to_matters(rng):
    """The same steps with the vector kept at zero give other logits from the second step on."""
    model = build()
    x, _, _ = batch(rng)
    encoded, step = views.encode(model)(x["source"]), views.step(model)
    assert not encoded["attention_vector"].numpy().any()
    tokens = [tf.constant(x["target"][:, t]) for t in (0, 1)]
    after = step({**encoded, "tokens": tokens[0]})
    fed, starved = (
        step({**encoded, "rnn_0_h": after["rnn_0_h"], "attention_vector": v, "tokens": tokens[1]})
        for v in (after["attention_vector"], encoded["attention_vector"])
    )
    expected = model(x).numpy()[:, 1]
    np.testing.assert_allclose(fed["logits"], expected, atol=1e-5)
    assert np.abs(starved["logits"] - expected).max() > 1e-2


def test_names_are_those_documented():
    model = build("lstm", layers=2, dropout=0.1)
    names = {layer.name for layer in model.layers}
    assert {"source_embedding", "encoder", "target_embedding", "decoder", "output"} <= names
    assert not names & {"attention", "concatenate", "attention_vector"}
    decoder = model.get_layer("decoder")
    assert isinstance(decoder, InputFeedingDecoder)
    assert [decoder.stack.name, decoder.attention.name] == ["stack", "attention"]
    states = {"rnn_0_h", "rnn_0_c", "rnn_1_h", "rnn_1_c", "attention_vector"}
    assert views.encode(model).output.keys() == {"memory", "memory_mask", *states}
    assert views.step(model).output.keys() == {"logits", "attention_scores", *states}


def test_off_is_the_model_without():
    options = {"units": UNITS, "attention": "dot", "bidirectional": True}
    models = [
        encoder_decoder(SOURCE, TARGET, **options, **more)
        for more in ({}, {"input_feeding": False})
    ]
    for one, other in zip(*(model.layers for model in models), strict=True):
        assert (type(one), one.name) == (type(other), other.name)
    assert models[0].count_params() == models[1].count_params()
    assert "attention" in {layer.name for layer in models[0].layers}


@pytest.mark.parametrize("shape", [(3, 2, 5), (7, 5)])
def test_one_to_many(rng, shape):
    model = one_to_many(
        shape, TARGET, cell="lstm", units=UNITS, attention="general", input_feeding=True
    )
    x = {
        "features": rng.normal(size=(B, *shape)).astype("float32"),
        "target": rng.integers(1, TARGET, (B, T)),
    }
    logits, scores = step_by_step(model, x)
    np.testing.assert_allclose(logits, model(x), atol=1e-6)
    np.testing.assert_allclose(scores, views.attention_scores(model)(x), atol=1e-6)
    assert [projection.name for projection in model.get_layer("initial_state").projections] == [
        *("state_0", "state_1")
    ]


@pytest.mark.parametrize("factory", [encoder_decoder, one_to_many])
def test_input_feeding_needs_attention(factory):
    first = SOURCE if factory is encoder_decoder else (7, 5)
    with pytest.raises(ValueError, match="Expected `attention` for input feeding.*None"):
        factory(first, TARGET, input_feeding=True)


@pytest.mark.slow
def test_export_answers_as_python_does(tmp_path):
    source, target = Tokenizer(Vocabulary("abc")), Tokenizer(Vocabulary("0123456"))
    model = encoder_decoder(7, 11, cell="gru", units=3, attention="additive", input_feeding=True)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    task = Translator(model, source, target, max_length=7)
    texts = ["cab", "", "ab" * 13, "?"]
    folder = task.export(tmp_path / "model", texts, signatures=())
    outputs = tf.saved_model.load(folder).signatures["serving_default"](text=export.as_text(texts))
    for i, each in enumerate(task.translate(texts)):
        assert outputs["text"][i].numpy().decode() == each.text
        np.testing.assert_allclose(outputs["score"][i], each.score, rtol=1e-5)
        rows, columns = outputs["target_length"][i], outputs["source_length"][i]
        np.testing.assert_allclose(
            outputs["attention"][i, :rows, :columns], each.attention, atol=1e-6
        )
        np.testing.assert_allclose(each.attention.sum(-1), 1, rtol=1e-5)
