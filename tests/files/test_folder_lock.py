"""Two processes and one folder: one writes, and what a dead one left goes."""

import os
import signal
import subprocess
import sys

import pytest

from kerasrnn.checks import UserError
from kerasrnn.files import FolderLock

PROGRAM = """
import sys, time
from kerasrnn.files import FolderLock, beside

with FolderLock(sys.argv[1], "state/lock") as lock:
    lock.hold()
    with beside(lock.folder / "model.keras") as place:
        place.write_text("half")
        print("held", flush=True)
        time.sleep(600)
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds a folder and has half-written a file."""
    words = [sys.executable, "-c", PROGRAM, str(tmp_path / "run")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_process_gets_a_sentence_until_the_first_one_dies(other, tmp_path):
    run = tmp_path / "run"
    with FolderLock(run, "state/lock") as lock:
        with pytest.raises(UserError, match=r"no other process writes into\. Received: .*run"):
            lock.hold()
        half = f".{other.pid}-model.keras"
        assert sorted(os.listdir(run)) == [half, "state"]  # the other one still writes it
        other.send_signal(signal.SIGKILL)
        other.wait()
        (run / "model.keras").write_text("whole")
        halves = [run / "state" / "halving", run / "examples"]
        for folder in halves:
            folder.mkdir()
            (folder / f".{other.pid}-1.csv").write_text("{")
        lock.hold()
        assert sorted(os.listdir(run)) == ["examples", "model.keras", "state"]
        assert [os.listdir(folder) for folder in halves] == [[], []]


def test_it_is_held_once_and_given_back(tmp_path):
    for _ in range(2):
        with FolderLock(tmp_path / "run", "state/lock") as lock:
            assert not (tmp_path / "run").exists() or lock.path.exists()
            lock.hold()
            lock.hold()
            with pytest.raises(UserError, match="that no other process"):
                FolderLock(tmp_path / "run", "state/lock").hold()


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(UserError, match="Expected a folder that can be written"):
        FolderLock(tmp_path / "run", "state/lock").hold()
