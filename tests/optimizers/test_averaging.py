"""Averages of weights in which the first ones do not linger, against their definition in NumPy."""

import keras
import numpy as np
import pytest

from kerasrnn.optimizers import AveragingAdam, AveragingSGD, averaging, epochs_momentum

MOMENTUM, RATE, STEPS = 0.7, 0.3, 5


def averages(steps, momentum):
    """The weights of all steps so far by their age; each step has a list of arrays."""
    found = []
    for last in range(1, len(steps) + 1):
        weights = momentum ** np.arange(last - 1.0, -1.0, -1.0)
        found.append(
            [
                np.tensordot(weights, values[:last], 1) / weights.sum()
                for values in map(np.stack, zip(*steps, strict=True))
            ]
        )
    return found


class Record(keras.callbacks.Callback):
    """Copies the weights and their averages behind each step."""

    def __init__(self):
        super().__init__()
        self.weights, self.averages = [], []

    def on_train_batch_end(self, batch, logs=None):
        variables = self.model.optimizer.variables
        self.weights.append([np.array(weight) for weight in self.model.get_weights()])
        self.averages.append([np.array(v) for v in variables if v.name.endswith("_average")])


@pytest.mark.parametrize("kind, eager", [(AveragingSGD, False), (AveragingAdam, True)])
def test_the_average_is_its_definition_at_every_step(kind, eager, rng):
    keras.utils.set_random_seed(3)
    layers = [keras.Input((7,)), keras.layers.Embedding(11, 3), keras.layers.Dense(2)]
    model, record = keras.Sequential(layers), Record()
    model.compile(kind(RATE, ema_momentum=MOMENTUM), "mse", run_eagerly=eager)
    x, y = rng.integers(0, 11, (STEPS, 7)), rng.normal(size=(STEPS, 7, 2))
    model.fit(x, y, batch_size=1, epochs=2, shuffle=False, verbose=0, callbacks=[record])
    assert len(record.averages) == 2 * STEPS
    for received, expected in zip(record.averages, averages(record.weights, MOMENTUM), strict=True):
        for one, other in zip(received, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    for one, other in zip(record.averages[0], record.weights[0], strict=True):
        np.testing.assert_array_equal(one, other)


def share_of_the_first_step(optimizer, steps):
    """What the average is of weights that are 1 behind the first step, and 0 behind all others."""
    weight = keras.Variable([0.0])
    optimizer.build([weight])
    for gradient in [-1.0, 1.0, *(steps - 2) * [0.0]]:
        optimizer.apply([keras.ops.array([gradient])])
    (average,) = (v for v in optimizer.variables if v.name.endswith("_average"))
    return float(keras.ops.convert_to_numpy(average)[0])


@pytest.mark.parametrize("momentum", [0.5, 0.998, 0.999999])
@pytest.mark.parametrize("steps", [2, 13])
def test_the_first_weights_do_not_linger(momentum, steps):
    plain = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=momentum)
    assert share_of_the_first_step(plain, steps) == pytest.approx(momentum ** (steps - 1))
    exact = momentum ** (steps - 1) / sum(momentum**age for age in range(steps))
    corrected = share_of_the_first_step(AveragingSGD(1.0, ema_momentum=momentum), steps)
    assert corrected == pytest.approx(exact, rel=1e-5) and corrected <= 1 / steps + 1e-6


@pytest.mark.parametrize("momentum, share", [(0.0, 0.0), (1.0, 1 / 3)])
def test_no_and_endless_memory(momentum, share):
    optimizer = AveragingSGD(1.0, ema_momentum=momentum)
    assert share_of_the_first_step(optimizer, 3) == pytest.approx(share)


@pytest.mark.parametrize("kind", [AveragingAdam, AveragingSGD])
def test_a_config_holds_numbers(kind):
    config = kind(0.5, ema_momentum=0.75, global_clipnorm=3.0).get_config()
    again = keras.optimizers.deserialize(keras.optimizers.serialize(kind.from_config(config)))
    assert type(again) is kind and again.get_config() == config
    assert (config["ema_momentum"], config["use_ema"]) == (0.75, True)
    assert (config["learning_rate"], config["global_clipnorm"]) == (0.5, 3.0)


def test_the_same_optimizer_with_an_average():
    assert averaging(keras.optimizers.Adam) is AveragingAdam
    assert averaging(keras.optimizers.SGD) is AveragingSGD
    with pytest.raises(ValueError, match="Adam or SGD for a corrected average. Received: Lion"):
        averaging(keras.optimizers.Lion)


@pytest.mark.parametrize("steps, epochs, reach", [(126, 1.5, 189), (7, 1, 7), (3, 0.1, 1)])
def test_the_momentum_of_epochs(steps, epochs, reach):
    """All that is older than the reach weighs 1/e of all together, where it is long."""
    momentum = epochs_momentum(epochs, steps)
    assert momentum == pytest.approx((reach - 1) / reach)
    ages = momentum ** np.arange(100 * reach)
    assert ages.sum() == pytest.approx(reach)
