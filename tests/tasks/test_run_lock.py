"""One training in a folder, and folders in which none has begun."""

import json
import os

import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.checks import UserError
from kerasrnn.cli.main import main
from kerasrnn.files import LOCK, FolderLock
from kerasrnn.tasks.forecast.series_job import SeriesJob


@pytest.fixture
def given(tmp_path):
    rows = "".join(f"{i % 7},{i % 5}\n" for i in range(131))
    (tmp_path / "series.csv").write_text("level,flow\n" + rows)
    return options.Forecast(data=str(tmp_path / "series.csv"), window=5, units=3, epochs=1)


def test_two_trainings_of_one_folder(given, tmp_path, eager_training, monkeypatch, capsys):
    run = tmp_path / "run"
    words = ["train", "forecast", "--data", given.data, "--window", "5", "--output", str(run)]

    def read_splits(self):
        raw = read(self)
        if not run.exists():  # another one begins while this one reads its data
            monkeypatch.setattr(SeriesJob, "read_splits", read)
            kerasrnn.train(given, run)
        return raw

    read = SeriesJob.read_splits
    monkeypatch.setattr(SeriesJob, "read_splits", read_splits)
    with pytest.raises(UserError, match="in which another training has begun meanwhile"):
        kerasrnn.train(given, run)
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    with FolderLock(run, LOCK) as other:
        other.hold()
        assert main([*words, "--units", "3", "--epochs", "2", "--resume"]) == 2
        error = capsys.readouterr().err
        assert "that no other process writes into" in error and error.count("\n") == 1
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    assert main([*words, "--units", "3", "--epochs", "2", "--resume"]) == 0


@pytest.mark.parametrize("resume", [False, True])
def test_killed_before_its_settings_were_written(given, tmp_path, eager_training, resume):
    run = tmp_path / "run"
    lock = FolderLock(run, LOCK)
    with lock:
        lock.hold()
        (run / "scale.json").write_text("{}")
    kerasrnn.train(given, run, resume=resume)
    assert json.loads((run / "config.json").read_text())["settings"]["window"] == 5


def test_folders_of_others_stay_as_they_are(given, tmp_path):
    run = tmp_path / "run"
    (run / "state").mkdir(parents=True)
    for resume, message in [(False, "is not empty"), (True, "Expected a run to resume")]:
        with pytest.raises(UserError, match=message):
            kerasrnn.train(given, run, resume=resume)
    assert os.listdir(run) == ["state"] and os.listdir(run / "state") == []
