"""Smoothed labels: against one-hot labels that are smoothed by hand, with masks and weights."""

import keras
import numpy as np
import pytest

from kerasrnn.losses import SmoothedCrossEntropy
from kerasrnn.models import many_to_many

SHAPE, CLASSES = (3, 5), 7


def by_hand(labels, logits, share):
    """Each term as the cross-entropy against a smoothed distribution, in double precision."""
    wanted = np.eye(CLASSES)[labels] * (1 - share) + share / CLASSES
    logits = logits.astype("float64")
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return -(wanted * log_probs).sum(-1)


@pytest.fixture
def batch(rng):
    logits = rng.normal(size=(*SHAPE, CLASSES)).astype("float32") * 3
    return rng.integers(0, CLASSES, SHAPE), logits, rng.random(SHAPE).astype("float32")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_terms_against_smoothed_one_hot_labels(batch, share):
    labels, logits, _ = batch
    terms = SmoothedCrossEntropy(share, reduction=None)(labels, logits)
    np.testing.assert_allclose(terms, by_hand(labels, logits, share), rtol=1e-5)
    rows = SmoothedCrossEntropy(share, reduction=None)(labels[:, 0], logits[:, 0])
    np.testing.assert_allclose(rows, by_hand(labels[:, 0], logits[:, 0], share), rtol=1e-5)


def test_against_keras(batch):
    labels, logits, weights = batch
    stock = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.2, reduction="mean_with_sample_weight"
    )
    expected = stock(np.eye(CLASSES)[labels], logits, sample_weight=weights)
    received = SmoothedCrossEntropy(0.2)(labels, logits, sample_weight=weights)
    assert float(received) == pytest.approx(float(expected), rel=1e-5)
    plain = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    received = SmoothedCrossEntropy(0)(labels, logits, sample_weight=weights)
    assert float(received) == pytest.approx(float(plain(labels, logits, weights)), rel=1e-5)


def test_padding_changes_nothing(batch):
    """In a model whose mask comes from the ids, and with weights beside."""
    labels, _, weights = batch
    tokens = np.array([[5, 6, 7, 8, 9], [5, 6, 0, 0, 0], [9, 0, 0, 0, 0]])
    weights = weights * (tokens != 0)
    model = many_to_many(11, CLASSES, units=3)
    model.compile(loss=SmoothedCrossEntropy(0.3))
    terms = by_hand(labels, np.asarray(model(tokens)), 0.3)
    for wide in (0, 2):
        pad = [(0, 0), (0, wide)]
        padded = (np.pad(each, pad) for each in (tokens, labels, weights))
        loss = model.test_on_batch(*padded)
        assert float(loss) == pytest.approx((terms * weights).sum() / weights.sum(), rel=1e-5)


def test_saved_model_knows_its_loss(tmp_path):
    model = many_to_many(11, CLASSES, units=3)
    model.compile(keras.optimizers.SGD(), SmoothedCrossEntropy(0.25))
    model.save(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras").loss.label_smoothing == 0.25


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_wrong_share(share):
    with pytest.raises(ValueError, match="from 0 to below 1. Received"):
        SmoothedCrossEntropy(share)
