"""Compiled loops where they pay: by hand, through a training, and in its continuation."""

import functools
import json
import pathlib

import keras
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.layers import RecurrentStack, SegmentedStack
from kerasrnn.layers.linear.min_gru import MinGRU
from kerasrnn.layers.linear.min_lstm import MinLSTM
from kerasrnn.layers.linear.sru import SRU
from kerasrnn.layers.recurrence.faster_way import GAINS, Gain, faster_way

DATA = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data"
LSTM = keras.layers.LSTM


def chosen(sizes, epochs=10, cell="lstm", **layer):
    stack = RecurrentStack(cell, units=3, **layer)
    return faster_way(stack, [(rows, [steps]) for rows, steps in sizes], epochs)


def test_so_many_steps_pay_for_each_shape():
    least = GAINS[LSTM].least_steps
    assert least % (100 * 10) == 0
    batches = [(61, 100)] * (least // (100 * 10))
    assert chosen(batches)[0] == "compiled"
    assert chosen(batches[1:])[0] == "keras"
    assert chosen(batches, epochs=9)[0] == "keras"
    # 97 and 100 are both compiled as 112; 19 is not, and so are other rows.
    assert chosen([*batches, (61, 97)])[0] == "compiled"
    for another in ((61, 19), (59, 100)):
        assert chosen([*batches, another])[0] == "keras"
    assert chosen(batches * 2 + [(59, 100)]) == (
        "compiled",
        f"by {2 * least + 1000:,} steps of recurrent loops, in 2 shapes",
    )


def test_both_sides_of_pairs_have_loops():
    batches = [(61, [50, 50])] * (GAINS[LSTM].least_steps // 1000)
    stack = RecurrentStack("lstm", units=3, bidirectional=True)
    assert faster_way(stack, batches, 10)[0] == "compiled"
    assert faster_way(stack, batches[1:], 10)[0] == "keras"


def test_segments_are_rows():
    stack = SegmentedStack("gru", units=3, segment_length=23)
    reason = faster_way(stack, [(7, [61]), (7, [23]), (7, [60])], 1000)[1]
    # Two batches of 3 * 7 rows and one of 7, of 23 steps each.
    assert reason == "by 69,000 steps of recurrent loops, in 2 shapes"


@pytest.mark.parametrize(
    ("layer", "rows"),
    [
        ({"dtype": "mixed_bfloat16"}, 61),
        ({"cell": functools.partial(LSTM, activation="relu")}, 61),
        ({}, GAINS[LSTM].most_rows + 1),
        ({"cell": "sru", "dtype": "mixed_bfloat16"}, 61),
    ],
    ids=["16 bits", "another activation", "many rows", "16 bits without a matrix"],
)
def test_where_it_never_pays(layer, rows):
    assert chosen([(61, 100)] * 10_000)[0] == "compiled"
    assert chosen([(rows, 100)] * 10_000, **layer)[0] == "keras"


@pytest.mark.parametrize(
    ("cell", "layer"), [("sru", SRU), ("min_gru", MinGRU), ("min_lstm", MinLSTM)]
)
def test_cells_without_a_matrix_need_longer_trainings(cell, layer):
    batches = [(61, 100)] * (GAINS[layer].least_steps // 1000)
    assert len(batches) > GAINS[LSTM].least_steps // 1000
    assert chosen(batches, cell=cell)[0] == "compiled"
    assert chosen(batches[1:], cell=cell)[0] == "keras"
    assert chosen(batches, cell=cell, bidirectional=True)[0] == "compiled"


def test_short_loops():
    assert chosen([(61, 16)] * 100_000)[0] == "compiled"
    assert chosen([(61, 16)] * 100_000 + [(61, 15)])[0] == "keras"


def test_no_batches():
    assert chosen([])[0] == "keras"


def test_on_another_backend(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert chosen([(61, 100)] * 10_000)[0] == "keras"


def test_with_a_gpu(monkeypatch):
    monkeypatch.setattr("tensorflow.config.list_logical_devices", lambda kind: [f"{kind}:0"])
    assert chosen([(61, 100)] * 10_000)[0] == "keras"


@pytest.mark.parametrize(("least", "way"), [(1, "compiled"), (10**9, "keras")])
def test_it_is_recorded_and_a_continuation_keeps_it(least, way, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(GAINS, LSTM, Gain(192, least))
    given = {"data": DATA / "series.csv", "window": 17, "units": 3, "cell": "lstm"}
    used = []
    fit = keras.Model.fit

    def watched(self, *args, **others):
        used.append([each.recurrence for each in self.layers if isinstance(each, RecurrentStack)])
        return fit(self, *args, **others)

    monkeypatch.setattr(keras.Model, "fit", watched)
    kerasrnn.train(options.Forecast(**given, epochs=1), tmp_path / "run")
    assert f"recurrence {way}" in capsys.readouterr().out
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["settings"]["recurrence"] == way and "recurrence" in config["chosen"]
    monkeypatch.setitem(GAINS, LSTM, Gain(192, 10**9 + 1 - least))
    kerasrnn.train(options.Forecast(**given, epochs=2), tmp_path / "run", resume=True)
    assert used == [[way], [way]]
