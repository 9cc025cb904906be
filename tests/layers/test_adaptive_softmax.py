"""The adaptive softmax against its definition in NumPy, on both ways to compute a cluster."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasrnn.layers import adaptive_softmax
from kerasrnn.layers.adaptive_softmax import AdaptiveSoftmax

UNITS = 17
CASES = {
    "default": (401, None, 4.0),
    "two clusters": (101, (11, 31), 2),
    "one cluster": (101, (7,), 4.0),
    "no cluster": (13, (), 4.0),
    "clusters of one id": (7, (1, 2, 6), 1.5),
    "projections of one number": (101, (5, 11, 23), 100.0),
}


@pytest.fixture(params=["inside", "everywhere"])
def path(request, monkeypatch):
    """How a cluster is computed: for the tokens in it, or for all of them as on JAX."""
    backends = ("tensorflow",) if request.param == "inside" else ()
    monkeypatch.setattr(adaptive_softmax, "DYNAMIC_SHAPES", backends)


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def by_hand(layer, hidden):
    weights = {w.name: w.numpy() for w in layer.weights}
    head = log_softmax(hidden @ weights["head_kernel"] + weights["head_bias"])
    count = len(layer.cutoffs)
    parts = [head[..., : head.shape[-1] - count]]
    for i in range(1, count + 1):
        small = hidden @ weights[f"projection_{i}"]
        tail = log_softmax(small @ weights[f"tail_{i}_kernel"] + weights[f"tail_{i}_bias"])
        parts.append(head[..., i - count - 1, None] + tail)
    return np.concatenate(parts, -1)


def built(case, rng, **kwargs):
    size, cutoffs, factor = CASES[case]
    layer = AdaptiveSoftmax(size, cutoffs, factor, **kwargs)
    layer.build((None, None, UNITS))
    for weight in layer.weights:
        weight.assign(0.3 * rng.normal(size=weight.shape))
    return layer


@pytest.mark.parametrize("case", CASES)
def test_equals_the_definition_and_sums_to_1(case, path, rng):
    layer = built(case, rng)
    hidden = rng.normal(size=(3, 41, UNITS)).astype("float32")
    targets = rng.integers(0, layer.vocabulary_size, (3, 41))
    everything = layer(hidden).numpy()
    expected = by_hand(layer, hidden)
    assert everything.shape == (3, 41, layer.vocabulary_size)
    np.testing.assert_allclose(everything, expected, atol=1e-5)
    np.testing.assert_allclose(np.exp(everything).sum(-1), 1, atol=1e-5)
    picked = np.take_along_axis(expected, targets[..., None], -1)[..., 0]
    np.testing.assert_allclose(layer(hidden, targets), picked, atol=1e-5)


@pytest.mark.parametrize("target", [0, 10, 11, 30, 31, 100])
def test_first_and_last_id_of_each_cluster(target, path, rng):
    layer = built("two clusters", rng)  # all other clusters have no token then
    hidden = rng.normal(size=(5, UNITS)).astype("float32")
    expected = by_hand(layer, hidden)[:, target]
    np.testing.assert_allclose(layer(hidden, np.full(5, target)), expected, atol=1e-5)
    np.testing.assert_allclose(layer.log_probs(hidden)[:, target], expected, atol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64"])
def test_takes_any_type_of_ids(dtype, path, rng):
    layer = built("default", rng)
    hidden = rng.normal(size=(3, UNITS)).astype("float32")
    targets = np.array([3, 17, 81], dtype)
    expected = by_hand(layer, hidden)[np.arange(3), targets]
    np.testing.assert_allclose(layer(hidden, targets), expected, atol=1e-5)


def test_gradients_are_those_of_the_whole_distribution(path, rng):
    layer = built("two clusters", rng)
    hidden = tf.constant(rng.normal(size=(3, 7, UNITS)), "float32")
    targets = rng.integers(0, 101, (3, 7))
    sources = [hidden, *(w.value for w in layer.weights)]

    def gradients(log_prob):
        with tf.GradientTape() as tape:
            tape.watch(hidden)
            loss = ops.mean(log_prob())
        return tape.gradient(loss, sources)

    one_hot = tf.one_hot(targets, 101)
    whole = gradients(lambda: ops.sum(layer(hidden) * one_hot, axis=-1))
    for own, expected in zip(gradients(lambda: layer(hidden, targets)), whole, strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-6)


def test_runs_under_xla_with_unknown_sizes(rng):
    layer = built("two clusters", rng)
    signature = [tf.TensorSpec((None, None, UNITS)), tf.TensorSpec((None, None), tf.int32)]
    compiled = tf.function(layer, input_signature=signature, jit_compile=True)
    hidden = rng.normal(size=(2, 3, UNITS)).astype("float32")
    targets = rng.integers(0, 101, (2, 3)).astype("int32")
    np.testing.assert_allclose(compiled(hidden, targets), layer(hidden, targets), atol=1e-5)


def test_projections_shrink():
    layer = AdaptiveSoftmax(101, (11, 31, 61), factor=3)
    layer.build((None, None, UNITS))
    assert [w.shape for w in layer.projections] == [(17, 5), (17, 1), (17, 1)]
    assert layer.head[0].shape == (17, 14)
    assert [kernel.shape for kernel, _ in layer.tails] == [(5, 20), (1, 30), (1, 40)]


@pytest.mark.parametrize(
    "size, cutoffs",
    [(50_000, (2000, 10_000)), (101, (4, 20)), (100, (4, 20)), (99, (19,)), (4, ())],
)
def test_default_clusters_leave_the_reserved_ids_in_the_head(size, cutoffs):
    assert AdaptiveSoftmax(size).cutoffs == cutoffs


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_is_normalised_in_mixed_precision(policy, rng):
    layer = built("two clusters", rng, dtype=policy)
    hidden = 30 * rng.normal(size=(2, 3, UNITS)).astype("float16")
    targets = rng.integers(0, 101, (2, 3))
    everything = layer.log_probs(hidden).numpy()
    assert everything.dtype == layer(hidden, targets).dtype == "float32"
    np.testing.assert_allclose(np.exp(everything).sum(-1), 1, atol=1e-5)
    picked = np.take_along_axis(everything, targets[..., None], -1)[..., 0]
    np.testing.assert_allclose(layer(hidden, targets), picked, rtol=0.02, atol=0.5)


def test_symbolic_shapes_and_mask():
    layer = AdaptiveSoftmax(11, (5,))
    hidden, targets = keras.Input((None, UNITS)), keras.Input((None,), dtype="int32")
    assert layer(hidden).shape == (None, None, 11) and layer(hidden, targets).shape == (None, None)
    vectors = keras.layers.Embedding(11, UNITS, mask_zero=True)(np.array([[3, 2, 0]]))
    outputs = layer(vectors, np.array([[2, 9, 0]]))
    assert ops.convert_to_numpy(outputs._keras_mask).tolist() == [[True, True, False]]


@pytest.mark.parametrize("case", CASES)
def test_config_makes_the_same_layer(case, rng):
    layer = built(case, rng, name="output")
    twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert twin.get_config() == layer.get_config()
    assert (twin.clusters, twin.factor) == (layer.clusters, layer.factor)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"vocabulary_size": 0}, "`vocabulary_size` to be an integer of at least 1"),
        ({"cutoffs": (5, 5)}, "`cutoffs` to be increasing ids from 1 to 10"),
        ({"cutoffs": (7, 5)}, "`cutoffs` to be increasing"),
        ({"cutoffs": (0, 5)}, "`cutoffs` to be increasing"),
        ({"cutoffs": (5, 11)}, "`cutoffs` to be increasing"),
        ({"cutoffs": (5.0,)}, "`cutoffs` to be increasing"),
        ({"factor": 0.5}, "`factor` to be a finite number of at least 1"),
        ({"factor": "four"}, "`factor` to be a finite number of at least 1"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        AdaptiveSoftmax(**{"vocabulary_size": 11, **arguments})
