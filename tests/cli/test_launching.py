"""`kerasrnn train --workers 2`: started, killed, gone on."""

import csv
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from kerasrnn.cli import launching
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


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    run = tmp_path_factory.mktemp("alone") / "run"
    assert main([*TRAIN, "--output", str(run)]) == 0
    return rows_of(run)


def started(run, *words):
    """Starts two workers; returns when one has saved within an epoch."""
    command = [sys.executable, "-m", "kerasrnn", *TRAIN, "--output", str(run), "--workers=2"]
    command += ["--save-every", "0.00001", *words]
    launcher = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    until = time.monotonic() + 240
    while len(list(run.glob("state/*.keras"))) < 2 and time.monotonic() < until:
        time.sleep(0.01)
        assert launcher.poll() is None
    return launcher


def check_equal(rows, alone):
    assert len(rows) == EPOCHS
    for row, other in zip(rows, alone, strict=True):
        assert row == pytest.approx(other, rel=1e-4)


def test_a_worker_that_is_killed(alone, tmp_path):
    launcher = started(tmp_path / "run")
    victims = children_of(launcher.pid)
    assert len(victims) == 2
    os.kill(max(victims), signal.SIGKILL)
    said, _ = launcher.communicate(timeout=240)
    said = said.decode()
    assert launcher.returncode == 0, said
    assert "a worker has died; all go on from what was saved last" in said
    assert "Traceback" not in said
    check_equal(rows_of(tmp_path / "run"), alone)


def test_workers_that_are_stopped(alone, tmp_path):
    launcher = started(tmp_path / "run")
    launcher.terminate()
    said, _ = launcher.communicate(timeout=240)
    assert launcher.returncode == 75, said.decode()
    assert said.decode().count("--resume goes on from there") == 1
    # One process goes on with what two have begun.
    assert main([*TRAIN, "--output", str(tmp_path / "run"), "--resume"]) == 0
    check_equal(rows_of(tmp_path / "run"), alone)


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
    assert launching.launch_of(Control(**given)).workers == 3
    assert launching.launch_of(Control(**given, dry_run=True)) is None


def test_words_of_a_worker():
    words = ["train", "tag", "--workers=3", "--units", "5", "--workers", "2", "--workers-file"]
    expected = ["train", "tag", "--units", "5", "--workers-file", "--workers", "1"]
    assert launching._replaced(words, "--workers", "1") == expected
