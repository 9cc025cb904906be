"""The pinball loss against scikit-learn."""

import keras
import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from kerasrnn.losses import Pinball

B, H, K = 5, 7, 3
LEVELS = [0.1, 0.5, 0.9, 0.95]


def test_the_mean_over_levels():
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.normal(size=(B, H, K)), rng.normal(size=(B, H, K, 4))
    found = float(Pinball(LEVELS)(y_true, y_pred))
    each = [
        mean_pinball_loss(y_true.ravel(), y_pred[..., i].ravel(), alpha=level)
        for i, level in enumerate(LEVELS)
    ]
    assert found == pytest.approx(np.mean(each), rel=1e-5)


def test_weights_leave_rows_out():
    rng = np.random.default_rng(2)
    y_true, y_pred = rng.normal(size=(B, H, K)), rng.normal(size=(B, H, K, 4))
    weights = np.ones((B, H))
    weights[3] = 0
    loss = Pinball(LEVELS)
    kept = [0, 1, 2, 4]
    expected = float(loss(y_true[kept], y_pred[kept]))
    assert float(loss(y_true, y_pred, weights)) == pytest.approx(expected, rel=1e-5)


def test_half_of_the_absolute_error():
    y_true, y_pred = np.array([[2.0, 5.0]]), np.array([[[1.0], [7.0]]])
    assert float(Pinball([0.5])(y_true, y_pred)) == pytest.approx((1 + 2) / 2 / 2)


def test_its_least_is_the_quantile():
    numbers = np.random.default_rng(3).normal(size=(10_001, 1))
    tries = np.linspace(-2, 2, 81)
    losses = [
        float(Pinball([0.9])(numbers, np.full((10_001, 1, 1), each, "float64"))) for each in tries
    ]
    assert tries[int(np.argmin(losses))] == pytest.approx(np.quantile(numbers, 0.9), abs=0.06)


@pytest.mark.parametrize("levels", [[], [1.2], [0.0], 0.5])
def test_levels_that_are_none(levels):
    with pytest.raises(ValueError, match="Expected `levels`"):
        Pinball(levels)


def test_it_is_saved_with_its_levels():
    loss = keras.losses.deserialize(keras.losses.serialize(Pinball([0.2, 0.7])))
    assert loss.levels == [0.2, 0.7]
