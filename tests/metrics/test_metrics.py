"""Metrics against NumPy, over batches of different lengths, weighted by tokens."""

import keras
import numpy as np
import pytest

from kerasrnn.metrics import BitsPerToken, Perplexity, SequenceExactMatch, TokenAccuracy

V = 7


def batches(rng):
    """Three batches of different sizes and lengths, with padding of id 0 on the right."""
    for rows, length in ((2, 3), (5, 11), (1, 1)):
        lengths = rng.integers(1, length + 1, rows)
        mask = np.arange(length) < lengths[:, None]
        labels = np.where(mask, rng.integers(1, V, (rows, length)), 0)
        logits = rng.normal(size=(rows, length, V)).astype("float32") * 3
        right = rng.random((rows, length)) < 0.7  # some answers right, so that matches occur
        logits[right, labels[right]] += 20
        yield labels, logits, mask


def token_log_probs(labels, logits):
    logits = logits.astype("float64")
    normaliser = np.log(np.exp(logits).sum(-1))
    return np.take_along_axis(logits, labels[..., None], -1)[..., 0] - normaliser


def expected(data):
    log_probs = [token_log_probs(labels, logits)[mask] for labels, logits, mask in data]
    right = [(logits.argmax(-1) == labels)[mask] for labels, logits, mask in data]
    exact = [
        row_right[row_mask].all()
        for labels, logits, mask in data
        for row_right, row_mask in zip(logits.argmax(-1) == labels, mask, strict=True)
    ]
    return {
        "perplexity": np.exp(-np.concatenate(log_probs).mean()),
        "bits_per_token": -np.concatenate(log_probs).mean() / np.log(2),
        "token_accuracy": np.concatenate(right).mean(),
        "sequence_exact_match": np.mean(exact),
    }


METRICS = [Perplexity, BitsPerToken, TokenAccuracy, SequenceExactMatch]


@pytest.mark.parametrize("ignore_class", [0, None])
@pytest.mark.parametrize("cls", METRICS)
def test_equals_numpy_over_all_tokens(cls, ignore_class, rng):
    data = list(batches(rng))
    metric = cls(ignore_class=ignore_class)
    for labels, logits, mask in data:
        metric.update_state(labels, logits, None if ignore_class == 0 else mask.astype("float32"))
    value = expected(data)[metric.name]
    assert 0 < value != 1
    np.testing.assert_allclose(float(metric.result()), value, rtol=1e-5)


@pytest.mark.parametrize("cls", METRICS)
def test_padding_a_batch_further_changes_nothing(cls, rng):
    labels, logits, mask = list(batches(rng))[1]
    narrow, wide = cls(), cls()
    narrow.update_state(labels, logits, mask.astype("float32"))
    wide.update_state(
        np.pad(labels, ((0, 0), (0, 3))),
        np.pad(logits, ((0, 0), (0, 3), (0, 0)), constant_values=5),
        np.pad(mask.astype("float32"), ((0, 0), (0, 3))),
    )
    np.testing.assert_allclose(float(wide.result()), float(narrow.result()), rtol=1e-6)


def test_uniform_model_has_perplexity_of_the_vocabulary():
    metric = Perplexity()
    metric.update_state(np.array([[3, 5, 0]]), np.zeros((1, 3, V), "float32"))
    np.testing.assert_allclose(float(metric.result()), V, rtol=1e-6)


@pytest.mark.parametrize("cls", [Perplexity, BitsPerToken])
def test_log_probs_of_the_labels_will_do(cls, rng):
    metric, by_weight = cls(from_log_prob=True), cls(ignore_class=None, from_log_prob=True)
    data = list(batches(rng))
    for labels, logits, mask in data:
        log_probs = np.where(mask, token_log_probs(labels, logits), -np.inf).astype("float32")
        metric.update_state(labels, log_probs)
        by_weight.update_state(labels, log_probs, mask.astype("float32"))
    for each in (metric, by_weight):
        np.testing.assert_allclose(float(each.result()), expected(data)[each.name], rtol=1e-5)


def test_infinite_padding_counts_nothing():
    logits = np.zeros((1, 2, V), "float32")
    logits[0, 1] = -np.inf
    metric = Perplexity()
    metric.update_state(np.array([[3, 0]]), logits)
    np.testing.assert_allclose(float(metric.result()), V, rtol=1e-6)


def test_weight_of_a_row():
    logits = np.zeros((2, 1, V), "float32")
    logits[1, 0, 4] = 50
    metric = TokenAccuracy()
    metric.update_state(np.array([[4], [4]]), logits, np.array([1.0, 3.0], "float32"))
    assert float(metric.result()) == 0.75


def test_evaluate_weighs_tokens_not_batches(rng):
    data = [(labels, mask) for labels, _, mask in batches(rng)]
    tokens = keras.Input((None,), dtype="int32")
    embedding = keras.layers.Embedding(V, V, mask_zero=True, embeddings_initializer="normal")
    model = keras.Model(tokens, embedding(tokens))
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=[Perplexity(), Perplexity("by_mask", ignore_class=None)],
        run_eagerly=True,
    )
    embedding.set_weights([rng.normal(size=(V, V)) * 3])
    generator = ((labels, labels) for labels, _ in data)
    got = model.evaluate(generator, steps=len(data), verbose=0, return_dict=True)
    log_probs = [token_log_probs(labels, embedding(labels).numpy())[mask] for labels, mask in data]
    value = np.exp(-np.concatenate(log_probs).mean())
    np.testing.assert_allclose(got["perplexity"], value, rtol=1e-5)
    np.testing.assert_allclose(got["by_mask"], value, rtol=1e-5)  # Keras' mask alone will do
    assert abs(np.exp(got["loss"]) - value) > 0.01  # what a user must not take for it


@pytest.mark.parametrize("cls", METRICS)
def test_config_round_trip(cls):
    metric = cls(name="other", ignore_class=None)
    copy = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert (type(copy), copy.name, copy.ignore_class) == (cls, "other", None)


@pytest.mark.parametrize("cls", [Perplexity, BitsPerToken])
def test_config_holds_what_the_model_gives(cls):
    copy = keras.metrics.deserialize(keras.metrics.serialize(cls(from_log_prob=True)))
    assert copy.from_log_prob and not cls().from_log_prob
