"""Where several processes need a data set, one of them prepares it and the others wait."""

import concurrent.futures
import io
import os
import pathlib
import signal
import subprocess
import sys
import time

import filelock
import pytest
import tensorflow_datasets as tfds

from kerasrnn.checks import UserError
from kerasrnn.datasets import text_pairs
from kerasrnn.datasets.readers.reader_notes import notes_to
from kerasrnn.datasets.sources.builders import open_split

NAME = "kerasrnn_dates_slowly"  # as an embedded one
PROGRAM = """
import random, sys
from tests.datasets import test_prepared_once as slowly

def half():
    print("half", file=sys.__stdout__, flush=True)
    sys.stdin.readline()

slowly.half = half
random.seed(1)
print(len(slowly.read(sys.argv[1])))
"""


def half():
    """Called when half of the examples are written."""


class KerasrnnDatesSlowly(tfds.core.GeneratorBasedBuilder):
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {"source": tfds.features.Text(), "target": tfds.features.Text()}
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in ("train", "test")}

    def _generate_examples(self, split):
        for i in range(46):
            if i == 23 and split == "test":
                half()
            yield i, {"source": f"{split} {i}", "target": str(i)}


def read(folder):
    pairs = text_pairs(NAME, "test", folder).as_numpy_iterator()
    return [(source.decode(), target.decode()) for source, target in pairs]


EXPECTED = [(f"test {i}", str(i)) for i in range(46)]


@pytest.fixture
def other(tmp_path):
    """Another process that has prepared half of the data set, and goes on when it gets a line."""
    words = [sys.executable, "-c", PROGRAM, str(tmp_path / "data")]
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=pathlib.Path(__file__).parents[2],
    ) as process:
        assert process.stdout and process.stdout.readline() == "half\n"
        yield process
        process.kill()


@pytest.mark.parametrize("end", ["done", "killed"])
def test_the_second_process_waits_for_the_first(end, other, tmp_path):
    folder, said = tmp_path / "data", io.StringIO()
    with notes_to(said), concurrent.futures.ThreadPoolExecutor() as pool:
        pairs = pool.submit(read, folder)
        while not said.getvalue() and not pairs.done():
            time.sleep(0.01)
        waiting = f"Waiting for another process that prepares data set {NAME!r} in {folder}\n"
        assert said.getvalue() == waiting
        time.sleep(0.5)
        assert not pairs.done()
        if end == "done":
            assert other.communicate("\n")[0] == "46\n"
            assert other.returncode == 0
        else:
            other.send_signal(signal.SIGKILL)
        assert sorted(pairs.result()) == sorted(EXPECTED)
    again = "" if end == "done" else f"Preparing data set {NAME!r} in {folder}\n"
    assert said.getvalue() == waiting + again
    assert sorted(os.listdir(folder)) == ["downloads", NAME]  # the first is theirs
    assert os.listdir(folder / NAME) == ["1.0.0"]


def test_what_another_process_has_prepared_since_it_was_opened(tmp_path):
    _, examples = open_split(NAME, "test", tmp_path)
    tfds.builder(NAME, data_dir=tmp_path).download_and_prepare()
    assert len(examples()) == 46


def test_where_nothing_is_to_be_prepared_nothing_is_locked(tmp_path, monkeypatch):
    read(tmp_path)
    monkeypatch.setattr(filelock, "FileLock", None)
    assert sorted(read(tmp_path)) == sorted(EXPECTED)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Expected a folder that can be written. .*file/data"):
        read(tmp_path / "file" / "data")
