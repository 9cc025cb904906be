"""How trainings read a user's files: encodings, bad rows, what is guessed and what is said."""

import json
import re
import sys

import pytest

from kerasrnn.cli.main import main
from kerasrnn.datasets import notes_to
from kerasrnn.options import Classify
from kerasrnn.tasks.job import Job

LABELS = "gut schlecht".split()
ROWS = [(f"Äpfel {i}", LABELS[i % 2]) for i in range(41)]
AS_TSV = "".join(f"{text}\t{label}\n" for text, label in ROWS)
POLICY = "of each twenty lines the 19th is for validation and the 20th for test"


@pytest.fixture
def jobs(monkeypatch, tmp_path):
    """Jobs that were to be run, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    found = []
    monkeypatch.setattr(Job, "run", lambda self, *_, **options: found.append(self))
    return found


def train(task, *options):
    return main(["train", task, "--output", "run", *options])


@pytest.mark.parametrize(
    "task, name, content, options",
    [
        ("classify", "a.tsv", AS_TSV, ()),
        ("translate", "a.tsv", AS_TSV, ()),
        ("translate", "a.tsv", AS_TSV, ("--turns", "2")),
        ("language-model", "a.txt", AS_TSV, ()),
        ("language-model", "a.txt", AS_TSV, ("--whole-file",)),
        ("tag", "a.conll", AS_TSV.replace(" ", "").replace("\n", "\n\n"), ()),
        ("forecast", "a.csv", "Höhe\n" + "".join(f"{i}\n" for i in range(300)), ()),
    ],
)
def test_each_task_reads_other_encodings(task, name, content, options, jobs, tmp_path, capsys):
    (tmp_path / name).write_bytes(content.encode("cp1252"))
    assert train(task, "--data", name, "--encoding", "cp1252", *options) == 0
    (job,) = jobs
    assert job.options.encoding == "cp1252"
    rows = job.read("test")
    if task == "forecast":
        assert rows.panel.columns == ("Höhe",)
    else:
        text = repr(list(rows.as_numpy_iterator()))
        assert "Äpfel".encode().decode("latin-1") in text.encode().decode("unicode_escape")
    assert train(task, "--data", name, "--encoding", "klingon", *options) == 2
    assert "`encoding` to be a name such as utf-8" in capsys.readouterr().err


def test_bad_rows_of_a_training(jobs, tmp_path, capsys):
    (tmp_path / "a.tsv").write_text(AS_TSV + "und jetzt\t \n")
    assert train("classify", "--data", "a.tsv", "--bad-rows", "skip") == 0
    assert len(list(jobs[0].read(None))) == 41
    assert train("classify", "--data", "a.tsv") == 0
    with pytest.raises(ValueError, match="a.tsv, line 42: expected a label. Received: ' '"):
        jobs[1].read(None)
    recorded = jobs[1].options.record()
    del recorded["bad_rows"]  # as before there was such an option
    assert len(list(type(jobs[1])(Classify.recorded(recorded)).read(None))) == 42


def test_what_is_guessed_is_said_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{label}\t{text} und mehr\n" for text, label in ROWS)
    (tmp_path / "a.tsv").write_text(rows + "gut\t\n")
    assert train("classify", "--data", "a.tsv", "--dry-run", "--units", "2") == 0
    said = capsys.readouterr().out
    for note in (
        "a.tsv: texts with a label each",
        f"a.tsv: {POLICY}",
        "a.tsv: column 2, which is longer and does not repeat, is taken for the text",
        "a.tsv: 1 of 42 rows, the first in line 42, whose text is empty",
    ):
        assert said.count(note) == 1


def test_columns_are_said_as_they_are_read(jobs, tmp_path, capsys):
    rows = "".join(f"{text};{label}\n" for text, label in ROWS)
    (tmp_path / "a.csv").write_text(f"Review;Sentiment\n{rows}")
    assert train("classify", "--data", "a.csv") == 0
    assert "taken for" not in capsys.readouterr().out  # one was only looked for
    with notes_to(sys.stdout):
        assert len(list(jobs[0].read(None))) == 41
    said = capsys.readouterr().out
    assert "a.csv: ; between the columns, not commas" in said
    assert said.count("a.csv: the columns are taken for text=Review, label=Sentiment") == 1


def test_labels_that_are_texts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"label": f"this is text {i % 4000}", "text": "no"}) for i in range(4118)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    assert train("classify", "--data", "a.jsonl") == 2
    error = capsys.readouterr().err
    assert re.search(r"Received: 3,6\d\d labels in 3,70\d examples: are the columns swapped", error)
    assert len(error) < 500
    # Few enough that each may be one of its own: the next check finds what is wrong.
    lines = [f"some text\tlabel {i}" for i in range(80)]
    (tmp_path / "a.tsv").write_text("\n".join(lines))
    assert train("classify", "--data", "a.tsv") == 2
    error = capsys.readouterr().err
    assert "and 62 more. Received: 'label 18'" in error and len(error) < 400


@pytest.mark.parametrize(
    "words, kept",
    [
        ([], True),
        (["--data", "a.csv"], True),
        (["--data", "b.csv"], False),
        (["--data", "b.csv", "--features", "text=x"], "text=x"),
    ],
)
def test_features_of_a_recipe_do_not_outlive_its_data(words, kept, jobs, tmp_path, capsys):
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text("text,label\n")
    text = "data: a.csv\nvalidation_data: c.csv\nfeatures: text=body\nunits: 7\n"
    (tmp_path / "recipe.yaml").write_text(text)
    assert train("language-model", "--config", "recipe.yaml", *words) == 0
    settings, said = jobs[0].options.record(), capsys.readouterr().out
    assert settings["units"] == 7
    assert settings["features"] == {True: "text=body", False: None}.get(kept, kept)
    assert settings["validation_data"] == ("c.csv" if kept is True else None)
    assert ("recipe.yaml: without" in said) == (kept is not True)


def test_a_run_that_goes_on_keeps_what_it_has_recorded(jobs, tmp_path):
    (tmp_path / "b.csv").write_text("text,label\n")
    (tmp_path / "recipe.yaml").write_text("data: a.csv\nfeatures: text=body\n")
    (tmp_path / "run").mkdir()
    config = {"settings": {"data": "b.csv", "features": "text=body"}}
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    words = ["--config", "recipe.yaml", "--data", "b.csv", "--resume"]
    assert train("classify", *words) == 0
    assert jobs[0].options.features == "text=body"


@pytest.mark.parametrize("task", ["caption", "classify", "language-model", "tag", "translate"])
def test_help_says_how_a_file_is_cut(task, capsys):
    assert main(["train", task, "--help"]) == 0
    words = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert re.search(
        "of each twenty .{4,30} of a file the 19th is for validation and the 20th", words, re.I
    )
    assert "--encoding" in words


@pytest.mark.parametrize(
    "content, images",
    [
        ("label\ttext\ngut\ta.png\n", False),
        ("image\tlabel\na.png\tgut\n", True),
        ("label\timage\ngut\ta.png\n", True),
        ("a.png\tgut\n", True),
        ("gut\ta.png\n", True),
        ("wie gut\tgut\n", False),
    ],
)
def test_texts_or_images(content, images, jobs, tmp_path, capsys):
    (tmp_path / "a.tsv").write_text(content)
    assert train("classify", "--data", "a.tsv") == 0
    assert type(jobs[0]).__name__.startswith("Image") == images
    assert ("a.tsv: paths of images with a label" in capsys.readouterr().out) == images
    assert train("classify", "--data", "a.tsv", "--features", "image=1,label=2") == 0
    assert type(jobs[1]).__name__.startswith("Image")
