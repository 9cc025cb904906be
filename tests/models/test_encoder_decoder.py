"""The encoder-decoder over all its options, against its own step view and its invariants."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import encoder_decoder, views
from kerasrnn.datasets import validate
from kerasrnn.metrics import Perplexity

# Different primes, so that swapped axes cannot pass.
B, S, T = 2, 7, 5
SOURCE, TARGET = 11, 13
UNITS, EMBEDDING = 3, (5, 7)

CELLS = {
    "simple_rnn": "simple_rnn",
    "lstm": "lstm",
    "gru": "gru",
    "callable": lambda units: keras.layers.GRU(units, reset_after=False),
}
GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3, "callable": 3}
BIASES = {"simple_rnn": 1, "lstm": 1, "gru": 2, "callable": 1}
ATTENTIONS = [None, "dot", "scaled_dot", "general", "additive"]
# Each cell and direction is in what is not slow, and each attention there or in what covers them.
PRODUCT = [
    pytest.param(*row, marks=pytest.mark.slow if i % 7 else ())
    for i, row in enumerate(itertools.product(CELLS, ATTENTIONS, [False, True]))
]


def build(cell="gru", attention="dot", bidirectional=True, **options):
    options = {"units": UNITS, "embedding": EMBEDDING, **options}
    return encoder_decoder(
        SOURCE,
        TARGET,
        cell=CELLS[cell],
        attention=attention,
        bidirectional=bidirectional,
        **options,
    )


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


def compiled(model):
    model.compile(
        keras.optimizers.Adam(0.01, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        ),
        weighted_metrics=[Perplexity()],
        run_eagerly=True,
    )
    return model


def parameters(cell, attention, bidirectional, layers):
    """The formula: embeddings, each recurrent layer, attention, its vector, the output."""

    def recurrent(inputs, units):
        return GATES[cell] * units * (inputs + units + BIASES[cell])

    ways = 2 if bidirectional else 1
    size = UNITS * ways
    count = SOURCE * EMBEDDING[0] + TARGET * EMBEDDING[1]
    for i in range(layers):
        count += ways * recurrent(size if i else EMBEDDING[0], UNITS)
        count += recurrent(size if i else EMBEDDING[1], size)
    count += {"general": size**2, "additive": 2 * size**2 + size}.get(attention, 0)
    count += 2 * size * size if attention else 0
    return count + TARGET * (size + 1)


@pytest.mark.parametrize("cell, attention, bidirectional", PRODUCT)
def test_builds_trains_saves_and_reloads_bit_equal(tmp_path, rng, cell, attention, bidirectional):
    model = compiled(build(cell, attention, bidirectional))
    assert model.count_params() == parameters(cell, attention, bidirectional, layers=1)
    x, y, weights = batch(rng)
    before = [np.array(w) for w in model.get_weights()]
    model.train_on_batch(x, y, weights)
    for variable, old in zip(model.weights, before, strict=True):
        assert not np.array_equal(variable.numpy(), old), f"{variable.path} has not moved"
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(reloaded(x), model(x))
    assert model(x).shape == (B, T, TARGET)


COVERING = [
    ("simple_rnn", "general", True, 2),
    ("lstm", "additive", False, 2),
    ("gru", "dot", True, 1),
    ("callable", "scaled_dot", False, 1),
    ("lstm", None, True, 2),
]


@pytest.mark.parametrize("cell, attention, bidirectional, layers", COVERING)
def test_stepping_gives_what_the_model_gives_at_once(rng, cell, attention, bidirectional, layers):
    model = build(cell, attention, bidirectional, num_layers=layers, dropout=0.5)
    assert model.count_params() == parameters(cell, attention, bidirectional, layers)
    x, _, _ = batch(rng)
    expected = model(x).numpy()
    encoded, step = views.encode(model)(x["source"]), views.step(model)
    scores = []
    for t in range(T):
        outputs = step({**encoded, "tokens": tf.constant(x["target"][:, t])})
        real = x["target"][:, t] != 0
        np.testing.assert_allclose(outputs["logits"][real], expected[real, t], atol=1e-6)
        encoded = {name: outputs.get(name, value) for name, value in encoded.items()}
        scores.append(outputs.get("attention_scores"))
    if attention:
        at_once = views.attention_scores(model)(x).numpy()
        np.testing.assert_allclose(np.stack(scores, 1)[1], at_once[1], atol=1e-6)
        np.testing.assert_allclose(at_once.sum(-1), 1, atol=1e-6)
        assert (at_once[1, :, 3:] == 0).all()
    else:
        with pytest.raises(ValueError, match="Expected a model with attention"):
            views.attention_scores(model)


@pytest.mark.parametrize("cell, attention, bidirectional, layers", COVERING)
def test_padding_further_changes_nothing(rng, cell, attention, bidirectional, layers):
    model = compiled(build(cell, attention, bidirectional, num_layers=layers))
    state = rng.bit_generator.state
    narrow = batch(rng)
    rng.bit_generator.state = state
    wide = batch(rng, extra=4)
    real = narrow[1] != 0
    np.testing.assert_allclose(
        model(wide[0]).numpy()[:, :T][real], model(narrow[0]).numpy()[real], atol=1e-6
    )
    results = [
        model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)
        for x, y, weights in (narrow, wide)
    ]
    for name, value in results[0].items():
        np.testing.assert_allclose(results[1][name], value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("cell, attention, bidirectional, layers", COVERING)
def test_a_row_alone_gives_what_it_gives_in_a_padded_batch(
    rng, cell, attention, bidirectional, layers
):
    model = build(cell, attention, bidirectional, num_layers=layers)
    x, _, _ = batch(rng)
    alone = model({"source": x["source"][1:, :3], "target": x["target"][1:]})
    np.testing.assert_allclose(alone[0], model(x)[1], atol=1e-6)


# Keras warns of a softmax over a single source token, which is right here.
@pytest.mark.filterwarnings("ignore:.*softmax over axis -1:UserWarning")
def test_length_one():
    model = build()
    assert model({"source": np.ones((1, 1)), "target": np.ones((1, 1))}).shape == (1, 1, TARGET)


def test_names_are_those_documented():
    model = build(dropout=0.1, num_layers=2, cell="lstm", name="translator")
    assert model.name == "translator"
    assert sorted(model.input) == ["source", "target"]
    names = {layer.name for layer in model.layers}
    documented = "source target source_embedding encoder target_embedding decoder attention "
    assert set(f"{documented}concatenate attention_vector dropout output".split()) <= names
    assert views.step(model).output.keys() == {
        "logits",
        "attention_scores",
        *("rnn_0_h", "rnn_0_c", "rnn_1_h", "rnn_1_c"),
    }
    assert not model.compiled


def test_a_given_embedding_is_used_and_can_be_frozen():
    frozen = keras.layers.Embedding(SOURCE, 5, mask_zero=True, name="source_embedding")
    frozen.trainable = False
    model = build(embedding=(frozen, 7))
    assert model.get_layer("source_embedding") is frozen
    assert all(variable is not frozen.embeddings for variable in model.trainable_variables)


def shared_embedding(size=5, kind=keras.layers.Embedding, **options):
    return kind(TARGET, size, mask_zero=True, name="embedding", **options)


def shared_model(**options):
    options = {"units": UNITS, "cell": "gru", "attention": "dot", "bidirectional": True, **options}
    return encoder_decoder(TARGET, TARGET, **options)


def test_shared_embedding_is_one_weight_of_both_sides(tmp_path, rng):
    embedding = shared_embedding()
    model = shared_model(embedding=embedding)
    separate = shared_model(embedding=5)
    assert model.count_params() == separate.count_params() - TARGET * 5
    names = {layer.name for layer in model.layers}
    assert "embedding" in names and not {"source_embedding", "target_embedding"} & names
    # Ids of the source in the first batch, of the target in the second; both reach the weight.
    for side, other in (("source", "target"), ("target", "source")):
        x = {side: np.array([[4, 5]]), other: np.array([[6, 7]])}
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x) ** 2)
        gradient = tf.convert_to_tensor(tape.gradient(loss, embedding.embeddings)).numpy()
        assert gradient[4:8].any(axis=-1).all()
        assert not gradient[:4].any() and not gradient[8:].any()
    x, _, _ = batch(rng)
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    assert reloaded.count_params() == model.count_params()
    np.testing.assert_array_equal(reloaded(x), model(x))


@pytest.mark.parametrize("size", [UNITS * 2, 5], ids=["same_size", "projection"])
@pytest.mark.parametrize("shared", [False, True], ids=["separate", "shared"])
def test_tied_output_is_the_product_with_the_target_vectors(tmp_path, rng, size, shared):
    embedding = shared_embedding(size, keras.layers.ReversibleEmbedding) if shared else size
    model = shared_model(embedding=embedding, output="tied")
    layers = {layer.name: layer for layer in model.layers}
    vectors = layers["embedding" if shared else "target_embedding"].embeddings.numpy()
    assert "output" not in layers and ("projection" in layers) == (size != UNITS * 2)
    x, _, _ = batch(rng)
    hidden_model = keras.Model(model.input, layers["attention_vector"].output)
    hidden = hidden_model(x).numpy()
    if size != UNITS * 2:
        hidden = hidden @ layers["projection"].kernel.numpy()
    np.testing.assert_allclose(model(x), hidden @ vectors.T, atol=1e-6)
    full = shared_model(embedding=shared_embedding(size) if shared else size)
    projection = UNITS * 2 * size if size != UNITS * 2 else 0
    output = TARGET * (UNITS * 2 + 1)
    assert model.count_params() == full.count_params() - output + projection
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(reloaded(x), model(x))
    assert reloaded.count_params() == model.count_params()


def test_shared_and_tied_models_step_as_they_run_at_once(rng):
    embedding = shared_embedding(5, keras.layers.ReversibleEmbedding)
    model = shared_model(embedding=embedding, output="tied", input_feeding=True)
    x, _, _ = batch(rng)
    expected = model(x).numpy()
    encoded, step = views.encode(model)(x["source"]), views.step(model)
    for t in range(T):
        outputs = step({**encoded, "tokens": tf.constant(x["target"][:, t])})
        real = x["target"][:, t] != 0
        np.testing.assert_allclose(outputs["logits"][real], expected[real, t], atol=1e-6)
        encoded = {name: outputs.get(name, value) for name, value in encoded.items()}


@pytest.mark.parametrize("side", ["source", "target"])
def test_ids_of_a_shared_embedding_are_validated(rng, side):
    model = shared_model(embedding=shared_embedding())
    x, y, weights = batch(rng)
    validate(model, x, y, weights)
    x[side][0, 1] = TARGET
    with pytest.raises(ValueError, match=f"ids of `{side}` from 0 to {TARGET - 1}"):
        validate(model, x, y, weights)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"cell": "lstmm"}, "one of .*'lstm'.* Received: 'lstmm'"),
        ({"cell": keras.layers.Dense}, "recurrent Keras layer"),
        ({"units": 0}, "at least 1. Received: 0"),
        ({"num_layers": 0}, "`num_layers`.* Received: 0"),
        ({"dropout": 1.0}, "below 1. Received: 1.0"),
        ({"attention": "luong"}, "one of .*'scaled_dot'.* Received: 'luong'"),
        ({"embedding": 0}, "Received: 0"),
        ({"embedding": (keras.layers.Embedding(SOURCE, 3, name="x"), 3)}, "mask_zero=True"),
        (
            {
                "embedding": (
                    keras.layers.Embedding(4, 3, mask_zero=True, name="source_embedding"),
                    3,
                )
            },
            f"of {SOURCE} ids. Received: 4",
        ),
        ({"embedding": shared_embedding()}, "common vocabulary.* Received: 11 and 13 ids"),
        ({"output": "adaptive"}, "'full' or 'tied'. Received: 'adaptive'"),
        (
            {"embedding": (5, keras.layers.Embedding(TARGET, 5, mask_zero=True, name="x"))},
            "the name 'target_embedding'",
        ),
        (
            {
                "output": "tied",
                "embedding": (
                    5,
                    keras.layers.Embedding(TARGET, 5, mask_zero=True, name="target_embedding"),
                ),
            },
            "ReversibleEmbedding for tied weights. Received: Embedding",
        ),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        encoder_decoder(SOURCE, TARGET, **options)


@pytest.mark.parametrize("size", [4, 0, 11.0, "11"])
def test_wrong_vocabulary_size(size):
    with pytest.raises(ValueError, match="`target_vocabulary_size` to be an integer above 4"):
        encoder_decoder(SOURCE, size)


def test_views_refuse_another_model():
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="other")
    for view in (views.encode, views.step):
        with pytest.raises(ValueError, match="Expected a model of `encoder_decoder`.*'other'"):
            view(other)
