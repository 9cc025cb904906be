"""The loss of several labels with weights, against NumPy and against Keras' own without any."""

import keras
import numpy as np
import pytest

from kerasrnn.losses import WeighedLabels

B, L = 7, 3
PRESENT, ABSENT = [3.0, 0.5, 7.0], [1.0, 2.0, 0.25]


@pytest.fixture
def batch(rng):
    return (rng.random((B, L)) < 0.4).astype("float32"), rng.normal(size=(B, L)).astype("float32")


def by_hand(right, logits, smoothing=0.0):
    """The loss of each row: -w+ log p where a label is there, -w- log(1 - p) where it is not."""
    p = 1 / (1 + np.exp(-logits.astype("float64")))
    smooth = right * (1 - smoothing) + smoothing / 2
    terms = -(smooth * np.log(p) + (1 - smooth) * np.log(1 - p))
    return np.mean(np.where(right == 1, PRESENT, ABSENT) * terms, axis=1)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_numbers_by_hand(batch, smoothing):
    loss = WeighedLabels(PRESENT, ABSENT, smoothing)
    expected = by_hand(*batch, smoothing)
    assert float(loss(*batch)) == pytest.approx(expected.mean(), rel=1e-5)
    weights = np.array([1.0, 0, 2, 1, 0, 1, 5], "float32")
    weighed = (expected * weights).sum() / weights.sum()
    assert float(loss(*batch, weights)) == pytest.approx(weighed, rel=1e-5)


def test_without_weights_it_is_that_of_keras(batch):
    own = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)
    mine = WeighedLabels([1.0] * L, label_smoothing=0.1)
    assert float(mine(*batch)) == pytest.approx(float(own(*batch)), rel=1e-6)


def test_it_is_saved_with_a_model(batch, tmp_path):
    loss = WeighedLabels(PRESENT, ABSENT, 0.1)
    config = keras.saving.serialize_keras_object(loss)
    other = keras.saving.deserialize_keras_object(config)
    assert type(other) is WeighedLabels and float(other(*batch)) == float(loss(*batch))


@pytest.mark.parametrize("parts", [([],), ([1.0], [1.0, 2.0]), ([0.0],), ([1.0], [-1.0])])
def test_wrong_weights(parts):
    with pytest.raises(ValueError, match="Expected"):
        WeighedLabels(*parts)
