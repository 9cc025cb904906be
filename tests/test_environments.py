"""Where a process runs changes no answer: folder, locale, time zone, threads, hashes, umask."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from kerasrnn.cli.main import main
from kerasrnn.files import found_in

PROGRAM = """
import json, os, pathlib, sys
os.umask(int(sys.argv[1], 8))
import kerasrnn
from kerasrnn.cli.main import main

small = ["--units", "3", "--embedding", "2", "--epochs", "1", "--batch-size", "7"]
read = ["--data", "data/texts.tsv"]
assert main(["train", "classify", *read, *small, "--output", "run"]) == 0
assert main(["train", "tag", "--data", "data/tags.conll", *small, "--output", "tags"]) == 0
assert main(["export", "run", "models"]) == 0
texts = pathlib.Path("data/texts.tsv").read_text(encoding="utf-8").splitlines()
texts = [text.split("\\t")[0] for text in texts]
answers = [kerasrnn.load(run).predict(texts) for run in ("run", "tags")]
pathlib.Path("answers.json").write_text(json.dumps(answers))
"""
HERE = {
    "LC_ALL": "C",
    "SOURCE_DATE_EPOCH": "86399",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
THERE = {
    "LC_ALL": "tr_TR.ISO-8859-9",
    "SOURCE_DATE_EPOCH": "86399",
    "PYTHONUTF8": "0",
    "TZ": "Asia/Kathmandu",
    "PYTHONHASHSEED": "4242",
    "OMP_NUM_THREADS": "2",
    "TF_NUM_INTRAOP_THREADS": "2",
    "TF_NUM_INTEROP_THREADS": "3",
}
# Equal but for what a clock or a processor says.
FILES = [
    *("run/config.json", "run/vocabulary.txt", "tags/config.json", "tags/vocabulary.txt"),
    *("tags/characters.txt", "answers.json", "models/1/assets/vocabulary.txt"),
]


def write_data(folder):
    folder.mkdir()
    words = ["TITLE", "KIRIK", "İNCE", "ılık", "Straße", "dog"]
    lines = [f"{words[i % 6]} WITH {words[i % 5]}\t{'odd' if i % 2 else 'even'}" for i in range(60)]
    (folder / "texts.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sentences = [f"the D\n{words[i % 6]} B-I\n" for i in range(60)]
    (folder / "tags.conll").write_text("\n".join(sentences), encoding="utf-8")


def run_in(folder, environment, umask):
    write_data(folder / "data")
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, umask],
        cwd=folder,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
    )
    assert process.returncode == 0, process.stderr.decode("utf-8", "replace")


@pytest.mark.slow
def test_a_run_is_the_same_in_another_environment(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there" / "deeper"
    here.mkdir()
    there.mkdir(parents=True)
    environment = {**THERE, "LOCPATH": str(tmp_path)}
    locale = ["localedef", "-i", "tr_TR", "-f", "ISO-8859-9", str(tmp_path / THERE["LC_ALL"])]
    if not shutil.which("localedef") or subprocess.run(locale, capture_output=True).returncode:
        environment |= {"LC_ALL": "C.UTF-8"}
    run_in(here, HERE, "022")
    run_in(there, environment, "077")
    for name in FILES:
        assert (here / name).read_bytes() == (there / name).read_bytes(), name
    ours, theirs = (json.loads((each / "run/metrics.json").read_text()) for each in (here, there))
    assert ours["test"] == pytest.approx(theirs["test"], rel=1e-4)
    # The user's umask, not ours, says who may read what was written.
    for name in ("run/config.json", "run/model.keras", "models/1", "models/1/saved_model.pb"):
        modes = [(each / name).stat().st_mode & 0o777 for each in (here, there)]
        assert modes[1] == modes[0] & 0o700 and modes[0] & 0o044 == 0o044, (name, modes)


def recorded_run(folder, **settings):
    folder.mkdir()
    (folder / "model.keras").touch()
    config = {"format": 1, "task": "language-model", "settings": settings}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("name", ["data", "validation_data", "test_data"])
def test_recorded_data_that_is_not_there(tmp_path, monkeypatch, capsys, name):
    (tmp_path / "all.tsv").write_text("a\tx\n")
    settings = {"data": str(tmp_path / "all.tsv"), name: "mine/reviews.tsv"}
    run = recorded_run(tmp_path / "run", **settings)
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", str(run)]) == 2
    said = capsys.readouterr().err
    assert "'mine/reviews.tsv'" in said and f"the folder {tmp_path}" in said and "--data" in said


def test_a_folder_wins_over_where_the_process_runs(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    for name in ("run/both.png", "both.png", "one.png"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    found = [found_in("run", name).as_posix() for name in ("both.png", "one.png", "none.png")]
    assert found == ["run/both.png", "one.png", "run/none.png"]
    assert found_in("run", str(tmp_path / "one.png")) == tmp_path / "one.png"
