"""`kerasrnn train --workers 2`: started, killed, gone on."""

import csv
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from kerasrnn.cli import workers
from kerasrnn.cli.main import main
from kerasrnn.options.control import Control

DATA = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data"
EPOCHS = 5
TRAIN = ["train", "forecast", "--data", str(DATA / "series.csv"), "--window", "17", "--units", "3"]
TRAIN += ["--cell", "gru", "--batch-size", "7", "--dropout", "0", "--epochs", str(EPOCHS)]


def rows_of(run):
    with open(run / "history.csv", encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def children_of(process):
    found = subprocess.run(
        ["ps", "--no-headers", "-o", "pid,args", "--ppid", str(process)],
        capture_output=True,
        text=True,
    )
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "kerasrnn" in line]


def test_a_worker_that_is_killed(tmp_path):
    assert main([*TRAIN, "--output", str(tmp_path / "alone")]) == 0
    run = tmp_path / "run"
    command = [sys.executable, "-m", "kerasrnn", *TRAIN, "--output", str(run), "--workers=2"]
    launcher = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    until = time.monotonic() + 240
    while not list(run.glob("state/*.keras")) and time.monotonic() < until:
        time.sleep(0.01)
        assert launcher.poll() is None
    victims = children_of(launcher.pid)
    assert len(victims) == 2
    os.kill(max(victims), signal.SIGKILL)
    said, _ = launcher.communicate(timeout=240)
    said = said.decode()
    assert launcher.returncode == 0, said
    assert "a worker has died; all go on from the last epoch" in said and "Traceback" not in said
    alone, rows = rows_of(tmp_path / "alone"), rows_of(run)
    assert len(rows) == EPOCHS
    for row, other in zip(rows, alone, strict=True):
        assert row == pytest.approx(other, rel=1e-4)


@pytest.mark.parametrize(
    ("words", "environment", "sentence"),
    [
        (["--workers", "2", "--strategy", "mirrored"], {}, "Received: --strategy mirrored"),
        (["--workers", "2"], {"TF_CONFIG": "{}"}, "Received: TF_CONFIG, which names them"),
        (["--strategy", "multi-worker"], {"TF_CONFIG": ""}, "for the strategy 'multi-worker'"),
        (["--strategy", "multi-worker"], {"TF_CONFIG": "{}"}, "with an index of the list"),
        (["--strategy", "some"], {}, "some"),
        (["--workers", "0"], {}, "0"),
        (["--accumulate", "8"], {}, "`batch_size` as at least 8"),
        (["--strategy", "mirrored", "--folds", "3"], {}, "Expected `folds` without `strategy`"),
    ],
)
def test_wrong_words(words, environment, sentence, tmp_path, capsys, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    task = TRAIN
    if "--folds" in words:
        task = ["train", "classify", "--data", str(DATA / "phrases.csv")]
    assert main([*task, "--output", str(tmp_path / "run"), *words]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_dry_run_starts_nothing():
    given = {"output": "run", "workers": 3}
    assert workers.launch_of(Control(**given)).workers == 3
    assert workers.launch_of(Control(**given, dry_run=True)) is None


def test_words_of_a_worker():
    words = ["train", "tag", "--workers=3", "--units", "5", "--workers", "2", "--workers-file"]
    expected = ["train", "tag", "--units", "5", "--workers-file", "--workers", "1"]
    assert workers._replaced(words, "--workers", "1") == expected
