"""Attention against NumPy, and the gradients of its projections against finite differences."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.layers import Attention

# Keras itself calls `np.array` on TensorFlow variables when it saves weights.
pytestmark = pytest.mark.filterwarnings(
    "error", "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def dot(weights, q, v):
    return np.einsum("bqd,bvd->bqv", q, v)


def scaled_dot(weights, q, v):
    return dot(weights, q, v) / np.sqrt(q.shape[-1])


def general(weights, q, v):
    return np.einsum("bqd,ed,bve->bqv", q, weights["key_projection"], v)


def additive(weights, q, v):
    q = (q @ weights["query_projection"])[:, :, None]
    v = (v @ weights["key_projection"])[:, None]
    return np.tanh(q + v) @ weights["softmax"]


def attend(score, weights, query, value, query_mask, value_mask):
    """Returns the contexts and the weights of the values."""
    scores = np.exp(score(weights, query, value)) * value_mask[:, None]
    scores /= scores.sum(-1, keepdims=True)
    return (scores @ value) * query_mask[..., None], scores


# Arguments, the score in NumPy, sizes of query and value, number of parameters.
CASES = {
    "dot": (("dot",), dot, (5, 5), 0),
    "dot_size_1": (("dot",), dot, (1, 1), 0),
    "scaled_dot": (("scaled_dot",), scaled_dot, (5, 5), 0),
    "general": (("general",), general, (5, 5), 5 * 5),
    "general_sizes_differ": (("general",), general, (3, 5), 3 * 5),
    "additive": (("additive",), additive, (5, 5), 5 * 5 + 5 * 5 + 5),
    "additive_sizes_differ": (("additive",), additive, (3, 5), 3 * 3 + 5 * 3 + 3),
    "additive_units": (("additive", 11), additive, (3, 5), 3 * 11 + 5 * 11 + 11),
    "additive_one_unit": (("additive", 1), additive, (5, 5), 5 + 5 + 1),
}
B, TQ, TV = 2, 3, 7
QUERY_MASK = np.array([[True, True, True], [True, False, False]])
VALUE_MASKS = {
    "no_mask": None,
    "padded": np.arange(TV) < np.array([[7], [2]]),
    "scattered": np.array([[0, 1, 1, 0, 1, 0, 1], [0, 0, 0, 0, 0, 1, 0]], bool),
}

every_case = pytest.mark.parametrize(
    ("arguments", "score", "sizes", "num_weights"), CASES.values(), ids=CASES
)
every_value_mask = pytest.mark.parametrize("value_mask", VALUE_MASKS.values(), ids=VALUE_MASKS)
every_query_mask = pytest.mark.parametrize(
    "query_mask", [None, QUERY_MASK], ids=["no_query_mask", "query_mask"]
)


def uniform(shape, seed):
    return np.random.default_rng(seed).uniform(-0.9, 0.9, shape).astype("float32")


def make(arguments, sizes):
    """A built layer with random weights, their copies by name, a query and a value."""
    layer = Attention(*arguments)
    query, value = uniform((B, TQ, sizes[0]), 1), uniform((B, TV, sizes[1]), 2)
    layer.build(query.shape, value.shape)
    layer.set_weights([uniform(w.shape, 10 + i) for i, w in enumerate(layer.weights)])
    weights = {w.path.split("/")[-2]: w.numpy().astype("float64") for w in layer.weights}
    return layer, weights, query, value


def assert_close(received, expected):
    np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-5)


@every_case
@every_value_mask
@every_query_mask
def test_context_and_scores(arguments, score, sizes, num_weights, value_mask, query_mask):
    layer, weights, query, value = make(arguments, sizes)
    context, scores = layer(
        query,
        value,
        query_mask=query_mask,
        value_mask=value_mask,
        return_attention_scores=True,
    )
    all_values, all_queries = np.ones((B, TV)), np.ones((B, TQ))
    expected_context, expected_scores = attend(
        score,
        weights,
        query.astype("float64"),
        value.astype("float64"),
        all_queries if query_mask is None else query_mask,
        all_values if value_mask is None else value_mask,
    )
    assert_close(context, expected_context)
    assert_close(scores, expected_scores)
    assert_close(np.sum(scores, axis=-1), all_queries)
    if value_mask is not None:
        assert not scores.numpy().swapaxes(1, 2)[~value_mask].any()  # 0, not merely little
    if query_mask is not None:
        assert not context.numpy()[~query_mask].any()


@every_case
def test_scores_are_returned_on_request_alone(arguments, score, sizes, num_weights):
    layer, _, query, value = make(arguments, sizes)
    context = layer(query, value)
    assert context.shape == (B, TQ, sizes[1])
    np.testing.assert_array_equal(context, layer(query, value, return_attention_scores=True)[0])


@every_case
def test_more_padding_and_its_content_change_nothing(arguments, score, sizes, num_weights):
    layer, _, query, value = make(arguments, sizes)
    mask = VALUE_MASKS["padded"]
    expected = layer(query, value, value_mask=mask, return_attention_scores=True)
    value[~mask] = 1e3
    value = np.pad(value, [(0, 0), (0, 4), (0, 0)], constant_values=-1e3)
    mask = np.pad(mask, [(0, 0), (0, 4)])
    context, scores = layer(query, value, value_mask=mask, return_attention_scores=True)
    assert_close(context, expected[0])
    assert_close(scores[..., :TV], expected[1])
    assert not np.any(scores[..., TV:])


@every_case
def test_number_of_parameters(arguments, score, sizes, num_weights):
    assert make(arguments, sizes)[0].count_params() == num_weights


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case[3]])
def test_gradients_equal_finite_differences(case):
    arguments, score, sizes, _ = CASES[case]
    layer, weights, query, value = make(arguments, sizes)
    mask, d_context = VALUE_MASKS["padded"], uniform((B, TQ, sizes[1]), 3)
    inputs = [tf.constant(query), tf.constant(value)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        context = layer(*inputs, query_mask=QUERY_MASK, value_mask=mask)
        loss = tf.reduce_sum(context * d_context)
    received = tape.gradient(loss, [w.value for w in layer.trainable_weights] + inputs)
    query, value = query.astype("float64"), value.astype("float64")

    def numpy_loss():
        return (attend(score, weights, query, value, QUERY_MASK, mask)[0] * d_context).sum()

    for array, gradient in zip([*weights.values(), query, value], received, strict=True):
        assert_close(gradient, finite_differences(numpy_loss, array))


def finite_differences(function, array, epsilon=1e-5):
    """Moves each number of the array there, back, and by the same to the other side."""
    slopes = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept, values = array[index], []
        for step in (epsilon, -epsilon):
            array[index] = kept + step
            values.append(function())
        array[index] = kept
        slopes[index] = (values[0] - values[1]) / (2 * epsilon)
    return slopes


class OutputMask(keras.layers.Layer):
    """Gives the mask that a layer after the attention gets."""

    supports_masking = True

    def call(self, inputs, mask=None):
        return mask


@pytest.mark.parametrize("functional", [False, True], ids=["eager", "functional_model"])
@every_case
def test_implicit_masks_are_used(arguments, score, sizes, num_weights, functional):
    layer, _, _, _ = make(arguments, sizes)
    embeddings = [keras.layers.Embedding(13, size, mask_zero=True) for size in sizes]
    rng, masks = np.random.default_rng(0), (QUERY_MASK, VALUE_MASKS["padded"])
    ids = [rng.integers(1, 13, mask.shape) * mask for mask in masks]

    def implicit(*ids):
        embedded = [embedding(i) for embedding, i in zip(embeddings, ids, strict=True)]
        context, scores = layer(*embedded, return_attention_scores=True)
        return [context, scores, OutputMask()(context)]

    if functional:
        inputs = [keras.Input((None,), dtype="int32") for _ in ids]
        received = keras.Model(inputs, implicit(*inputs))(ids)
    else:
        received = implicit(*ids)
    embedded = [embedding(i).numpy() for embedding, i in zip(embeddings, ids, strict=True)]
    context, scores = layer(
        *embedded, query_mask=masks[0], value_mask=masks[1], return_attention_scores=True
    )
    for r, expected in zip(received, [context, scores, QUERY_MASK], strict=True):
        np.testing.assert_array_equal(r, expected)


@every_case
def test_config_makes_the_same_layer(arguments, score, sizes, num_weights):
    layer, _, query, value = make(arguments, sizes)
    config = layer.get_config()
    other = Attention.from_config(config)
    assert other.get_config() == config
    assert (other.score, other.units) == (*arguments, None)[:2]
    other.build(query.shape, value.shape)
    other.set_weights(layer.get_weights())
    np.testing.assert_array_equal(layer(query, value), other(query, value))


@every_case
def test_saved_model_is_bit_equal(arguments, score, sizes, num_weights, tmp_path):
    layer, _, query, value = make(arguments, sizes)
    inputs = [keras.Input((None, size)) for size in sizes]
    model = keras.Model(inputs, layer(*inputs, return_attention_scores=True))
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    before, after = model([query, value]), reloaded([query, value])
    for b, a in zip(before, after, strict=True):
        np.testing.assert_array_equal(b, a)


BAD_ARGUMENTS = {
    "unknown_score": (("cosine",), "dot.*scaled_dot.*general.*additive.*Received: 'cosine'"),
    "no_score": ((None,), "Received: None"),
    "additive_units_0": (("additive", 0), "at least 1. Received: 0"),
    "dot_units": (("dot", 5), "additive score alone.*Received: score='dot', units=5"),
    "general_units": (("general", 5), "additive score alone.*Received: score='general'"),
}


@pytest.mark.parametrize(("arguments", "words"), BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS)
def test_bad_arguments_are_refused(arguments, words):
    with pytest.raises(ValueError, match=re.compile(f"Expected.*{words}", re.DOTALL)):
        Attention(*arguments)


@pytest.mark.parametrize("score", ["dot", "scaled_dot"])
def test_dot_products_of_different_sizes_are_refused(score):
    words = re.compile(f"Expected.*the {score} score.*Received: 3 and 5", re.DOTALL)
    with pytest.raises(ValueError, match=words):
        Attention(score)(uniform((B, TQ, 3), 1), uniform((B, TV, 5), 2))
