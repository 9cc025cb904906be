"""A gradient that explodes: training diverges, and clipping the global norm saves it."""

import keras
import numpy as np
import pytest

from kerasrnn import many_to_one

T, ROWS, STEPS = 50, 32, 120


@pytest.fixture
def data(rng):
    features = rng.normal(size=(ROWS, T, 1)).astype("float32")
    x = {"features": features, "mask": np.ones((ROWS, T), bool)}
    return x, features.mean(axis=1) * np.sqrt(T)


def losses(data, **clipping):
    """Trains a linear network whose recurrent matrix lengthens each vector by 1.3 a step."""
    keras.utils.set_random_seed(1)
    grows = keras.initializers.Orthogonal(1.3, seed=3)
    model = many_to_one(
        (1,),
        1,
        cell=lambda units: keras.layers.SimpleRNN(
            units, activation="linear", recurrent_initializer=grows
        ),
        units=7,
    )
    model.compile(keras.optimizers.SGD(0.03, **clipping), "mse")
    values = []
    for _ in range(STEPS):
        values.append(float(model.train_on_batch(*data)))
        model.reset_metrics()  # before Keras 3.15 the loss is the mean of all steps so far
    return np.array(values)


def test_without_clipping_the_first_step_ends_it(data):
    first, *others = losses(data)
    assert np.isfinite(first)
    assert not np.isfinite(others).any()


@pytest.mark.parametrize(
    "clipping", [{"global_clipnorm": 1.0}, pytest.param({"clipnorm": 1.0}, marks=pytest.mark.slow)]
)
def test_with_clipping_it_learns(data, clipping):
    values = losses(data, **clipping)
    assert np.isfinite(values).all()
    # From far above what answering 0 costs to less than that.
    assert values[0] > 1e6 * np.square(data[1]).mean() > 1e6 * values[-1]
