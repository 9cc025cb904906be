"""What a run keeps is its best epoch, by whatever schedule and however often it was killed."""

import dataclasses
import json
import math
import shutil

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.checks import DivergedError
from kerasrnn.cli import main
from kerasrnn.files import LOCK, FolderLock
from kerasrnn.tasks.folds.given_rates import GivenRates
from kerasrnn.tasks.forecast.job import ForecastJob
from kerasrnn.tasks.run_files import read_history
from kerasrnn.tasks.states.run_state import states_of

# Mikolov's rule puts epoch 4 back after epoch 5, and takes epoch 6 for an improvement on that.
VALUES = [1.41, 1.31, 1.25, 1.19987, 1.21, 1.20263, 1.2091]
NAN, INF = math.nan, math.inf


class Inject(keras.callbacks.Callback):
    """Gives an entry of the logs its value; stands before the schedule."""

    def __init__(self, values, name):
        super().__init__()
        self._values = values
        self._name = name

    def on_epoch_end(self, epoch, logs=None):
        logs[self._name] = self._values[epoch]


class InjectedJob(ForecastJob):
    values = VALUES
    injects = "val_loss"

    def callbacks(self):
        return [Inject(self.values, self.injects)]


def job(data, values, **changes):
    given = {"window": 5, "units": 3, "batch_size": 31, "epochs": len(values)}
    made = InjectedJob(options.Forecast(**{"data": str(data), **given, **changes}))
    made.values = values
    return made


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "tides.csv"
    levels = 100 + np.sin(np.arange(131)) + np.random.default_rng(3).normal(0, 0.1, 131)
    path.write_text("level\n" + "".join(f"{level:.4f}\n" for level in levels))
    return path


@pytest.fixture(scope="module")
def best(data, tmp_path_factory):
    """The weights of epoch 4, of a training that has no more."""
    task = job(data, VALUES[:4], schedule="mikolov").run(tmp_path_factory.mktemp("best") / "run")
    return task.model.get_weights()


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    return folder, job(data, VALUES, schedule="mikolov").run(folder)


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text())


def same(received, expected):
    return all(np.array_equal(one, other) for one, other in zip(received, expected, strict=True))


def check_whole(folder, task, best):
    assert len(read_history(folder, 10)) == 7
    loaded = kerasrnn.load(folder)
    assert same(loaded.model.get_weights(), best)
    assert same(task.model.get_weights(), best)
    metrics = metrics_of(folder)
    assert (metrics["epoch"], metrics["epochs"], metrics["monitor"]) == (4, 7, "val_loss")
    assert metrics["validation"]["loss"] == 1.19987
    figures = loaded.evaluate(loaded.read(loaded.options.data, "test"))
    assert metrics["test"] == pytest.approx(figures)


def test_a_later_epoch_that_the_rule_accepts_is_not_kept(whole, best):
    check_whole(*whole, best)


def test_it_says_which_epoch_is_kept(data, tmp_path, capsys):
    job(data, [1.5, 1.25, 1.375], schedule="plateau").run(tmp_path / "run")
    assert "epoch 2 of 3 is kept: val_loss 1.25\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "done", [4, *(pytest.param(done, marks=pytest.mark.slow) for done in (5, 6))]
)
def test_a_resumed_run_goes_on_from_the_last_epoch_and_keeps_the_best(
    data, best, whole, tmp_path, done
):
    folder = tmp_path / "run"
    job(data, VALUES, epochs=done, schedule="mikolov").run(folder)
    task = job(data, VALUES, schedule="mikolov").run(folder, resume=True)
    check_whole(folder, task, best)
    without = [{**row, "seconds": 0} for row in read_history(folder, 10)]
    assert without == [{**row, "seconds": 0} for row in read_history(whole[0], 10)]
    states = [states_of(run)[0].path for run in (folder, whole[0])]
    states = [keras.models.load_model(path).get_weights() for path in states]
    assert same(*states) and not same(states[0], best)


def test_a_run_killed_before_its_best_epoch_was_copied_is_mended(data, best, tmp_path):
    folder = tmp_path / "run"
    job(data, VALUES, epochs=4, schedule="mikolov").run(folder)
    (folder / "model.keras").unlink()
    (folder / "metrics.json").unlink()
    task = job(data, VALUES, epochs=4, schedule="mikolov").run(folder, resume=True)
    assert same(kerasrnn.load(folder).model.get_weights(), best)
    assert same(task.model.get_weights(), best)


@pytest.mark.slow
def test_a_run_that_recorded_no_best_epoch_kept_what_the_rule_had_accepted(data, tmp_path):
    folder = tmp_path / "run"
    job(data, VALUES, epochs=6, schedule="mikolov").run(folder)
    state, older = states_of(folder)
    content = state.record()
    assert content["best"] == {"epoch": 4, "value": 1.19987}
    state.record_path.write_text(json.dumps({"seeds": content["seeds"]}))
    older.path.unlink()
    shutil.copyfile(state.path, folder / "model.keras")
    sixth = kerasrnn.load(folder).model.get_weights()
    task = job(data, VALUES, schedule="mikolov").run(folder, resume=True)
    assert metrics_of(folder)["epoch"] == 6 and metrics_of(folder)["validation"]["loss"] == 1.20263
    assert same(task.model.get_weights(), sixth)


@pytest.mark.parametrize(
    "averages",
    [pytest.param({"ema_momentum": 0.75}, marks=pytest.mark.slow), {"ema_epochs": 1}],
    ids=str,
)
def test_the_average_of_the_best_epoch_is_kept(data, tmp_path, averages):
    shorter = job(data, VALUES[:2], **averages).run(tmp_path / "shorter")
    longer = job(data, [*VALUES[:2], 1.35], **averages).run(tmp_path / "longer")
    assert same(longer.model.get_weights(), shorter.model.get_weights())
    loaded = kerasrnn.load(tmp_path / "longer")
    assert same(loaded.model.get_weights(), shorter.model.get_weights())


@pytest.mark.slow
def test_schedules_differ_in_what_a_noisy_epoch_does(data, tmp_path):
    values, rates = [1.4, 1.2, 1.3, 1.1, 1.15, 1.15, 1.0], {}
    for schedule in ("plateau", "mikolov"):
        job(data, values, schedule=schedule).run(tmp_path / schedule)
        rows = read_history(tmp_path / schedule, 10)
        rates[schedule] = [row["learning_rate"] / rows[0]["learning_rate"] for row in rows]
    assert rates["plateau"] == pytest.approx([1, 1, 1, 1, 1, 1, 0.5])
    assert rates["mikolov"] == pytest.approx([1, 1, 1, 0.5, 0.25])


def test_an_epoch_that_is_not_finite_ends_nothing_by_itself(data, tmp_path):
    job(data, [1.5, NAN, 1.25]).run(tmp_path / "run")
    assert metrics_of(tmp_path / "run")["epoch"] == 3


def test_a_training_that_diverges_keeps_its_best_epoch(data, tmp_path):
    folder, values = tmp_path / "run", [1.5, 1.25, 1.375, INF]
    for resume in (False, True):
        with pytest.raises(DivergedError) as raised:
            job(data, values, learning_rate=0.5).run(folder, resume)
        assert str(raised.value) == (
            f"{folder}: the training diverged: val_loss was inf after epoch 4, at learning rate "
            "0.5; it keeps the weights of epoch 2"
        )
    shorter = job(data, values[:2], learning_rate=0.5).run(tmp_path / "shorter")
    assert same(kerasrnn.load(folder).model.get_weights(), shorter.model.get_weights())


def fit(job, folder, rates):
    with FolderLock(folder, LOCK) as lock:
        job.fit(lock, rates)


@pytest.mark.parametrize("resume", [False, True])
def test_a_training_that_nothing_validates_keeps_its_last_finite_epoch(data, tmp_path, resume):
    rates = GivenRates([0.5, 0.25, 0.125])
    good = job(data, VALUES[:2])
    fit(good, tmp_path / "good", GivenRates(rates.rates[:2]))
    bad, folder = job(data, [1.5, 1.25, NAN]), tmp_path / "bad"
    bad.injects = "loss"
    with pytest.raises(DivergedError) as raised:
        fit(bad, folder, rates)
    if resume:
        with pytest.raises(DivergedError) as raised:
            fit(bad, folder, rates)
    assert "diverged: loss was nan after epoch 3, at learning rate 0.125;" in str(raised.value)
    assert str(raised.value).endswith("it keeps the weights of epoch 2")
    models = [kerasrnn.load(tmp_path / name).model.get_weights() for name in ("good", "bad")]
    assert same(*models)


def check_diverged(words, monitor, capsys, folder):
    for more in ([], ["--resume"]):
        assert main([*words, "--output", str(folder), *more]) == 3
        out, err = capsys.readouterr()
        assert "Next" not in out
        (said,) = [line for line in err.splitlines() if line.startswith("kerasrnn: error: ")]
        assert f"{folder}: the training diverged: {monitor} was " in said
        assert "no epoch was good, and it holds no trained model" in said
    assert not (folder / "model.keras").exists()
    assert main(["predict", str(folder), "a"]) == 2
    said = capsys.readouterr().err
    assert "no epoch of this run has ended yet with a finite validation" in said


def test_too_high_a_learning_rate_ends_with_exit_code_3(tmp_path, capsys):
    rows = [f"{'good' if i % 2 else 'bad'} {i % 7} word\t{'yn'[i % 2]}\n" for i in range(131)]
    (tmp_path / "rows.tsv").write_text("".join(rows))
    words = ["train", "classify", "--data", str(tmp_path / "rows.tsv"), "--units", "3"]
    words += ["--learning-rate", "1e30", "--embedding", "5", "--batch-size", "7", "--epochs", "2"]
    check_diverged(words, "val_perplexity", capsys, tmp_path / "run")


@pytest.mark.slow
def test_a_forecaster_that_diverges_ends_with_exit_code_3(tmp_path, capsys):
    levels = [f"{i % 11}" for i in range(131)]
    (tmp_path / "tides.csv").write_text("level\n" + "\n".join(levels) + "\n")
    words = ["train", "forecast", "--data", str(tmp_path / "tides.csv"), "--units", "3"]
    words += ["--window", "5", "--epochs", "2", "--learning-rate", "1e30"]
    check_diverged(words, "val_loss", capsys, tmp_path / "run")


def test_tasks_but_language_models_wait_by_default_and_old_runs_did_not():
    for each in (options.Classify, options.Forecast, options.LanguageModel, options.Tag):
        expected = "mikolov" if each is options.LanguageModel else "plateau"
        assert each(data="a").schedule == expected
        assert each.recorded({"data": "a"}).schedule == "mikolov"
        assert each(data="a").resuming({"data": "a"}).schedule == "mikolov"
    assert dataclasses.replace(options.Tag(data="a"), patience=3).record()["patience"] == 3
