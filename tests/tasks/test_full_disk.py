"""A full disk: one sentence that names the path, nothing half-written that counts, and a way on.

A disk is full where a file cannot grow, which every writer meets, those in C too, or from some
opening, flush or renaming of a file on.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from tests.tasks.test_save_state import content

PROGRAM = pathlib.Path(__file__).with_name("full_disk.py")
DATA = PROGRAM.parents[1] / "fixtures" / "format_1" / "data"


@pytest.fixture(scope="module")
def command():
    """Runs a command in a process of its own, in which there may be no room."""
    process = subprocess.Popen(
        [sys.executable, PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROGRAM.parents[2],
    )

    def run(*words, size=0, full_from=0):
        process.stdin.write(json.dumps([list(map(str, words)), size, full_from]) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    with process:
        yield run


def training(run, *more):
    sizes = ["--units", 3, "--window", 5, "--batch-size", 53, "--epochs", 2]
    return ["train", "forecast", "--data", DATA / "series.csv", *sizes, "--output", run, *more]


@pytest.fixture(scope="module")
def whole(command, tmp_path_factory):
    """A run for which there was room, and the number of events of its disk."""
    run = tmp_path_factory.mktemp("whole") / "run"
    code, said, events = command(*training(run))
    assert (code, said) == (0, "") and events > 30
    return run, events


def refused(code, said, folder):
    *_, line = said.splitlines()
    assert code == 2 and line.startswith("kerasrnn: error: Expected ")
    assert str(folder) in line and "Traceback" not in said
    assert "No space left on device" in line or "File too large" in line


def check(command, whole, folder, **limit):
    run = folder / "run"
    code, said, _ = command(*training(run), **limit)
    refused(code, said, folder)
    begun = run.is_dir() and any(run.iterdir())
    assert command(*training(run, *["--resume"] * begun))[:2] == [0, ""]
    assert content(run) == content(whole[0]), limit
    left = [path.name for path in folder.rglob(".*")]
    assert left == [], "of the process for which there was no room"
    shutil.rmtree(run)


# Larger than the settings, or than the weights, or than the model, are …
LARGE = {"the weights": "state/halving/snapshot_1.weights.h5", "the model": "model.keras"}


@pytest.mark.parametrize("name", LARGE.values(), ids=LARGE)
def test_a_file_that_is_too_large(name, command, whole, tmp_path):
    check(command, whole, tmp_path, size=(whole[0] / name).stat().st_size - 1)


def test_from_the_middle_of_a_training_on(command, whole, tmp_path):
    check(command, whole, tmp_path, full_from=whole[1] // 2)


@pytest.mark.slow
def test_any_file_and_any_moment(command, whole, tmp_path):
    run, events = whole
    sizes = {path.stat().st_size for path in run.rglob("*") if path.is_file()}
    for size in sorted(sizes - {0}):
        check(command, whole, tmp_path, size=size - 1)
    for number in range(1, events + 1):
        check(command, whole, tmp_path, full_from=number)


@pytest.mark.slow
def test_commands_that_write(command, whole, tmp_path):
    run, lines, cache = whole[0], tmp_path / "lines.txt", tmp_path / "cache"
    lines.write_text((",".join(map(str, range(15))) + "\n") * 50)  # 5 rows of 3 columns
    _, _, events = command("export", run, tmp_path / "room")
    for number in range(1, events + 1, 3):  # the note of an export is no part of it
        code, said, _ = command("export", run, tmp_path / "models", full_from=number)
        if code:
            refused(code, said, tmp_path / "models")
            assert not any((tmp_path / "models").rglob("*"))
        else:
            shutil.rmtree(tmp_path / "models")
    for size in (1, 1_000, 9_000):
        refused(*command("export", run, tmp_path / "models", size=size)[:2], tmp_path / "models")
        assert not any((tmp_path / "models").rglob("*"))
    for name in ("answers.csv", "answers.jsonl"):
        words = ["predict", run, lines, "--output", tmp_path / name]
        refused(*command(*words, size=100)[:2], tmp_path / name)
        refused(*command(*words, full_from=1)[:2], tmp_path / name)
    words = ["train", "classify", "--data", DATA / "names.tsv", "--units", 3, "--cache", cache]
    for size in (2, 50, 300):
        code, said, _ = command(*words, "--output", tmp_path / str(size), size=size)
        refused(code, said, cache)
    assert sorted(os.listdir(tmp_path)) == ["cache", "lines.txt", "models", "room"]
    assert not any(cache.iterdir())
