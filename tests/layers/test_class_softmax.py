"""The class softmax against a softmax over words written out in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasrnn.layers.class_softmax import ClassSoftmax, frequency_classes

UNITS = 5
CASES = {
    "default": (101, None, None),
    "few classes": (101, 7, None),
    "one class": (31, 1, None),
    "as many classes as ids": (31, 31, None),
    "counts": (97, 11, [(i * 37) % 97 for i in range(97)]),
    "one id": (1, None, None),
}


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def by_hand(layer, hidden):
    """P(c | h) P(w | c, h), one id after the other."""
    class_kernel, class_bias, kernel, bias = (w.numpy() for w in layer.weights)
    classes = log_softmax(hidden @ class_kernel + class_bias)
    scores = hidden @ kernel.T + bias
    result = np.empty_like(scores)
    for word, own in enumerate(layer.class_of):
        mates = np.flatnonzero(layer.class_of == own)
        normaliser = np.log(np.exp(scores[..., mates]).sum(-1))
        result[..., word] = classes[..., own] + scores[..., word] - normaliser
    return result


def built(case, rng, **kwargs):
    size, num_classes, counts = CASES[case]
    layer = ClassSoftmax(size, num_classes, counts, **kwargs)
    layer.build((None, None, UNITS))
    for weight in layer.weights:
        weight.assign(rng.normal(size=weight.shape))
    return layer


@pytest.mark.parametrize("case", CASES)
def test_equals_the_definition_and_sums_to_1(case, rng):
    layer = built(case, rng)
    hidden = rng.normal(size=(2, 3, UNITS)).astype("float32")
    targets = rng.integers(0, layer.vocabulary_size, (2, 3))
    everything = layer(hidden).numpy()
    expected = by_hand(layer, hidden)
    np.testing.assert_allclose(everything, expected, atol=1e-5)
    np.testing.assert_allclose(np.exp(everything).sum(-1), 1, atol=1e-5)
    picked = np.take_along_axis(expected, targets[..., None], -1)[..., 0]
    np.testing.assert_allclose(layer(hidden, targets), picked, atol=1e-5)


def test_takes_a_single_step_too(rng):
    layer = built("counts", rng)
    hidden = rng.normal(size=(7, UNITS)).astype("float32")
    np.testing.assert_allclose(layer.log_probs(hidden), by_hand(layer, hidden), atol=1e-5)
    targets = np.arange(7)
    picked = by_hand(layer, hidden)[targets, targets]
    np.testing.assert_allclose(layer(hidden, targets), picked, atol=1e-5)


def test_gradients_are_those_of_the_whole_distribution(rng):
    layer = built("counts", rng)
    hidden = tf.constant(rng.normal(size=(3, 7, UNITS)), "float32")
    targets = rng.integers(0, 97, (3, 7))
    sources = [hidden, *(w.value for w in layer.weights)]

    def gradients(log_prob):
        with tf.GradientTape() as tape:
            tape.watch(hidden)
            loss = ops.mean(log_prob())
        return tape.gradient(loss, sources)

    own = gradients(lambda: layer(hidden, targets))
    one_hot = tf.one_hot(targets, 97)
    whole = gradients(lambda: ops.sum(layer(hidden) * one_hot, axis=-1))
    for a, b in zip(own, whole, strict=True):
        np.testing.assert_allclose(tf.convert_to_tensor(a), tf.convert_to_tensor(b), atol=1e-6)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_gradients_are_sparse(policy, rng):
    layer = built("default", rng, dtype=policy)
    hidden = rng.normal(size=(3, 7, UNITS)).astype("float32")
    with tf.GradientTape() as tape:
        loss = ops.mean(layer(hidden, rng.integers(0, 101, (3, 7))))
    gradients = tape.gradient(loss, [layer.kernel.value, layer.bias.value])
    assert all(isinstance(gradient, tf.IndexedSlices) for gradient in gradients)


def test_plain_sgd_leaves_the_words_of_other_classes_alone(rng):
    layer = built("few classes", rng)
    before = layer.kernel.numpy()
    hidden = tf.constant(rng.normal(size=(1, 2, UNITS)), "float32")
    with tf.GradientTape() as tape:
        loss = ops.sum(layer(hidden, np.array([[50, 50]])))
    variables = layer.trainable_variables
    keras.optimizers.SGD(0.1).apply(tape.gradient(loss, [v.value for v in variables]), variables)
    changed = (layer.kernel.numpy() != before).any(-1)
    np.testing.assert_array_equal(changed, layer.class_of == layer.class_of[50])


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_is_normalised_in_mixed_precision(policy, rng):
    layer = built("default", rng, dtype=policy)
    hidden = 30 * rng.normal(size=(2, 3, UNITS)).astype("float16")
    targets = rng.integers(0, 101, (2, 3))
    everything = layer.log_probs(hidden).numpy()
    assert everything.dtype == layer(hidden, targets).dtype == "float32"
    np.testing.assert_allclose(np.exp(everything).sum(-1), 1, atol=1e-5)
    picked = np.take_along_axis(everything, targets[..., None], -1)[..., 0]
    np.testing.assert_allclose(layer(hidden, targets), picked, rtol=0.02, atol=0.5)


def test_symbolic_shapes_are_the_real_ones():
    layer = ClassSoftmax(11, dtype="mixed_float16")
    hidden, targets = keras.Input((None, UNITS)), keras.Input((None,), dtype="int32")
    everything, of_targets = layer(hidden), layer(hidden, targets)
    assert everything.shape == (None, None, 11) and of_targets.shape == (None, None)
    assert everything.dtype == of_targets.dtype == "float32"
    assert layer(keras.Input((UNITS,))).shape == (None, 11)


def test_passes_the_mask_on():
    vectors = keras.layers.Embedding(7, UNITS, mask_zero=True)(np.array([[3, 2, 0]]))
    layer = ClassSoftmax(7)
    for outputs in (layer(vectors), layer(vectors, np.array([[2, 1, 0]]))):
        assert ops.convert_to_numpy(outputs._keras_mask).tolist() == [[True, True, False]]


@pytest.mark.parametrize("case", ["default", "counts"])
def test_config_makes_the_same_layer(case, rng):
    layer = built(case, rng, name="output")
    config = keras.saving.serialize_keras_object(layer)
    twin = keras.saving.deserialize_keras_object(config)
    assert twin.get_config() == layer.get_config()
    np.testing.assert_array_equal(twin.class_of, layer.class_of)


def test_classes_by_hand():
    # Square roots 4 2 1 1 1 0 of 9; with half of each share from 1 / 6, the middles of the shares
    # are 0.15 0.40 0.57 0.71 0.85 0.96, which thirds cut into 1 + 2 + 3.
    assert frequency_classes([16, 4, 1, 1, 1, 0], 3).tolist() == [0, 1, 1, 2, 2, 2]
    assert frequency_classes([0, 1, 1, 4, 1, 16], 3).tolist() == [2, 1, 2, 1, 2, 0]
    # Square roots 9 1 1 1 1 1 of 14: middles 0.20 0.46 0.58 0.70 0.82 0.94.
    assert frequency_classes([81, 1, 1, 1, 1, 1], 2).tolist() == [0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("num_classes", [1, 3, 29, 997])
@pytest.mark.parametrize("power", [0.0, 1.0, 3.0])
def test_classes_are_ordered_without_gaps_and_bounded(num_classes, power, rng):
    counts = rng.permutation(1000.0 / np.arange(1, 998) ** power)
    classes = frequency_classes(counts, num_classes)
    sizes = np.bincount(classes)
    assert sizes.min() > 0 and len(sizes) <= num_classes
    assert sizes.max() <= 2 * 997 / num_classes + 1
    in_order = classes[np.argsort(-counts, kind="stable")]
    assert (np.diff(in_order) >= 0).all()
    assert len(sizes) >= num_classes / 2


def test_equal_counts_make_equal_classes():
    assert np.bincount(frequency_classes(np.ones(60), 5)).tolist() == [12] * 5


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"vocabulary_size": 0}, "`vocabulary_size` to be an integer of at least 1"),
        ({"vocabulary_size": 7.0}, "`vocabulary_size` to be an integer"),
        ({"vocabulary_size": True}, "`vocabulary_size` to be an integer"),
        ({"vocabulary_size": 7, "num_classes": 0}, "`num_classes` to be an integer of at least 1"),
        ({"vocabulary_size": 7, "num_classes": 8}, "`num_classes` of at most 7"),
        ({"vocabulary_size": 3, "counts": [1, 2]}, "3 `counts`.*Received: 2"),
        ({"vocabulary_size": 2, "counts": [1, -2]}, "`counts` to be a list of finite numbers"),
        ({"vocabulary_size": 2, "counts": [0, 0]}, "some above it"),
        ({"vocabulary_size": 2, "counts": [1, float("nan")]}, "finite numbers"),
        ({"vocabulary_size": 2, "counts": [[1, 2]]}, "Received: shape"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        ClassSoftmax(**arguments)
