"""A batch that this machine cannot hold is refused before anything is written."""

import ctypes
import dataclasses
import pathlib
import re
import sys

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.checks import UserError, machine
from kerasrnn.models import language_model, many_to_one
from kerasrnn.options.layer_memory import state_bytes
from kerasrnn.tasks import job as jobs
from kerasrnn.tasks.advice.batch_memory import batch_bytes

DATA = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data"
SMALL = {"units": 3, "batch_size": 211, "epochs": 1}
FORECAST = options.Forecast(data=DATA / "series.csv", window=13, **SMALL)
CASES = {
    "forecast": FORECAST,
    "tag": options.Tag(data=DATA / "tags.conll", embedding=2, **SMALL),
    "translate": options.Translate(data=DATA / "phrases.csv", level="word", embedding=2, **SMALL),
}


def peak(act):
    """How far the memory of this process grew above what it was, while it acted."""
    status = pathlib.Path("/proc/self/status")
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)  # or what tests before this one have freed is taken first
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak is what it is now

    def read(name):
        (line,) = (each for each in status.read_text().splitlines() if each.startswith(name))
        return int(line.split()[1]) * 1024

    before = read("VmRSS")
    act()
    return read("VmHWM") - before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("cell", ["simple_rnn", "gru", "lstm"])
def test_recurrent_layers_take_at_least_so_much(cell):
    rows, steps, sizes = 211, 47, {"cell": cell, "units": 149, "num_layers": 2}
    given = options.Forecast(data="a.csv", **sizes)
    model = many_to_one((1,), 1, **sizes, bidirectional=given.bidirectional)
    x = {"features": np.ones((rows, steps, 1), "f4"), "mask": np.ones((rows, steps), bool)}
    check(given, model, x, np.ones((rows, 1), "f4"), "mse", [steps])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_logits_take_at_least_so_much():
    given = options.LanguageModel(data="a.txt", units=7, embedding=7)
    model, ids = language_model(20_011, units=7, embedding=7), np.ones((31, 37), "i4")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert batch_bytes(given, model, 31, [37]) > 4 * 31 * 37 * 20_011
    check(given, model, ids, ids, loss, [37])


def check(given, model, x, y, loss, steps):
    model.compile("adam", loss, run_eagerly=True)
    model.train_on_batch(keras.tree.map_structure(lambda each: each[:2, :3], x), y[:2, :3])
    estimate = batch_bytes(given, model, len(y), steps)
    assert estimate > 2**23
    assert estimate < peak(lambda: model.train_on_batch(x, y)) < 20 * estimate


@pytest.fixture
def small_machine(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    limit.write_text("15000")
    monkeypatch.setattr(machine, "LIMITS", (limit,))


@pytest.mark.parametrize("name", CASES)
def test_a_batch_that_does_not_fit_is_refused(name, tmp_path, small_machine):
    run = tmp_path / "run"
    with pytest.raises(UserError) as error:
        kerasrnn.train(CASES[name], run)
    assert re.fullmatch(
        r"Expected the model and its largest batch to fit the 0\.0 GB of memory of this machine\. "
        r"Received: \d+ \w+ in a batch, of [\d and]+ steps, which takes at least 0\.0 GB",
        str(error.value),
    )
    assert not run.exists()


def test_one_that_fits_is_not(tmp_path, small_machine, monkeypatch):
    class Begun(Exception):
        pass

    def begin_run(task, lock):
        raise Begun

    monkeypatch.setattr(jobs, "begin_run", begin_run)
    with pytest.raises(Begun):
        kerasrnn.train(dataclasses.replace(FORECAST, batch_size=5), tmp_path / "run")


def test_baselines_have_no_states():
    assert state_bytes(options.LanguageModel(data="a.txt", model="mean_window"), 7) == 0
