"""The model of word vectors and its loss, beside the equations of the papers in NumPy."""

import keras
import numpy as np
import pytest

from kerasrnn.checks import UserError
from kerasrnn.losses import NegativeSampling
from kerasrnn.metrics import PairLoss
from kerasrnn.models import word2vec

V, D, K, B = 13, 5, 3, 7


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def filled(**options):
    """A model whose tables are drawn, since the second one is zeros at first."""
    model, rng = word2vec(V, negatives=K, embedding=D, **options), np.random.default_rng(1)
    for name in ("token_embedding", "candidate_embedding"):
        model.get_layer(name).set_weights([rng.normal(size=(V, D)).astype("float32")])
    return model


def loss_by_hand(model, context, candidates):
    """Minus equation 4 of Mikolov et al. (2013b), of each row."""
    inner = model.get_layer("token_embedding").get_weights()[0]
    outer = model.get_layer("candidate_embedding").get_weights()[0]
    losses = []
    for near, some in zip(context, candidates, strict=True):
        vector = np.mean([inner[i] for i in near if i], axis=0)
        right, *drawn = (sigmoid(outer[i] @ vector) for i in some)
        losses.append(-np.log(right) - sum(np.log(1 - each) for each in drawn))
    return np.array(losses)


def batch(width):
    rng = np.random.default_rng(2)
    context = rng.integers(4, V, (B, width)).astype("int32")
    if width > 1:
        context[2, :3], context[4, 1:] = 0, 0
    return context, rng.integers(4, V, (B, 1 + K)).astype("int32")


@pytest.mark.parametrize("window", [None, 2])
def test_loss_of_a_batch_is_that_of_the_equation(window):
    model = filled(window=window)
    context, candidates = batch(1 if window is None else 2 * window)
    logits = model({"context": context, "candidates": candidates})
    expected = loss_by_hand(model, context, candidates)
    y = np.zeros(B, "int32")
    np.testing.assert_allclose(NegativeSampling(None)(y, logits), expected, rtol=1e-5)
    np.testing.assert_allclose(NegativeSampling()(y, logits), expected.sum(), rtol=1e-5)
    metric, weights = PairLoss(), np.array([1, 1, 0, 1, 1, 0, 1], "float32")
    metric.update_state(y[:3], logits[:3], weights[:3])
    metric.update_state(y[3:], logits[3:], weights[3:])
    np.testing.assert_allclose(metric.result(), np.average(expected, weights=weights), rtol=1e-5)


def test_the_right_word_may_stand_anywhere():
    logits = np.random.default_rng(3).normal(size=(B, 1 + K)).astype("float32")
    places = np.arange(B) % (1 + K)
    moved = np.stack([np.roll(row, -place) for row, place in zip(logits, places, strict=True)])
    loss = NegativeSampling(None)
    np.testing.assert_allclose(loss(places, logits), loss(0 * places, moved), rtol=1e-6)


@pytest.mark.parametrize("window", [None, 2])
def test_a_model_that_knows_nothing_and_its_tables(window):
    model = word2vec(V, window=window, negatives=K, embedding=D)
    assert model.count_params() == 2 * V * D and model.output_shape == (None, 1 + K)
    context, candidates = batch(1 if window is None else 2 * window)
    assert not model([context, candidates]).numpy().any()
    first = model.get_layer("token_embedding").get_weights()[0]
    assert 0 < np.abs(first).max() <= 0.5 / D


def test_one_step_changes_what_the_gradient_says():
    model = filled()
    context, candidates = batch(1)
    inner, outer = (each.copy() for each in model.get_weights())
    model.compile(keras.optimizers.SGD(0.5), NegativeSampling())
    x = {"context": context, "candidates": candidates}
    model.train_on_batch(x, np.zeros(B, "int32"))
    by_hand = [inner.copy(), outer.copy()]
    for (word,), some in zip(context, candidates, strict=True):
        for place, each in enumerate(some):
            error = sigmoid(inner[word] @ outer[each]) - (place == 0)
            by_hand[0][word] -= 0.5 * error * outer[each]
            by_hand[1][each] -= 0.5 * error * inner[word]
    for found, expected in zip(model.get_weights(), by_hand, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("wrong", [{"window": 0}, {"negatives": 0}, {"embedding": 0}])
def test_wrong_sizes(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        word2vec(V, **wrong)
