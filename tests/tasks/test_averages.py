"""Trainings that keep the average of the weights: by epochs or by steps, resumed, shown."""

import keras
import numpy as np
import pytest

from kerasrnn import options, train
from kerasrnn.optimizers import AveragingAdam, AveragingSGD, FusedAdam
from kerasrnn.tasks.forecast.job import ForecastJob
from kerasrnn.tasks.language_model.job import LanguageModelJob


def job(**averages):
    return ForecastJob(options.Forecast(data="tides.csv", **averages))


def config(optimizer):
    found = optimizer.get_config()
    return type(optimizer), found["use_ema"], found["ema_momentum"]


@pytest.mark.parametrize("epochs, steps", [(1.5, 126), (1, 7), (0.5, 3)])
def test_the_same_option_goes_back_as_far_on_data_of_any_size(epochs, steps):
    """Of an average over n steps each step gives a part of 1 in n."""
    momentum = 1 - 1 / max(1, epochs * steps)
    expected = AveragingAdam, True, pytest.approx(momentum)
    assert config(job(ema_epochs=epochs).optimizer(steps)) == expected
    sgd = options.LanguageModel(data="a.txt", optimizer="sgd", ema_epochs=epochs)
    assert config(LanguageModelJob(sgd).optimizer(steps)) == (AveragingSGD, *expected[1:])


def test_an_average_in_steps_and_none_are_as_they_were():
    assert config(job(ema_momentum=0.998).optimizer(7)) == (FusedAdam, True, 0.998)
    assert config(job().optimizer(7))[:2] == (FusedAdam, False)


def test_an_optimizer_that_cannot_is_refused_before_data_are_read():
    class Other(ForecastJob):
        def optimizer_kind(self):
            return keras.optimizers.Lion

    Other(options.Forecast(data="n/a", ema_momentum=0.9)).optimizer(7)
    with pytest.raises(ValueError, match="Adam or SGD for a corrected average. Received: Lion"):
        Other(options.Forecast(data="n/a", ema_epochs=1)).check_options()


@pytest.mark.slow
def test_a_resumed_run_ends_as_an_uninterrupted_one(tmp_path, capsys, eager_training):
    (tmp_path / "tides.csv").write_text("level\n" + "".join(f"{np.sin(i)}\n" for i in range(97)))
    small = {"data": tmp_path / "tides.csv", "window": 5, "units": 3, "dropout": 0.2}
    small |= {"batch_size": 17, "ema_epochs": 1.5}
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(options.Forecast(epochs=3, **small), whole)
    assert "weights over about 1.5 epochs" in " ".join(capsys.readouterr().out.split())
    train(options.Forecast(epochs=2, **small), parts)
    train(options.Forecast(epochs=3, **small), parts, resume=True)
    one, other = (keras.models.load_model(path / "model.keras") for path in (whole, parts))
    for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(one.optimizer.variables, other.optimizer.variables, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    steps = int(one.optimizer.iterations) / 3
    assert steps > 2 and config(one.optimizer)[0] is AveragingAdam
    assert config(one.optimizer)[2] == pytest.approx(1 - 1 / (1.5 * steps))
