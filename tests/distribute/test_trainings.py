"""Two devices, or two workers, learn what one process learns."""

import json
import os
import pathlib
import pickle
import socket
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = pathlib.Path(__file__).with_name("trainings.py")


def started(strategy, folder, config=None, name="result"):
    """Starts the trainings; returns the process and where its results come."""
    result = folder / f"{name}.pickle"
    settings = {} if config is None else {"TF_CONFIG": json.dumps(config)}
    process = subprocess.Popen(
        [sys.executable, SCRIPT, strategy, folder / "runs", result],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return process, result


def ended(process, result):
    _, said = process.communicate(timeout=550)
    assert process.returncode == 0, said.decode()
    return pickle.loads(result.read_bytes())


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return ended(*started("none", tmp_path_factory.mktemp("alone")))


def check_equal(results, alone):
    for name, (weights, history) in alone.items():
        others, rows = results[name]
        for weight, other in zip(weights, others, strict=True):
            np.testing.assert_allclose(other, weight, atol=1e-4, err_msg=name)
        if rows is None:  # of a worker that writes no run
            continue
        assert len(rows) == len(history) == 2
        for row, other in zip(history, rows, strict=True):
            assert row == pytest.approx(other, rel=1e-4), name


def test_two_devices(alone, tmp_path):
    results = ended(*started("mirrored", tmp_path))
    assert all(history is not None for _, history in results.values())
    check_equal(results, alone)


def test_two_workers(alone, tmp_path):
    sockets = [socket.socket() for _ in range(2)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    hosts = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    workers = []
    for index in range(2):
        config = {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}}
        workers.append(started("multi-worker", tmp_path, config, f"worker-{index}"))
    first, second = (ended(*each) for each in workers)
    check_equal(first, alone)
    check_equal(second, alone)
    for name, (weights, _) in first.items():
        # The chief has read its model again from the run that it wrote.
        for weight, other in zip(weights, second[name][0], strict=True):
            np.testing.assert_array_equal(weight, other, err_msg=name)
