"""Training a forecaster from a CSV file: better than the last value, resumed, and refused."""

import csv
import dataclasses
import json
import os
import sys

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.cli import main
from kerasrnn.tasks.forecast.job import ForecastJob
from kerasrnn.tasks.forecast.series_job import SeriesJob


def forecast_job(settings):
    """A job as of a run that recorded these settings, and no others."""
    return ForecastJob(
        dataclasses.replace(options.Forecast.recorded(settings))
    )  # which checks them


PERIOD, NOISE = 8, 0.1


def settings(folder, **changes):
    return {
        "data": str(folder / "tides.csv"),
        "window": 11,
        "horizon": 2,
        "columns": ["level", "moon"],
        "target": ["level"],
        "offset": "last",
        "cell": "gru",
        "units": 13,
        "num_layers": 1,
        "bidirectional": False,
        "dropout": 0.1,
        "pooling": "last",
        "epochs": 2,
        "batch_size": 17,
        "learning_rate": 0.02,
        "clipnorm": 1.0,
        "seed": 1,
        **changes,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A wave on a trend, so that the test part lies above all that was trained on."""
    path = tmp_path_factory.mktemp("forecast")
    rng, t = np.random.default_rng(1), np.arange(400)
    wave = np.sin(2 * np.pi * t / PERIOD)
    level = 100 + 0.05 * t + 3 * wave + rng.normal(0, NOISE, len(t))
    rows = [f"day {i},{level[i]:.4f},{wave[i - 1]:.4f}\n" for i in t]
    (path / "tides.csv").write_text("day,level,moon\n" + "".join(rows))
    return path


@pytest.fixture(scope="module")
def run(folder):
    """A run of the command line, with options from a file and from words."""
    options = {"cell": "gru", "units": 13, "epochs": 8, "batch_size": 17, "learning_rate": 0.02}
    lines = [f"{name}: {value}\n" for name, value in options.items()]
    (folder / "options.yaml").write_text("".join(lines) + "columns: [level, moon]\n")
    words = ["--data", folder / "tides.csv", "--output", folder / "run", "--window", 11]
    words += ["--horizon", 2, "--target", "level", "--config", folder / "options.yaml"]
    words += ["--method", "window"]
    assert main(["train", "forecast", *map(str, words)]) == 0
    return folder / "run"


def test_compiled_loops_train_the_same_model(folder, tmp_path):
    ways = {}
    for way in ("keras", "compiled"):
        given = settings(folder, recurrence=way, bidirectional=True, epochs=1)
        task = kerasrnn.train(options.Forecast(**given), tmp_path / way)
        stack = task.model.get_layer("recurrent")
        assert task.name == "forecast-series" and stack.recurrence == way
        config = json.loads((tmp_path / way / "config.json").read_text())
        assert config["settings"]["recurrence"] == way
        ways[way] = task.model.get_weights()
    for one, other in zip(*ways.values(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_better_than_the_last_value(run, folder):
    metrics = json.loads((run / "metrics.json").read_text())
    test = metrics["test"]
    assert test["mae"] < test["last_value_mae"] / 5
    assert test["rmse"] < test["last_value_rmse"] / 5
    assert test["mae"] > 0.8 * NOISE * np.sqrt(2 / np.pi)  # nobody can know the noise
    assert test["examples"] == 40 - 11 - 2 + 1
    task = kerasrnn.load(run)
    series = kerasrnn.datasets.read_series(folder / "tides.csv", ["level", "moon"])
    assert task.evaluate(series.part("test")) == pytest.approx(test)
    assert (task.columns, task.targets) == (("level", "moon"), ("level",))


def test_the_command_line_predicts_and_evaluates(run, folder, capsys, tmp_path):
    assert main(["evaluate", str(run)]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["mae"] == pytest.approx(
        json.loads((run / "metrics.json").read_text())["test"]["mae"]
    )
    examples = json.loads((run / "metrics.json").read_text())["examples"]
    (tmp_path / "lines.txt").write_text("".join(f"{run / name}\n" for name in examples))
    assert main(["predict", str(run), str(tmp_path / "lines.txt")]) == 0
    answers = [line.split(" ") for line in capsys.readouterr().out.splitlines()]
    right = [line.split(" ") for line in examples.values()]
    level = kerasrnn.datasets.read_series(folder / "tides.csv", ["level", "moon"]).part("test")
    expected = kerasrnn.load(run).predict([level.values[i : i + 11] for i in range(3)])
    np.testing.assert_allclose(np.array(answers, float), np.squeeze(expected, -1), rtol=1e-5)
    following = [level.values[i + 11 : i + 13, 0] for i in range(3)]
    np.testing.assert_allclose(np.array(right, float), following, rtol=1e-5)


def history(path):
    with open(path / "history.csv", newline="") as file:
        rows = csv.DictReader(file)
        return [{k: float(v) for k, v in row.items() if k != "seconds"} for row in rows]


@pytest.mark.slow
def test_interrupted_and_resumed_ends_as_uninterrupted(folder, tmp_path):
    forecast_job(settings(folder)).run(tmp_path / "whole")
    forecast_job(settings(folder, epochs=1)).run(tmp_path / "run")
    forecast_job(settings(folder)).run(tmp_path / "run", resume=True)
    assert history(tmp_path / "run") == history(tmp_path / "whole")
    one, other = (
        keras.models.load_model(tmp_path / name / "model.keras") for name in ("run", "whole")
    )
    for weight, same in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, same)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"window": 0}, "`window` to be an integer of at least 1. Received: 0"),
        ({"horizon": 0}, "`horizon` to be an integer of at least 1. Received: 0"),
        ({"window": 39}, "at least 41 rows in each part.*Received: 40"),
        ({"columns": ["level", "sun"]}, "among day, level, moon. Received: level, sun"),
        ({"columns": ["day"]}, "tides.csv, line 2, column 'day'.*'day 0'"),
        ({"header": False}, "among 1, 2, 3. Received: level, moon"),
        ({"target": ["day"]}, "targets among the columns level, moon. Received: day"),
        ({"offset": "first"}, "'last', 'mean'.*'first'"),
        ({"units": 0}, "`units`.* Received: 0"),
        ({"cell": "lstmm"}, "'lstmm'"),
        ({"pooling": "sum"}, "'sum'"),
        ({"epochs": 0}, "`epochs` to be an integer of at least 1"),
        ({"data": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_a_wrong_setting_writes_nothing(folder, tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        forecast_job(settings(folder, **changes)).run(tmp_path / "run")
    assert os.listdir(tmp_path) == []


def test_what_a_new_task_is_made_of(folder):
    """The last column is the target by default; the scale is that of the training part alone."""
    job = forecast_job(settings(folder, target=None, offset="mean"))
    task, part = job.new_task(job.read("train")), job.read("train")
    assert task.targets == ("moon",)
    np.testing.assert_allclose(task.scale.mean, part.values[:320].mean(axis=0))
    np.testing.assert_allclose(task.scale.deviation, part.values[:320].std(axis=0))
    assert [len(job.read(split).values) for split in ("train", "validation", "test")] == [
        *(320, 40, 40),
    ]


def test_columns_that_are_no_numbers_are_left_out_and_said(folder, tmp_path, capsys):
    dated = "when,x,2020\n" + "".join(f"2016-07-01 {i:02}:00,{i},{i}\n" for i in range(24))
    (tmp_path / "dated.csv").write_text(dated)
    (tmp_path / "no header.csv").write_text("1,2\n" * 24)
    found = {}
    for path, header in (
        (folder / "tides.csv", None),
        (tmp_path / "dated.csv", True),
        (tmp_path / "no header.csv", None),
    ):
        changes = {"data": str(path), "columns": None, "target": None, "header": header}
        job = forecast_job(settings(folder, **changes, window=1, horizon=1))
        with kerasrnn.datasets.notes_to(sys.stdout):
            found[path.name] = job.read("train").columns
            assert job.read("test").columns == found[path.name]
    assert found == {
        "tides.csv": ("level", "moon"),
        "dated.csv": ("x", "2020"),
        "no header.csv": ("1", "2"),
    }
    assert capsys.readouterr().out.splitlines() == [
        f"{folder / 'tides.csv'}: left out: day (day 0 is no number)",
        f"{tmp_path / 'dated.csv'}: left out: when (2016-07-01 00:00 is no number)",
        f"{tmp_path / 'dated.csv'}: the rows are named by: when",
        f"{tmp_path / 'no header.csv'}: no header: columns are named by their numbers "
        "(--header says otherwise)",
    ]


@pytest.mark.parametrize(
    "words, columns, target, header",
    [
        ("", None, None, None),
        ("--columns a b c --target c", ["a", "b", "c"], ["c"], None),
        ("--columns a --columns b c --target=a --header", ["a", "b", "c"], ["a"], True),
        ("--no-header --columns 1 2", ["1", "2"], None, False),
        ("--config options.yaml", ["x", "2019"], ["x"], True),
        ("--config options.yaml --target a b", ["x", "2019"], ["a", "b"], True),
    ],
)
def test_lists_of_the_command_line(words, columns, target, header, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(SeriesJob, "run", lambda job, *_, **__: told.append(job.options))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("x\n1\n")
    (tmp_path / "options.yaml").write_text("columns: [x, 2019]\ntarget: x\nheader: true\n")
    assert main(["train", "forecast", "--data", "x.csv", "--output", "run", *words.split()]) == 0
    (found,) = (each.record() for each in told)
    assert (found["columns"], found["target"], found["header"]) == (columns, target, header)
