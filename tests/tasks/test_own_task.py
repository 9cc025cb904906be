"""A task of another package has all that those of this one have.

Such a task is one folder, `own_task/stars` here, whose parts are one class of options, a `Task`, a
`Job` and `Signatures`; no other file knows of it.
"""

import ast
import csv
import dataclasses
import importlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import options, tasks
from kerasrnn.cli.main import main
from kerasrnn.tasks import dry_run, registry

OWN = pathlib.Path(__file__).parent / "own_task"
FILES = sorted((OWN / "stars").glob("*.py"))
SMALL = "--embedding 2 --batch-size 13 --learning-rate 0.1 --dropout 0.2".split()
SHORT, LONG = ["--epochs", "1", "--most", "6"], ["--epochs", "2", "--most", "6"]


@pytest.fixture(scope="module", autouse=True)
def stars():
    """The module of the task, which is registered as long as these tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_ENTRIES", dict(registry.registered()))
        patch.syspath_prepend(OWN)
        module = importlib.import_module("stars")
        module.register_stars()
        yield module
        for name in [name for name in sys.modules if name.split(".")[0] == "stars"]:
            del sys.modules[name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A word for each star, and three more words, in any order."""
    path, rng = tmp_path_factory.mktemp("stars"), np.random.default_rng(1)
    lines = []
    for _ in range(100):
        number = int(rng.integers(1, 6))
        words = rng.permutation(["good"] * number + ["so", "what"])
        lines.append(f"{' '.join(words)}\t{number}\n")
    (path / "reviews.tsv").write_text("".join(lines))
    lines = ["# stars: a recipe.", "cell: simple_rnn", "units: 3", "bidirectional: false"]
    lines += ["pooling: mean", "most: 9"]
    (path / "recipe.yaml").write_text("\n".join(lines))
    return path


def train(folder, output, *words):
    known = ["--data", folder / "reviews.tsv", "--config", folder / "recipe.yaml"]
    return main([*map(str, ["train", "stars", *known, "--output", output]), *SMALL, *words])


@pytest.fixture(scope="module")
def run(folder):
    """An uninterrupted run, by the command line."""
    assert train(folder, folder / "run", *LONG) == 0
    return folder / "run"


def rows(folder):
    with open(folder / "reviews.tsv", newline="") as file:
        return [(text, float(number)) for text, number in csv.reader(file, delimiter="\t")]


def test_it_takes_less_than_150_lines():
    assert sum(len(path.read_text().splitlines()) for path in FILES) < 150


def test_it_takes_public_names_alone(stars):
    """What is imported is in the `__all__` of its module, and nothing private is asked for."""
    of_the_package = 0
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("kerasrnn"):
                public = importlib.import_module(node.module).__all__
                assert {alias.name for alias in node.names} <= set(public)
                of_the_package += 1
            if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
                own = isinstance(node.value, ast.Name) and node.value.id == "self"
                assert own or node.attr.startswith("__")
    assert of_the_package >= 5


def test_help_shows_the_task_and_its_options(capsys):
    assert main(["train", "--help"]) == 0
    assert "│ stars" in capsys.readouterr().out
    assert main(["train", "stars", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Train a many-to-one model that says how many stars a text gives." in said
    assert re.search(r"--most (FLOAT )?The greatest number of stars. \[default: 5.0\]", said)
    assert "--pooling" in said and "--min-improvement" in said and "--dry-run" in said


@pytest.mark.parametrize(
    "words, message",
    [
        (["--most", "0"], "Expected `most` to be a finite number above 0. Received: 0.0"),
        (["--units", "0"], "Expected `units` to be an integer of at least 1. Received: 0"),
        (["--encoding", "latin-77"], "latin-77"),
    ],
)
def test_wrong_options_are_one_sentence(folder, tmp_path, capsys, words, message):
    assert train(folder, tmp_path / "run", *words) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_a_dry_run_says_what_the_model_sees(folder, tmp_path, capsys, eager_training, monkeypatch):
    monkeypatch.setattr(dry_run, "TIMED", 1)
    assert train(folder, tmp_path / "run", "--dry-run") == 0
    said = capsys.readouterr().out
    assert not (tmp_path / "run").exists()
    assert "train" in said and "90 texts" in said and "5 texts" in said
    text, number = rows(folder)[0]
    assert text.split() == said.split("\n  1  tokens")[1].splitlines()[0].split()
    assert f"labels  {number / 9:.4g}" in said


def test_the_run_records_its_options(run, stars):
    config = json.loads((run / "config.json").read_text())
    assert config["task"] == "stars"
    recorded = stars.Stars.recorded(config["settings"])
    assert (recorded.units, recorded.cell) == (3, "simple_rnn")
    assert recorded.most == 6  # words win over the file
    assert kerasrnn.load(run).options == recorded
    names = {"model.keras", "vocabulary.txt", "metrics.json", "history.csv", "learning_curve.png"}
    assert names <= set(os.listdir(run))


def test_it_predicts_lines_and_files(run, folder, tmp_path, capsys, monkeypatch):
    texts = [text for text, _ in rows(folder)][:7]
    wanted = kerasrnn.load(run).predict(texts)
    assert all(0 <= stars <= 6 for stars in wanted) and len(set(wanted)) > 1
    (tmp_path / "lines.txt").write_text("".join(f"{text}\n" for text in texts))
    assert main(["predict", str(run), str(tmp_path / "lines.txt")]) == 0
    answers = [float(line) for line in capsys.readouterr().out.splitlines()]
    assert answers == pytest.approx(wanted, rel=1e-5)
    output = ["--output", str(tmp_path / "answers.csv")]
    assert main(["predict", str(run), str(folder / "reviews.tsv"), *output]) == 0
    answers = list(csv.DictReader(io.StringIO((tmp_path / "answers.csv").read_text())))
    assert len(answers) == 100 and [row["text"] for row in answers[:7]] == texts
    assert [float(row["stars"]) for row in answers[:7]] == pytest.approx(wanted, rel=1e-5)
    assert main(["predict", str(run), str(tmp_path / "lines.txt"), "--probabilities"]) == 2
    assert "Expected a run that chooses among classes" in capsys.readouterr().err


def test_it_is_evaluated(run, folder, capsys):
    assert main(["evaluate", str(run), "--split", "train"]) == 0
    measured = json.loads(capsys.readouterr().out.splitlines()[-1])
    training = [row for i, row in enumerate(rows(folder), start=1) if i % 20 not in (19, 0)]
    texts, numbers = zip(*training, strict=True)
    errors = np.array(kerasrnn.load(run).predict(texts)) - numbers
    assert measured["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-5)
    assert (measured["examples"], measured["split"]) == (90, "train")
    assert json.loads((run / "metrics.json").read_text())["test"]["examples"] == 5


def test_what_is_saved_is_loaded(run, tmp_path):
    task = kerasrnn.load(run)
    assert type(task).__name__ == "StarGiver" and isinstance(task, tasks.Task)
    task.save(tmp_path / "copy")
    texts = ["so good", "", "what good good"]
    assert kerasrnn.load(tmp_path / "copy").predict(texts) == task.predict(texts)
    np.testing.assert_array_equal(
        kerasrnn.load(tmp_path / "copy").encode(texts), task.encode(texts)
    )


def test_what_is_not_registered_is_not_loaded(run, monkeypatch):
    others = {name: entry for name, entry in registry.registered().items() if name != "stars"}
    monkeypatch.setattr(registry, "_ENTRIES", others)
    with pytest.raises(ValueError, match="Received: format 2, task 'stars'"):
        kerasrnn.load(run)


@pytest.mark.slow
def test_an_interrupted_run_ends_as_an_uninterrupted_one(run, folder, tmp_path, capsys):
    assert train(folder, tmp_path / "run", *SHORT) == 0
    assert train(folder, tmp_path / "run", "--most", "7", "--resume") == 2
    assert "most=6.0, now 7.0" in capsys.readouterr().err
    assert train(folder, tmp_path / "run", *LONG, "--resume") == 0
    ours, whole = (kerasrnn.load(path).model.get_weights() for path in (tmp_path / "run", run))
    for one, other in zip(ours, whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_exported_and_served(run, tmp_path, running):
    from kerasrnn.serving import create_app

    task, texts = kerasrnn.load(run), ["so good", "what good good"]
    folder = task.export(tmp_path / "stars", texts)
    loaded = tf.saved_model.load(folder)
    vectors = loaded.signatures["encode"](text=tf.constant(texts))["vector"]
    np.testing.assert_allclose(vectors, task.encode(texts), rtol=1e-5)
    with running(create_app(tmp_path)) as client:
        status, answer = client.post("/v1/models/stars:predict", {"instances": texts})
        notes = client.get("/v1/models/stars/metadata")
    assert status == notes[0] == 200
    assert answer["predictions"] == pytest.approx(task.predict(texts))


def command(*words, path, **more):
    path = os.pathsep.join([*map(str, path), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "kerasrnn", *map(str, words)],
        **{"capture_output": True, "text": True, **more},
        env={**os.environ, "PYTHONPATH": path},
    )


def install(folder, name, *lines):
    """Writes what an installer leaves of a package with entry points."""
    (folder / f"{name}-1.0.dist-info").mkdir()
    (folder / f"{name}-1.0.dist-info" / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    )
    entry_points = "\n".join(["[kerasrnn.tasks]", *lines, ""])
    (folder / f"{name}-1.0.dist-info" / "entry_points.txt").write_text(entry_points)


def test_an_installed_package_registers_its_task(tmp_path):
    install(tmp_path, "stars", "stars = stars:register_stars")
    said = command("train", "stars", "--help", path=[tmp_path, OWN])
    assert (said.returncode, said.stderr) == (0, "") and "--most" in said.stdout


@pytest.mark.slow
def test_a_process_that_has_the_package_installed_predicts(run, tmp_path):
    install(tmp_path, "stars", "stars = stars:register_stars")
    texts = ["so good", "what good good"]
    said = command("predict", run, path=[tmp_path, OWN], input="\n".join(texts))
    assert said.returncode == 0, said.stderr
    wanted = kerasrnn.load(run).predict(texts)
    assert [float(line) for line in said.stdout.splitlines()] == pytest.approx(wanted, rel=1e-5)


def test_a_broken_package_does_not_end_commands(tmp_path):
    (tmp_path / "raising.py").write_text("def register_it():\n    raise OSError('no\\nlicence')\n")
    install(tmp_path, "others", "gone = nowhere:register", "raises = raising:register_it")
    said = command("train", "translate", "--help", path=[tmp_path])
    assert said.returncode == 0 and "--input-feeding" in said.stdout
    assert "The task 'gone' of nowhere:register cannot be registered" in said.stderr
    assert "'raises' of raising:register_it cannot be registered (OSError: no licence)" in (
        said.stderr
    )


def test_two_tasks_of_one_name_are_refused(stars):
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Other(options.Options):
        task = "stars"

    with pytest.raises(ValueError, match="a name that no other task has. Received: 'stars' of Oth"):
        tasks.register(Other, stars.stars)
    with pytest.raises(ValueError, match="Expected options with the name of a task. Received: Opt"):
        tasks.register(options.Options, stars.stars)
    stars.register_stars()  # the same again is no error


def test_a_class_of_another_name_is_refused(stars):
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Planets(options.Options):
        task = "planets"

    tasks.register(Planets, stars.stars)
    with pytest.raises(ValueError, match="whose `name` is 'planets'. Received: .'stars'.$"):
        registry.task_class("planets")
