"""Averages of weights against NumPy: in validation, behind epochs, after `fit`, after a resume."""

import keras
import numpy as np
import pytest

from kerasrnn.callbacks import AverageWeights
from kerasrnn.optimizers import AveragingAdam

MOMENTUM, RATE, STEPS = 0.7, 0.3, 5


class Record(keras.callbacks.Callback):
    """Copies what a callback finds in the model at each place."""

    def __init__(self):
        super().__init__()
        self.steps, self.tests, self.epochs = [], [], []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append(self.model.get_weights())

    def on_test_batch_end(self, batch, logs=None):
        self.tests.append(self.model.get_weights())

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.model.get_weights())


KINDS = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam, "averaging": AveragingAdam}


def compiled(optimizer="sgd", **options):
    options = {"use_ema": True, "ema_momentum": MOMENTUM, **options}
    kind = KINDS[optimizer]
    keras.utils.set_random_seed(3)
    layers = [keras.Input((3,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    model.compile(kind(RATE, **options), "mse")
    return model


@pytest.fixture
def data(rng):
    return rng.normal(size=(STEPS, 3)).astype("float32"), rng.normal(size=(STEPS, 2))


def fit(model, data, epochs, *callbacks, first=0):
    options = {"batch_size": 1, "shuffle": False, "verbose": 0, "validation_data": data}
    model.fit(*data, epochs=epochs, initial_epoch=first, callbacks=list(callbacks), **options)


def averages(steps):
    """The definition; the first step begins the average."""
    found = [steps[0]]
    for weights in steps[1:]:
        pairs = zip(found[-1], weights, strict=True)
        found.append([MOMENTUM * old + (1 - MOMENTUM) * new for old, new in pairs])
    return found


def assert_close(received, expected):
    for one, other in zip(received, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_average_is_in_the_model_wherever_it_does_not_train(optimizer, data):
    model, record = compiled(optimizer), Record()
    fit(model, data, 3, AverageWeights(), record)
    expected = averages(record.steps)
    for epoch in range(3):
        last = expected[STEPS * (epoch + 1) - 1]
        assert_close(record.epochs[epoch], last)
        assert_close(record.tests[STEPS * epoch], last)
    assert_close(model.get_weights(), expected[-1])


def test_steps_are_those_without_the_callback(data):
    with_average, without = Record(), Record()
    fit(compiled(), data, 3, AverageWeights(), with_average)
    fit(compiled(use_ema=False, ema_momentum=0.99), data, 3, without)
    for one, other in zip(with_average.steps, without.steps, strict=True):
        assert_close(one, other)


def test_a_training_that_is_ended_leaves_the_average(data):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    model, record = compiled(), Record()
    fit(model, data, 7, Stop(), AverageWeights(), record)
    assert len(record.steps) == 2 * STEPS
    assert_close(model.get_weights(), averages(record.steps)[-1])


@pytest.mark.parametrize("optimizer", ["adam", "averaging"])
def test_resumed_training_is_bit_equal(optimizer, data, tmp_path):
    class Save(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.save(tmp_path / f"{epoch}.keras")

    whole, first, second = Record(), Record(), Record()
    fit(compiled(optimizer), data, 5, AverageWeights(), whole)
    fit(compiled(optimizer), data, 3, AverageWeights(), first, Save())
    loaded = keras.models.load_model(tmp_path / "2.keras")
    assert_close(loaded.get_weights(), whole.epochs[2])
    fit(loaded, data, 5, AverageWeights(resumed=True), second, first=3)
    assert type(loaded.optimizer) is KINDS[optimizer]
    for one, other in zip(whole.steps, first.steps + second.steps, strict=True):
        for received, expected in zip(one, other, strict=True):
            np.testing.assert_array_equal(received, expected)
    for one, other in zip(whole.epochs[3:], second.epochs, strict=True):
        for received, expected in zip(one, other, strict=True):
            np.testing.assert_array_equal(received, expected)


def test_optimizer_without_an_average(data):
    with pytest.raises(ValueError, match="optimizer with `use_ema=True`"):
        fit(compiled(use_ema=False), data, 1, AverageWeights())
