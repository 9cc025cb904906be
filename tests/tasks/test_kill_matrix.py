"""Killed at any moment, a training goes on to the end that it would have had."""

import base64
import dataclasses
import json
import os
import pathlib
import pickle
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from tests.tasks.test_save_state import CASES, content

PROGRAM = pathlib.Path(__file__).with_name("killed_training.py")
EXPORTS = ("forecast",)
NAMES = ["translate", "classify", "tag", "stream", "forecast"]


class Trainings:
    """The process that forks a process for each training."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROGRAM.parents[2],
        )

    def train(self, name, run, number=0):
        """Trains into a folder; returns the exit code and the number of events."""
        case = dataclasses.replace(CASES[name], epochs=2)
        packed = base64.b64encode(pickle.dumps(case)).decode()
        words = [packed, str(run), number, name in EXPORTS]
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def trainings():
    made = Trainings()
    yield made
    made.process.communicate()  # which closes both pipes


@pytest.fixture(scope="module")
def wholes(trainings, tmp_path_factory):
    """By name what a training comes to that nothing kills, and the number of its events."""
    made = {}

    def whole(name):
        if name not in made:
            run = tmp_path_factory.mktemp(name) / "run"
            code, number = trainings.train(name, run)
            assert code == 0
            made[name] = content(run), number
        return made[name]

    return whole


def check(name, trainings, wholes, folder, seed):
    expected, number = wholes(name)
    last = int(np.random.default_rng(seed).integers(1, number + 1))
    run = folder / f"{name}-{seed}" / "run"
    run.parent.mkdir(parents=True)
    code, reached = trainings.train(name, run, last)
    assert (code, reached) == (-signal.SIGKILL, last)
    assert trainings.train(name, run)[0] == 0, f"{name} killed at event {last} of {number}"
    assert content(run) == expected, f"{name} killed at event {last} of {number}"
    left = [path for path in run.parent.rglob(".*") if path.name != ".lock"]
    assert left == [], "of a dead process"
    if name in EXPORTS:
        assert os.listdir(run.parent / "export") == ["1"]
    shutil.rmtree(run.parent)


@pytest.mark.parametrize(("seed", "name"), [(0, "forecast"), (1, "forecast"), (2, "forecast")])
def test_a_few(seed, name, trainings, wholes, tmp_path):
    check(name, trainings, wholes, tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_many(name, trainings, wholes, tmp_path):
    for seed in range(20):
        check(name, trainings, wholes, tmp_path, seed)
