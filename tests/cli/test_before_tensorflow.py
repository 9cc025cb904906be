"""Paths and options are checked, and a first line is shown, before TensorFlow is imported.

One process runs all of these commands. It cannot import TensorFlow or tensorflow-datasets,
and would say so.
"""

import json
import subprocess
import sys

import pytest

from kerasrnn.files import check_data

PROGRAM = """
import contextlib, io, json, sys
sys.modules.update(dict.fromkeys(["tensorflow", "tensorflow_datasets"]))
from kerasrnn.cli import main
found = []
for words, terminal in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    err.isatty = lambda: terminal
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    found.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(found))
"""
TRAIN = ["train", "translate", "--data", "pairs.tsv", "--output", "new"]
# What is wrong, by name: the words, and what is said of it.
WRONG = {
    "no data": (["train", "classify", "--data", "no.csv", "--output", "new"], "'no.csv'"),
    "no packed data": (["train", "tag", "--data", "a/b.CONLL.gz", "--output", "new"], "a/b.CONLL"),
    "no folder": (["train", "tag", "--data", "./nowhere", "--output", "new"], "'./nowhere'"),
    "no side": (["train", "translate", "--data", "pairs.tsv,b.de", "--output", "new"], "'b.de'"),
    "no validation data": (
        ["train", "language-model", "--data", "t.txt", "--validation-data", "v.txt"]
        + ["--output", "new"],
        "v.txt",
    ),
    "no vectors": (["train", "tag", "--data", "t.txt", "--output", "new", "--vectors", "v"], "'v'"),
    "a full folder": ([*TRAIN[:-1], "full"], "Output folder is not empty"),
    "a file as output": ([*TRAIN[:-1], "pairs.tsv"], "pairs.tsv, a file"),
    "a file above it": ([*TRAIN[:-1], "pairs.tsv/run"], "can be written"),
    "nothing to resume": ([*TRAIN[:-1], "full", "--resume"], "without config.json"),
    "no recipe": ([*TRAIN, "--config", "nothing"], "name of a recipe"),
    "no choice": ([*TRAIN, "--cell", "lstmm"], "lstm"),
    "no run": (["predict", "nowhere"], "Expected a folder with a config.json"),
    "a file as a run": (["evaluate", "pairs.tsv"], "config.json"),
    "a run without a model": (["export", "begun", "new"], "no epoch of this run has ended"),
    "no lines": (["predict", "run", "no.txt"], "'no.txt'"),
    "a folder of lines": (["predict", "run", "full"], "'full', a folder"),
    "nothing to evaluate": (["evaluate", "run", "--data", "no.tsv"], "'no.tsv'"),
    "data that are gone": (["evaluate", "run"], "'gone.tsv'"),
    "a file for exports": (["export", "run", "pairs.tsv"], "pairs.tsv, a file"),
    "another task": (["generate", "run"], "of the task 'translate'"),
    "another task to chat": (["chat", "lm"], "of the task 'language-model'"),
    "another task to mix": (["perplexity", "pairs.tsv", "--models", "run"], "'translate'"),
    "no model": (["perplexity", "pairs.tsv", "--models", "lm", "no.arpa"], "'no.arpa'"),
    "no text": (["perplexity", "no.txt", "--models", "lm"], "'no.txt'"),
    "no held-out text": (
        ["perplexity", "pairs.tsv", "--models", "lm", "--tune-on", "no.txt"],
        "'no.txt'",
    ),
    "no text to count": (["ngram", "no.txt", "--output", "new"], "'no.txt'"),
    "no folder for it": (["ngram", "pairs.tsv", "--output", "no/new"], "no/new"),
    "no lists": (["rescore", "no.txt", "--models", "lm"], "'no.txt'"),
    "no references": (
        ["rescore", "pairs.tsv", "--models", "lm", "--references", "no.txt"],
        "'no.txt'",
    ),
    "no data sets": (["datasets", "--data-dir", "nowhere"], "'nowhere'"),
    "no folder of runs": (["runs", "nowhere"], "Expected a folder of runs"),
    "no runs": (["runs", "full"], "none in full"),
    "no run to show": (["info", "full"], "Expected a folder with a config.json"),
    "no exports": (["serve", "nowhere"], "MODEL/VERSION/saved_model.pb. Received: nowhere"),
}
# By the first line that is shown; the import fails behind it.
FIRST = {
    "translate: data pairs.tsv, output new": TRAIN,
    "classify: data dates, output empty": [
        *("train", "classify", "--data", "dates", "--output", "empty")
    ],
    "translate: data pairs.tsv, dry run, for which a data set may be downloaded": [
        *TRAIN,
        "--dry-run",
    ],
    "export: run run, to exports": ["export", "run", "exports"],
}
# The same on standard error, and at a terminal alone, since a result goes to standard output.
AT_A_TERMINAL = {
    "Loading run": ["predict", "run"],
    "Evaluating run on pairs.tsv": ["evaluate", "run", "--data", "pairs.tsv"],
    "Loading the exports in full": ["serve", "full"],
    "Reading lm": ["perplexity", "pairs.tsv", "--models", "lm"],
    "Reading t.txt": ["ngram", "t.txt", "--output", "new"],
    "Reading pairs.tsv": ["rescore", "pairs.tsv", "--models", "lm"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("paths")
    for name in ("pairs.tsv", "t.txt"):
        (path / name).write_text("a\tb\n")
    for name in ("full", "empty", "run", "lm", "begun"):
        (path / name).mkdir()
    (path / "full" / "file").write_text("")
    for name, task in {"run": "translate", "lm": "language-model", "begun": "translate"}.items():
        config = {"format": 1, "task": task, "settings": {"data": "gone.tsv"}}
        (path / name / "config.json").write_text(json.dumps(config))
    for name in ("run", "lm"):
        (path / name / "model.keras").write_text("")
    return path


@pytest.fixture(scope="module")
def found(folder):
    commands = [
        (words, False) for words in (*(words for words, _ in WRONG.values()), *FIRST.values())
    ]
    commands += [(words, True) for words in AT_A_TERMINAL.values()]
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert result.returncode == 0, result.stderr
    return dict(zip([*WRONG, *FIRST, *AT_A_TERMINAL], json.loads(result.stdout), strict=True))


@pytest.mark.parametrize("name", WRONG)
def test_wrong_words_are_one_sentence(name, found):
    code, output, error = found[name]
    assert (code, output, error.count("\n")) == (2, "", 1)
    assert error.startswith("kerasrnn: error: ") and WRONG[name][1] in error


@pytest.mark.parametrize("first", FIRST)
def test_a_first_line(first, found):
    code, output, error = found[first]
    assert output == f"{first}\n" and code == 1 and "tensorflow" in error


@pytest.mark.parametrize("first", AT_A_TERMINAL)
def test_a_first_line_at_a_terminal(first, found):
    code, output, error = found[first]
    assert (code, output, error.splitlines()[0]) == (1, "", first) and "tensorflow" in error


def test_nothing_was_written(found, folder):
    names = ["begun", "empty", "full", "lm", "pairs.tsv", "run", "t.txt"]
    assert sorted(path.name for path in folder.iterdir()) == names


@pytest.mark.parametrize("name", ["dates", "glue/sst2", "wmt16_translate/de-en", "b,c"])
def test_names_are_left_to_tensorflow_datasets(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "," in name:
        (tmp_path / name).write_text("")
    check_data(name)
