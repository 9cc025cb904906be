"""The sampled softmax against the full one in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasrnn.layers import SampledSoftmax

SIZE, UNITS, HEAD = 101, 17, 11


def built(rng, head=HEAD, num_samples=23, **kwargs):
    layer = SampledSoftmax(SIZE, head, num_samples, seed=1, **kwargs)
    layer.build((None, None, UNITS))
    for weight in layer.weights:
        weight.assign(0.3 * rng.normal(size=weight.shape))
    return layer


def logits_of(layer, hidden):
    return hidden @ layer.kernel.numpy().T + layer.bias.numpy()


def batch(rng, shape=(3, 7)):
    hidden = rng.normal(size=(*shape, UNITS)).astype("float32")
    return hidden, rng.integers(0, SIZE, shape).astype("int32")


def of_targets(log_probs, targets):
    return np.take_along_axis(log_probs, targets[..., None], -1)[..., 0]


def full(layer, hidden, targets):
    logits = logits_of(layer, hidden)
    return of_targets(logits - np.log(np.exp(logits).sum(-1, keepdims=True)), targets)


def test_is_the_full_softmax_outside_of_training(rng):
    layer, (hidden, targets) = built(rng), batch(rng)
    expected = full(layer, hidden, targets)
    np.testing.assert_allclose(layer(hidden, targets), expected, atol=1e-5)
    np.testing.assert_allclose(layer(hidden, targets, training=False), expected, atol=1e-5)
    everything = layer(hidden).numpy()
    np.testing.assert_allclose(np.exp(everything).sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(of_targets(everything, targets), expected, atol=1e-5)


@pytest.mark.parametrize("head, num_samples", [(HEAD, SIZE - HEAD), (SIZE, None)])
def test_is_the_full_softmax_where_all_ids_are_drawn(rng, head, num_samples):
    layer, (hidden, targets) = built(rng, head, num_samples), batch(rng)
    outputs = layer(hidden, targets, training=True)
    np.testing.assert_allclose(outputs, full(layer, hidden, targets), atol=1e-5)


def test_the_mean_of_the_normalisers_is_the_normaliser(rng):
    layer, (hidden, targets) = built(rng), batch(rng)
    own = of_targets(logits_of(layer, hidden), targets)
    normaliser = np.exp(logits_of(layer, hidden)).sum(-1)
    estimates = [np.exp(own - layer(hidden, targets, training=True)) for _ in range(600)]
    error = np.std(estimates, axis=0) / np.sqrt(len(estimates))
    assert (error > 0).all(), "nothing is drawn anew"
    assert (abs(np.mean(estimates, axis=0) - normaliser) < 5 * error).all()


def test_each_draw_has_the_head_and_other_ids_once(rng):
    layer = built(rng)
    draws = [layer._draw().numpy() for _ in range(50)]
    for ids in draws:
        assert len(set(ids)) == len(ids) == HEAD + 23
        assert ids[:HEAD].tolist() == list(range(HEAD)) and ids.max() < SIZE
    assert set(np.concatenate(draws)) == set(range(SIZE))


def test_only_what_is_computed_gets_a_gradient(rng):
    layer, (hidden, targets) = built(rng, num_samples=2), batch(rng)
    with tf.GradientTape() as tape:
        loss = ops.sum(layer(hidden, targets, training=True))
    gradient = tf.convert_to_tensor(tape.gradient(loss, layer.kernel.value)).numpy()
    touched = set(np.flatnonzero(abs(gradient).sum(-1)))
    kept = set(range(HEAD)) | set(targets.ravel())
    assert kept <= touched and len(touched - kept) <= 2


def test_learns_what_the_full_softmax_learns(rng):
    """A distribution that depends on the hidden state comes out, frequent or rare."""
    hidden = np.eye(3, dtype="float32")[rng.integers(0, 3, 6000)]
    chances = rng.dirichlet(20 / np.arange(1, SIZE + 1), 3)
    targets = np.array([rng.choice(SIZE, p=chances[row.argmax()]) for row in hidden], "int32")
    inputs = {"hidden": keras.Input((3,), name="hidden")}
    inputs["targets"] = keras.Input((), dtype="int32", name="targets")
    layer = SampledSoftmax(SIZE, head=7, num_samples=31, seed=1)
    model = keras.Model(inputs, layer(inputs["hidden"], inputs["targets"]))
    decay = keras.optimizers.schedules.CosineDecay(0.1, 700)
    model.compile(keras.optimizers.Adam(decay), lambda y_true, y_pred: -y_pred)
    model.fit({"hidden": hidden, "targets": targets}, targets, 100, epochs=12, verbose=0)
    learned = np.exp(layer(np.eye(3, dtype="float32")))
    counts = np.array([np.bincount(targets[hidden[:, i] == 1], minlength=SIZE) for i in range(3)])
    observed = counts / counts.sum(1, keepdims=True)
    assert abs(learned - observed).sum(1).max() / 2 < 0.1  # total variation


def test_runs_under_xla_with_unknown_sizes(rng):
    layer, (hidden, targets) = built(rng), batch(rng)
    signature = [tf.TensorSpec((None, None, UNITS)), tf.TensorSpec((None, None), tf.int32)]
    compiled = tf.function(
        lambda hidden, targets: layer(hidden, targets, training=True),
        input_signature=signature,
        jit_compile=True,
    )
    exact = full(layer, hidden, targets)
    assert 0 < abs(compiled(hidden, targets) - exact).numpy().max() < 1


def test_config_makes_the_same_layer(rng):
    layer = built(rng, name="output")
    twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert twin.get_config() == layer.get_config()
    np.testing.assert_array_equal(twin._draw(), built(rng)._draw())


@pytest.mark.parametrize("size, head, num_samples", [(10_004, 1000, 500), (5, 1, 1), (1, 1, 0)])
def test_default_sizes(size, head, num_samples):
    layer = SampledSoftmax(size)
    assert (layer.head, layer.num_samples) == (head, num_samples)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"vocabulary_size": 0}, "`vocabulary_size` to be an integer of at least 1"),
        ({"head": 0}, "`head` to be an integer of at least 1"),
        ({"num_samples": 0}, "`num_samples` to be an integer of at least 1"),
        ({"head": 12}, "`head` and `num_samples` to be at most 11 ids together"),
        ({"head": 5, "num_samples": 7}, "to be at most 11 ids together"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        SampledSoftmax(**{"vocabulary_size": 11, **arguments})
