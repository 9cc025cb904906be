"""The view of all log-probabilities, and what models with the two output layers learn."""

import keras
import numpy as np
import pytest

from kerasrnn.layers import AdaptiveSoftmax, ClassSoftmax, RecurrentStack
from kerasrnn.losses import NegativeLogProbability
from kerasrnn.views import log_probs

SIZE, UNITS = 101, 5
LAYERS = {
    "class": lambda: ClassSoftmax(SIZE, name="output"),
    "class with counts": lambda: ClassSoftmax(
        SIZE, 13, [(i * 41) % SIZE for i in range(SIZE)], name="output"
    ),
    "adaptive": lambda: AdaptiveSoftmax(SIZE, (11, 31), name="output"),
}


def hidden_states(tokens):
    vectors = keras.layers.Embedding(SIZE, UNITS, mask_zero=True, name="token_embedding")(tokens)
    hidden, *_ = RecurrentStack("gru", UNITS, return_state=True, name="recurrent")(vectors)
    return keras.layers.Dropout(0.3, name="dropout")(hidden)


def target_model(kind):
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    targets = keras.Input((None,), dtype="int32", name="targets")
    log_prob = LAYERS[kind]()(hidden_states(tokens), targets)
    return keras.Model({"tokens": tokens, "targets": targets}, log_prob, name="language_model")


def batch(rng, shape=(3, 7)):
    return {
        "tokens": rng.integers(1, SIZE, shape).astype("int32"),
        "targets": rng.integers(1, SIZE, shape).astype("int32"),
    }


def picked(everything, targets):
    return np.take_along_axis(np.asarray(everything), targets[..., None], -1)[..., 0]


@pytest.mark.parametrize("kind", LAYERS)
def test_gives_a_distribution_whose_targets_are_the_models(kind, rng):
    model, x = target_model(kind), batch(rng)
    view = log_probs(model)
    everything = view(x["tokens"])
    assert tuple(everything.shape) == (3, 7, SIZE)
    assert view.output_shape == (None, None, SIZE)
    np.testing.assert_allclose(np.exp(everything).sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(picked(everything, x["targets"]), model(x), atol=1e-5)


@pytest.mark.parametrize("kind", LAYERS)
def test_survives_saving_bit_equal(kind, rng, tmp_path):
    model, x = target_model(kind), batch(rng)
    model.compile("sgd", NegativeLogProbability())
    model.save(tmp_path / "model.keras")
    twin = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(twin.loss, NegativeLogProbability)
    np.testing.assert_array_equal(twin(x), model(x))
    np.testing.assert_array_equal(log_probs(twin)(x["tokens"]), log_probs(model)(x["tokens"]))
    log_probs(model).save(tmp_path / "view.keras")
    view = keras.saving.load_model(tmp_path / "view.keras")
    np.testing.assert_array_equal(view(x["tokens"]), log_probs(model)(x["tokens"]))


@pytest.mark.parametrize("kind", ["class", "adaptive"])
def test_belongs_to_the_model_it_was_given(kind, rng):
    """Another model over the same output layer has a view of its own."""
    first, x = target_model(kind), batch(rng)
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    targets = keras.Input((None,), dtype="int32", name="targets")
    vectors = keras.layers.Embedding(SIZE, UNITS)(tokens)
    output = first.get_layer("output")
    second = keras.Model({"tokens": tokens, "targets": targets}, output(vectors, targets=targets))
    for model in (first, second):
        everything = log_probs(model)(x["tokens"])
        np.testing.assert_allclose(picked(everything, x["targets"]), model(x), atol=1e-5)


def test_does_not_care_how_the_model_was_compiled(rng):
    """Neither its loss nor its optimizer, with slots as large as the weights, is made again."""

    class Unregistered(keras.losses.Loss):
        def __init__(self, needed):
            super().__init__()

    model, x = target_model("adaptive"), batch(rng)
    before = np.array(log_probs(model)(x["tokens"]))
    model.compile("adam", Unregistered("needed"))
    np.testing.assert_array_equal(log_probs(model)(x["tokens"]), before)


def test_shares_the_weights_and_leaves_the_model_alone(rng):
    model = target_model("class")
    model.compile("adam", NegativeLogProbability(), run_eagerly=True)
    x = batch(rng)
    view = log_probs(model)
    assert {id(w) for w in view.weights} == {id(w) for w in model.weights}
    assert not view.compiled and view.name == "language_model_log_probs"
    before = np.array(view(x["tokens"]))
    model.train_on_batch(x, x["targets"])
    assert (np.array(view(x["tokens"])) != before).any()
    assert sorted(model.input) == ["targets", "tokens"] and len(view.inputs) == 1


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_logits_become_log_probabilities(dtype, rng):
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    logits = keras.layers.Dense(SIZE, dtype=dtype, name="output")(hidden_states(tokens))
    model, x = keras.Model(tokens, logits), batch(rng)
    everything = np.asarray(log_probs(model)(x["tokens"]))
    scores = np.asarray(model(x["tokens"]), "float64")
    expected = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    assert everything.dtype == "float32"
    np.testing.assert_allclose(everything, expected, atol=1e-5)


@pytest.mark.parametrize("kind", LAYERS)
def test_padding_changes_nothing(kind, rng):
    x = batch(rng)
    x["tokens"][1, 4:] = x["targets"][1, 4:] = 0
    padded = {name: np.pad(ids, ((0, 0), (0, 4))) for name, ids in x.items()}
    model = target_model(kind)
    np.testing.assert_allclose(model(padded)[:, :7], model(x), atol=1e-6)
    assert np.isfinite(model(padded)).all()
    model.compile("sgd", NegativeLogProbability(), run_eagerly=True)
    losses = [
        model.test_on_batch(inputs, inputs["targets"], sample_weight=weights)
        for inputs in (x, padded)
        for weights in (None, (inputs["targets"] > 0).astype("float32"))
    ]
    log_prob = np.asarray(model(x))
    np.testing.assert_allclose(losses, -log_prob[x["targets"] > 0].mean(), rtol=1e-5)


@pytest.mark.parametrize("kind", ["class", "adaptive"])
def test_stock_fit_lowers_the_loss(kind, rng):
    model, x = target_model(kind), batch(rng, (16, 7))
    x["targets"] = (x["tokens"] * 3) % SIZE
    model.compile(keras.optimizers.SGD(1.0, global_clipnorm=5.0), NegativeLogProbability())
    data = {"batch_size": 8, "sample_weight": np.ones((16, 7), "float32"), "verbose": 0}
    before = model.evaluate(x, x["targets"], **data)
    model.fit(x, x["targets"], epochs=8, **data)
    assert model.evaluate(x, x["targets"], **data) < before - 0.1


@pytest.mark.parametrize("kind", LAYERS)
def test_learns_a_distribution(kind, rng):
    """From one hidden state that never changes, the shares of the targets are what is best."""
    targets = rng.choice(SIZE, size=211, p=rng.dirichlet(np.full(SIZE, 0.2))).astype("int32")
    hidden = np.ones((211, UNITS), "float32")
    inputs = keras.Input((UNITS,)), keras.Input((), dtype="int32")
    output = LAYERS[kind]()
    model = keras.Model(inputs, output(*inputs))
    model.compile(keras.optimizers.Adam(0.1), NegativeLogProbability())
    for _ in range(150):
        model.train_on_batch((hidden, targets), targets)
    learned = np.exp(output.log_probs(hidden[:1]))[0]
    np.testing.assert_allclose(learned, np.bincount(targets, minlength=SIZE) / 211, atol=0.01)


def test_refuses_other_models():
    inputs = keras.Input((3,))
    both = keras.Model(inputs, [inputs + 1, inputs + 2], name="both")
    for model in (both, keras.Sequential([keras.layers.Dense(3)], name="unbuilt")):
        with pytest.raises(ValueError, match="Expected a functional model of one output"):
            log_probs(model)
