"""The loss of a model that gives log-probabilities: a mean over tokens."""

import keras
import numpy as np
import pytest

from kerasrnn.losses import NegativeLogProbability

LOG_PROB = np.array([[-1.0, -2.0, -64.0], [-4.0, -64.0, -64.0]], "float32")
TARGETS = np.array([[5, 7, 0], [3, 0, 0]])
WEIGHTS = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]], "float32")


def test_is_the_mean_over_the_tokens_that_count():
    loss = NegativeLogProbability()
    assert float(loss(TARGETS, LOG_PROB, sample_weight=WEIGHTS)) == pytest.approx(7 / 3)
    assert float(loss(TARGETS, LOG_PROB)) == pytest.approx(199 / 6)


def test_a_mask_counts_as_the_weights():
    log_prob = keras.ops.convert_to_tensor(LOG_PROB)
    log_prob._keras_mask = keras.ops.convert_to_tensor(WEIGHTS > 0)
    assert float(NegativeLogProbability()(TARGETS, log_prob)) == pytest.approx(7 / 3)


@pytest.mark.parametrize("reduction, expected", [("sum", 7.0), ("sum_over_batch_size", 7 / 6)])
def test_other_reductions(reduction, expected):
    loss = NegativeLogProbability(reduction)
    assert float(loss(TARGETS, LOG_PROB, sample_weight=WEIGHTS)) == pytest.approx(expected)


def test_terms_alone_are_minus_the_log_probabilities():
    np.testing.assert_array_equal(NegativeLogProbability(None)(TARGETS, LOG_PROB), -LOG_PROB)


def test_config_makes_the_same_loss():
    loss = NegativeLogProbability("sum", name="nll")
    twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert isinstance(twin, NegativeLogProbability)
    assert (twin.reduction, twin.name) == ("sum", "nll")


@pytest.mark.parametrize("shape", [(2, 3, 11), (2, 1), (2,), (3, 2)])
def test_refuses_what_is_not_of_the_shape_of_the_targets(shape):
    with pytest.raises(ValueError, match=r"shape of the targets, \(2, 3\)"):
        NegativeLogProbability()(TARGETS, np.zeros(shape, "float32"))
