"""Folders that are written aside: gone at the end, and gone where their process died."""

import os
import subprocess
import sys

import pytest

from kerasrnn.checks import UserError
from kerasrnn.files import scratch_folder

PROGRAM = """
import pathlib, sys, time
from kerasrnn.files import scratch_folder

with scratch_folder(pathlib.Path(sys.argv[1]), "export") as folder:
    (folder / "half").write_text("half")
    print(folder.name, flush=True)
    time.sleep(600)
"""


def test_a_folder_of_a_living_process_stays_and_that_of_a_dead_one_goes(tmp_path):
    (tmp_path / ".export-by-hand").mkdir()
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        name = process.stdout.readline().strip()
        for kind in ("cache", "export"):
            with scratch_folder(tmp_path, kind) as folder:
                assert os.listdir(folder) == [] and folder.name.startswith(f".{kind}-")
            assert os.listdir(tmp_path / name) == ["half"]
        process.kill()
        process.wait()
    with scratch_folder(tmp_path, "cache"):
        assert (tmp_path / name).exists()  # of another kind
    with scratch_folder(tmp_path, "export") as folder:
        assert not (tmp_path / name).exists()
        (folder / "a").write_text("a")
        folder.rename(tmp_path / "1")
    assert sorted(os.listdir(tmp_path)) == [".export-by-hand", "1"]
    assert os.listdir(tmp_path / "1") == ["a"]


def test_an_error_leaves_nothing_and_a_file_is_no_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), scratch_folder(tmp_path / "a", "export") as folder:
        (folder / "b").mkdir()
        _ = 1 / 0
    assert os.listdir(tmp_path / "a") == []
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Expected a folder to write to"):
        with scratch_folder(tmp_path / "file", "export"):
            pass
