"""Two texts by one encoder: what is shared, what is joined, and what does not matter."""

import keras
import numpy as np
import pytest

from kerasrnn import models, plotting, views
from kerasrnn.layers.cells import CELLS
from kerasrnn.options.words import Pooling, words

VOCABULARY, CLASSES, UNITS, EMBEDDING, HIDDEN = 29, 3, 5, 7, 11
FIRST = np.array([[5, 9, 4, 13, 6], [7, 8, 0, 0, 0], [28, 0, 0, 0, 0]])
SECOND = np.array([[6, 5, 4], [11, 4, 17], [9, 4, 0]])


def made(**options):
    keras.utils.set_random_seed(1)
    options = {"units": UNITS, "embedding": EMBEDDING, **options}
    model = models.siamese(VOCABULARY, CLASSES, **options)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model


def answer(model, first=FIRST, second=SECOND):
    return np.asarray(model({"first": first, "second": second}))


@pytest.mark.parametrize("join, parts", [("ordered", 4), ("symmetric", 2)])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("pooling", words(Pooling))
def test_the_joined_vectors_by_numpy(join, parts, bidirectional, pooling):
    model = made(join=join, bidirectional=bidirectional, pooling=pooling, hidden_units=HIDDEN)
    encode = views.vector(model)
    a, b = (np.asarray(encode(each), "float64") for each in (FIRST, SECOND))
    size = 2 * UNITS if bidirectional else UNITS
    assert a.shape == (3, size)
    joined = [np.abs(a - b), a * b] if join == "symmetric" else [a, b, np.abs(a - b), a * b]
    kernel, bias = (np.asarray(w, "float64") for w in model.get_layer("hidden").get_weights())
    assert kernel.shape == (parts * size, HIDDEN)
    hidden = np.maximum(np.concatenate(joined, axis=1) @ kernel + bias, 0)
    kernel, bias = model.get_layer("output").get_weights()
    np.testing.assert_allclose(answer(model), hidden @ kernel + bias, rtol=1e-3, atol=1e-4)


def test_there_is_one_encoder_and_both_texts_train_it():
    model = made(cell="lstm")
    # Four gates, each of the inputs, of the states and a bias.
    encoder = VOCABULARY * EMBEDDING + 4 * UNITS * (EMBEDDING + UNITS + 1)
    assert model.count_params() == encoder + (4 * UNITS + 1) * CLASSES
    assert [layer.name for layer in model.layers].count("recurrent") == 1
    before = model.get_layer("token_embedding").get_weights()[0].copy()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.train_on_batch({"first": FIRST, "second": SECOND}, np.array([0, 2, 1]))
    moved = (model.get_layer("token_embedding").get_weights()[0] != before).any(axis=1)
    assert set(np.flatnonzero(moved)) == set(np.unique([*FIRST.flat, *SECOND.flat])) - {0}


@pytest.mark.parametrize("cell", CELLS)
def test_a_symmetric_join_does_not_know_the_order(cell):
    model = made(join="symmetric", cell=cell, hidden_units=HIDDEN)
    np.testing.assert_array_equal(answer(model), answer(model, SECOND, FIRST))
    ordered = made(join="ordered", cell=cell)
    assert not np.allclose(answer(ordered), answer(ordered, SECOND, FIRST), atol=1e-3)


@pytest.mark.parametrize("pooling", words(Pooling))
def test_padding_changes_nothing(pooling):
    model = made(pooling=pooling, bidirectional=True, num_layers=2)
    wider = np.pad(FIRST, ((0, 0), (0, 2))), np.pad(SECOND, ((0, 0), (0, 7)))
    np.testing.assert_allclose(answer(model, *wider), answer(model), rtol=1e-4, atol=1e-5)
    alone = answer(model, FIRST[1:2, :2], SECOND[1:2])
    np.testing.assert_allclose(alone, answer(model)[1:2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("join", ["ordered", "symmetric"])
def test_what_is_reloaded_is_bit_equal(join, tmp_path):
    model = made(join=join, pooling="attention", dropout=0.3, hidden_units=HIDDEN)
    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(answer(other), answer(model))
    np.testing.assert_array_equal(
        np.asarray(views.vector(other)(FIRST)), np.asarray(views.vector(model)(FIRST))
    )


def test_views_of_a_single_text():
    model = made(pooling="attention", cell="gru")
    weights = np.asarray(views.attention_scores(model)(FIRST))
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    assert (weights[FIRST == 0] == 0).all()
    states = np.asarray(views.gates(model)(FIRST)["hidden_state"])
    expected = (weights[:, :, None] * np.nan_to_num(states)).sum(axis=1)
    np.testing.assert_allclose(np.asarray(views.vector(model)(FIRST)), expected, rtol=1e-4)
    with pytest.raises(ValueError, match="a model that reads one sequence"):
        views.gradient_norms(model, {"first": FIRST, "second": SECOND}, np.array([0, 1, 2]))
    with pytest.raises(ValueError, match="Expected a recurrent model of a factory, such as"):
        plotting.topology(model)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"join": "both"}, "Expected `join` to be one of .*symmetric.* Received: 'both'"),
        ({"pooling": "sum"}, "Expected `pooling` to be one of"),
        ({"hidden_units": 0}, "hidden_units"),
        ({"units": 0}, "units"),
        ({"cell": "tree"}, "cell"),
    ],
)
def test_wrong_options(options, said):
    with pytest.raises(ValueError, match=said):
        models.siamese(VOCABULARY, CLASSES, **options)
    with pytest.raises(ValueError, match="vocabulary_size"):
        models.siamese(4, CLASSES)


def test_sixteen_bits_inside_and_logits_of_thirty_two():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = made(hidden_units=HIDDEN)
    finally:
        keras.config.set_dtype_policy("float32")
    assert answer(model).dtype == "float32" and np.isfinite(answer(model)).all()
    assert np.asarray(views.vector(model)(FIRST)).dtype == "float32"
