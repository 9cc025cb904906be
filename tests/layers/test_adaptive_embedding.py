"""Vectors that are the weights of an adaptive softmax, against the definition in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasrnn.layers import AdaptiveEmbedding, adaptive_softmax

SIZE, UNITS = 101, 17
CUTOFFS = {"two clusters": (11, 31), "one": (7,), "none": (), "of one id": (1, 2, 100)}


@pytest.fixture(params=["inside", "everywhere"])
def path(request, monkeypatch):
    """How a cluster is computed: for the tokens in it, or for all of them as on JAX."""
    backends = ("tensorflow",) if request.param == "inside" else ()
    monkeypatch.setattr(adaptive_softmax, "DYNAMIC_SHAPES", backends)


def built(cutoffs, rng, **kwargs):
    layer = AdaptiveEmbedding(SIZE, UNITS, cutoffs, **kwargs)
    layer.build()
    for weight in layer.weights:
        weight.assign(0.3 * rng.normal(size=weight.shape))
    return layer


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def by_hand(layer, hidden):
    weights = {w.name: w.numpy() for w in layer.weights}
    vectors, count = weights["embeddings"], len(layer.cutoffs)
    if count:
        vectors = np.concatenate([vectors, weights["cluster_vectors"]])
    logits = hidden @ vectors.T + weights["bias"]
    bounds = [0, *layer.cutoffs, SIZE]
    clusters = logits[..., SIZE:]
    head = log_softmax(np.concatenate([logits[..., : bounds[1]], clusters], -1))
    parts = [head[..., : bounds[1]]]
    for i in range(1, count + 1):
        tail = log_softmax(logits[..., bounds[i] : bounds[i + 1]])
        parts.append(head[..., i - count - 1, None] + tail)
    return np.concatenate(parts, -1)


@pytest.mark.parametrize("cutoffs", CUTOFFS.values(), ids=CUTOFFS)
def test_reverse_equals_the_definition_and_sums_to_1(cutoffs, path, rng):
    layer = built(cutoffs, rng)
    hidden = rng.normal(size=(3, 41, UNITS)).astype("float32")
    targets = rng.integers(0, SIZE, (3, 41))
    everything, expected = layer(hidden, reverse=True).numpy(), by_hand(layer, hidden)
    np.testing.assert_allclose(everything, expected, atol=1e-5)
    np.testing.assert_allclose(np.exp(everything).sum(-1), 1, atol=1e-5)
    picked = np.take_along_axis(expected, targets[..., None], -1)[..., 0]
    np.testing.assert_allclose(layer(hidden, reverse=True, targets=targets), picked, atol=1e-5)


def test_forwards_it_is_an_embedding(rng):
    layer = built((11, 31), rng, mask_zero=True)
    ids = np.array([[5, 99, 0], [31, 0, 0]])
    vectors = layer(ids)
    np.testing.assert_array_equal(vectors, layer.embeddings.numpy()[ids])
    assert ops.convert_to_numpy(vectors._keras_mask).tolist() == (ids > 0).tolist()


def test_gradients_are_those_of_the_whole_distribution(path, rng):
    layer = built((11, 31), rng)
    hidden = tf.constant(rng.normal(size=(3, 7, UNITS)), "float32")
    targets = rng.integers(0, SIZE, (3, 7))
    sources = [hidden, *(w.value for w in layer.weights)]

    def gradients(log_prob):
        with tf.GradientTape() as tape:
            tape.watch(hidden)
            loss = ops.mean(log_prob())
        return tape.gradient(loss, sources)

    one_hot = tf.one_hot(targets, SIZE)
    whole = gradients(lambda: ops.sum(layer(hidden, reverse=True) * one_hot, axis=-1))
    some = gradients(lambda: layer(hidden, reverse=True, targets=targets))
    for own, expected in zip(some, whole, strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-6)


@pytest.mark.parametrize("cutoffs", [None, *CUTOFFS.values()])
def test_config_makes_the_same_layer(cutoffs, rng):
    layer = built(cutoffs, rng, name="token_embedding", mask_zero=True)
    twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert twin.get_config() == layer.get_config() and twin.clusters == layer.clusters


def test_symbolic_shapes():
    layer = AdaptiveEmbedding(11, UNITS, (5,))
    ids, hidden = keras.Input((None,), dtype="int32"), keras.Input((None, UNITS))
    assert layer(ids).shape == (None, None, UNITS)
    assert layer(hidden, reverse=True).shape == (None, None, 11)
    assert layer(hidden, reverse=True, targets=ids).shape == (None, None)


def test_is_normalised_in_mixed_precision(rng):
    layer = built((11, 31), rng, dtype="mixed_bfloat16")
    everything = layer(30 * rng.normal(size=(2, 3, UNITS)), reverse=True).numpy()
    assert everything.dtype == "float32"
    np.testing.assert_allclose(np.exp(everything).sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0, 5), "`input_dim` to be an integer of at least 1"),
        ((11, 0), "`output_dim` to be an integer of at least 1"),
        ((11, 5, (5, 5)), "`cutoffs` to be increasing ids from 1 to 10"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        AdaptiveEmbedding(*arguments)
