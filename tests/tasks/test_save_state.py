"""Where a training goes on: within epochs, and from what is left of damaged files."""

import csv
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.checks import DamagedError, StoppedError, UserError
from kerasrnn.cli.main import main
from kerasrnn.files import read_config, write_sealed
from kerasrnn.tasks.states.run_state import RunState, packed, states_of, unpacked_arrays

DATA = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data"
SMALL = {"units": 3, "learning_rate": 0.03, "dropout": 0.2, "batch_size": 7, "epochs": 3}
CASES = {
    "translate": options.Translate(data=DATA / "phrases.csv", level="word", embedding=2, **SMALL),
    "classify": options.Classify(data=DATA / "names.tsv", embedding=2, **SMALL),
    "tag": options.Tag(data=DATA / "tags.conll", embedding=2, output_layer="crf", **SMALL),
    "stream": options.LanguageModel(
        data=DATA / "sentences.txt", embedding=2, length=13, **{**SMALL, "epochs": 2}
    ),
    "forecast": options.Forecast(data=DATA / "series.csv", window=5, **{**SMALL, "batch_size": 23}),
}
QUICK = ("forecast",)


def stop_after(patch, number):
    """Sends SIGTERM to this process once so many batches have been trained on."""
    batches, of_keras = [], keras.Model.fit

    class Counting(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(batch)
            if len(batches) == number:
                os.kill(os.getpid(), signal.SIGTERM)

    def fit(self, *args, callbacks, **others):
        return of_keras(self, *args, callbacks=[Counting(), *callbacks], **others)

    patch.setattr(keras.Model, "fit", fit)


def content(run):
    """All that a run has come to, seconds apart."""
    (last, *_) = states_of(run)
    metrics = json.loads((run / "metrics.json").read_text())
    del metrics["training_seconds"]
    with open(run / "history.csv", newline="") as file:
        rows = [{**row, "seconds": 0} for row in csv.DictReader(file)]
    models = [keras.models.load_model(path) for path in (run / "model.keras", last.path)]
    arrays = [
        each.numpy() for model in models for each in (*model.weights, *model.optimizer.variables)
    ]
    seeds = last.record()["seeds"]
    return last.path.name, metrics, rows, [array.tobytes() for array in arrays], seeds


@pytest.fixture(scope="module")
def wholes(tmp_path_factory):
    """Runs that nothing interrupted, by the name of their case."""
    made = {}

    def whole(name):
        if name not in made:
            made[name] = tmp_path_factory.mktemp("whole") / "run"
            kerasrnn.train(CASES[name], made[name])
        return made[name]

    return whole


def stopped(name, run, number):
    """Trains so many batches into a run, which is then stopped."""
    with pytest.raises(StoppedError) as raised, pytest.MonkeyPatch.context() as patch:
        stop_after(patch, number)
        kerasrnn.train(CASES[name], run, resume=run.exists())
    return str(raised.value)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in CASES]
)
def test_stopped_within_epochs_it_ends_as_an_uninterrupted_one(
    name, wholes, tmp_path, eager_training
):
    run, expected = tmp_path / "run", content(wholes(name))
    said = stopped(name, run, 2)
    assert f"{run}: stopped after batch 2 of epoch 1; --resume goes on from there" in said
    (state,) = states_of(run)
    assert (state.epochs, state.batches) == (0, 2)
    assert not (run / "model.keras").exists()  # no epoch has ended
    steps = int(re.search(r"after batch (\d+)|$", stopped(name, run, 3))[1])
    assert [(each.epochs, each.batches) for each in states_of(run)][0] == (0, steps) == (0, 5)
    kerasrnn.train(CASES[name], run, resume=True)
    assert content(run) == expected


def test_it_ends_with_exit_code_75(tmp_path, eager_training, monkeypatch, capfd):
    run, series = tmp_path / "run", tmp_path / "series.csv"
    shutil.copyfile(DATA / "series.csv", series)
    words = ["train", "forecast", "--data", str(series), "--window", "5", "--units", "3"]
    words += ["--output", str(run)]
    with pytest.MonkeyPatch.context() as patch:
        stop_after(patch, 3)
        assert main([*words, "--batch-size", "7", "--epochs", "1"]) == 75
    error = capfd.readouterr().err
    assert (
        error == f"kerasrnn: {run}: stopped after batch 3 of epoch 1; --resume goes on from there\n"
    )
    assert main([*words, "--batch-size", "7", "--epochs", "1", "--resume"]) == 0
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_long_epochs_are_saved_as_often_as_wanted(tmp_path, eager_training, monkeypatch):
    written = []
    write_record = RunState.write_record

    def note(self, *arguments):
        written.append((self.epochs, self.batches))
        write_record(self, *arguments)

    monkeypatch.setattr(RunState, "write_record", note)
    case = dataclasses.replace(CASES["forecast"], epochs=1)
    kerasrnn.train(case, tmp_path / "often", save_every=1e-9)
    steps = len(written)
    assert written == [*((0, batch) for batch in range(1, steps)), (1, 0)] and steps > 3
    written.clear()
    for minutes in (0, 5):
        kerasrnn.train(case, tmp_path / str(minutes), save_every=minutes)
    assert written == [(1, 0), (1, 0)]
    with pytest.raises(ValueError, match="`save_every` to be a finite number of at least 0"):
        kerasrnn.train(case, tmp_path / "never", save_every=-1)


@pytest.fixture(scope="module")
def begun_once(tmp_path_factory):
    return tmp_path_factory.mktemp("begun") / "run"


@pytest.fixture
def begun(begun_once, tmp_path, eager_training):
    """A run of two states: after an epoch, and after two batches more."""
    if not begun_once.exists():
        kerasrnn.train(dataclasses.replace(CASES["forecast"], epochs=1), begun_once)
        stopped("forecast", begun_once, 2)
        assert [(each.epochs, each.batches) for each in states_of(begun_once)] == [(1, 2), (1, 0)]
    return shutil.copytree(begun_once, tmp_path / "run")


def damage(path, kind):
    content = bytearray(path.read_bytes())
    if kind == "flipped":
        content[len(content) // 2] ^= 4
    path.write_bytes({"cut": content[: len(content) // 2], "empty": b""}.get(kind, content))
    if kind == "gone":
        path.unlink()


@pytest.mark.parametrize("ending", ["keras", "json"])
@pytest.mark.parametrize("kind", ["flipped", "cut", "empty", "gone"])
def test_a_damaged_state_is_named_and_the_one_before_goes_on(begun, wholes, ending, kind, capsys):
    newest, _ = states_of(begun)
    path = newest.path.with_suffix(f".{ending}")
    damage(path, kind)
    kerasrnn.train(CASES["forecast"], begun, resume=True)
    said = " ".join(capsys.readouterr().out.split())
    assert (f"Expected {path} as it was written" in said) == (
        path.suffix == ".json" or kind != "gone"
    )
    assert content(begun) == content(wholes("forecast"))


def test_what_cannot_go_on_is_refused_and_stays_as_it_is(begun):
    for state in states_of(begun):
        damage(state.path, "cut")
    before = {path: path.read_bytes() for path in begun.rglob("*") if path.is_file()}
    with pytest.raises(DamagedError, match=r"epoch-0001-0000002\.keras as it was written"):
        kerasrnn.train(CASES["forecast"], begun, resume=True)
    assert {path: path.read_bytes() for path in begun.rglob("*") if path.is_file()} == before
    shutil.rmtree(begun / "state")
    with pytest.raises(DamagedError, match="Received: none, though there is history.csv"):
        kerasrnn.train(CASES["forecast"], begun, resume=True)


@pytest.mark.parametrize("name", ["state_0.json", "snapshot_0.weights.h5"])
def test_a_damaged_schedule_is_named(begun, name):
    damage(begun / "state" / "halving" / name, "flipped")
    with pytest.raises(DamagedError, match=f"{name} as it was written"):
        kerasrnn.train(CASES["forecast"], begun, resume=True)


def test_states_of_another_run_are_refused(begun):
    config = read_config(begun)
    write_sealed(begun / "config.json", {**config, "run": config["run"][::-1]})
    with pytest.raises(UserError, match=r"epoch-0001-0000002\.keras, which is of another run"):
        kerasrnn.train(CASES["forecast"], begun, resume=True)


@pytest.mark.parametrize("name", ["history.csv", "model.keras"])
@pytest.mark.parametrize("kind", ["flipped", "gone"])
def test_what_a_state_also_holds_is_written_again(begun, wholes, name, kind):
    damage(begun / name, kind)
    kerasrnn.train(CASES["forecast"], begun, resume=True)
    assert content(begun) == content(wholes("forecast"))


def test_killed_when_the_schedule_had_ended_the_first_epoch_it_goes_on_within_it(
    wholes, tmp_path, eager_training
):
    run = tmp_path / "run"
    stopped("forecast", run, 2)
    kerasrnn.train(dataclasses.replace(CASES["forecast"], epochs=1), run, resume=True)
    newest, within = states_of(run)
    assert (newest.epochs, within.epochs, within.batches) == (1, 0, 2)
    for path in (newest.path, run / "model.keras", run / "history.csv", run / "metrics.json"):
        path.unlink()
    kerasrnn.train(CASES["forecast"], run, resume=True)
    assert content(run) == content(wholes("forecast"))


def test_arrays_in_json_are_the_same_to_the_bit():
    arrays = [np.array([np.nan, -0.0, 1e-45], "float32"), np.array(7), np.zeros((2, 0, 3), "int8")]
    found = unpacked_arrays(json.loads(json.dumps(packed(arrays))))
    for one, other in zip(arrays, found, strict=True):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


@pytest.mark.parametrize("number", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_whatever_byte_is_damaged_it_goes_on_rightly_or_says_why_not(
    number, begun, wholes, tmp_path
):
    files = sorted(path for path in begun.rglob("*") if path.is_file() and path.stat().st_size)
    random, refused = np.random.default_rng(number), 0
    for sample in range(number):
        run = shutil.copytree(begun, tmp_path / str(sample))
        path = run / files[random.integers(len(files))].relative_to(begun)
        whole = path.read_bytes()
        place, bit = int(random.integers(len(whole))), 1 << int(random.integers(8))
        flipped = whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :]
        path.write_bytes(random.choice([flipped, whole[:place]]))
        try:
            kerasrnn.train(CASES["forecast"], run, resume=True)
        except UserError as error:  # of which `DamagedError` is one
            refused += 1
            assert path.name in str(error), f"{path.name}, byte {place}: {error}"
            continue
        assert content(run) == content(wholes("forecast")), f"{path.name}, byte {place}, bit {bit}"
        shutil.rmtree(run)
    assert refused < number
