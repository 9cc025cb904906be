"""Bad data end a training with one sentence, before anything is written."""

import os
import re

import numpy as np
import pytest

from kerasrnn.cli.main import main
from kerasrnn.datasets.readers.image_decoding import encode_png

TEXTS = [f"text {i}\t{'no yes'.split()[i % 2]}\n" for i in range(40)]
SENTENCES = ["one\tA\ntwo\tB\n\n"] * 40
IMAGES = [f"{i % 2}.png\tone two\n" for i in range(40)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i in range(2):
        (tmp_path / f"{i}.png").write_bytes(encode_png(np.full((8, 8, 1), i * 200, "uint8")))
    noise = np.random.default_rng(1).integers(0, 256, (31, 29, 3), "uint8")
    (tmp_path / "cut.png").write_bytes(encode_png(noise)[:300])
    (tmp_path / "text.png").write_text("this is no image")
    (tmp_path / "nothing.png").write_text("")
    (tmp_path / "folder.png").mkdir()
    return tmp_path


def changed(rows, place, row):
    return [*rows[:place], row, *rows[place + 1 :]]


# By name the task, the file, its rows, and what is said of it. Of twenty rows the 19th validates
# and the 20th tests.
WRONG = {
    "a column too few": ("classify", "d.tsv", changed(TEXTS, 7, "text\n"), "d.tsv, line 8: .* 1 c"),
    "a column too many": ("classify", "d.tsv", changed(TEXTS, 39, "a\tb\tc\n"), "line 40: .* 3 co"),
    "a row unlike the header": (
        *("classify", "d.csv", ["text,label\n", *["a,b\n"] * 30, "a,b,c\n"]),
        "d.csv, line 32: expected 2 columns.* Received: 3",
    ),
    "a token without a label": (
        "tag",
        "d.conll",
        changed(SENTENCES, 5, "one\n\n"),
        "line 16: expec",
    ),
    "an unseen label in validation": (
        *("classify", "d.tsv", changed(TEXTS, 18, "text\tnever\n")),
        "labels of the validation split .* no, yes. Received: 'never'",
    ),
    "an unseen label in test": (
        *("classify", "d.tsv", changed(TEXTS, 19, "text\tnever\n")),
        "labels of the test split .* no, yes. Received: 'never'",
    ),
    "an unseen tag in test": (
        *("tag", "d.conll", changed(SENTENCES, 19, "one\tC\n\n")),
        "labels of the test split .* A, B. Received: 'C'",
    ),
    "no image": (
        "caption",
        "d.tsv",
        changed(IMAGES, 3, "text.png\ta\n"),
        "text.png: expected an image",
    ),
    "half an image": ("caption", "d.tsv", changed(IMAGES, 39, "cut.png\ta\n"), "cut.png: expected"),
    "an empty image": (
        "caption",
        "d.tsv",
        changed(IMAGES, 18, "nothing.png\ta\n"),
        "nothing.png: e",
    ),
    "first image": ("caption", "d.tsv", changed(IMAGES, 0, "text.png\ta\n"), "text.png: expected"),
    "a folder": (
        "caption",
        "d.tsv",
        changed(IMAGES, 3, "folder.png\ta\n"),
        "'folder.png', a folder",
    ),
    "missing image": (
        "caption",
        "d.tsv",
        changed(IMAGES, 3, "2.png\ta\n"),
        "'2.png', which is not",
    ),
    "an empty table": ("classify", "d.tsv", [], "d.tsv: expected at least 20 lines.* Received: 0"),
    "an empty list": ("classify", "d.jsonl", [], "d.jsonl: expected at least 20 lines"),
    "no header": ("classify", "d.csv", [], "d.csv, line 1: expected a header"),
    "an empty packed file": ("translate", "d.tsv.gz", [], "d.tsv.gz: expected at least 20 lines"),
    "no sentence": ("tag", "d.conllu", ["\n\n"], "d.conllu: expected at least 20 sentences"),
    "no text": ("language-model", "d.txt", ["\n\n"], "d.txt: expected at least 20 lines"),
    "tokens that occur once": (
        *("tag", "d.conll", [f"w{i}\t{'AB'[i % 2]}\n\n" for i in range(60)]),
        "no token occurs often enough: lower min_count",
    ),
    "no series": ("forecast", "d.csv", [], "d.csv: expected rows of numbers"),
}


@pytest.mark.parametrize("task, name, rows, message", WRONG.values(), ids=WRONG)
def test_one_sentence_and_nothing_written(task, name, rows, message, folder, capsys):
    (folder / name).write_text("".join(rows))
    before = sorted(os.listdir(folder))
    assert main(["train", task, "--data", name, "--output", "run", "--units", "2"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("kerasrnn: error: ") and error.count("\n") == 1
    assert re.search(message, error)
    assert sorted(os.listdir(folder)) == before


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "Received: options.yaml, a folder"),
        ("", "--data requires an argument"),
        ("- a\n", "must be a mapping"),
        ("a: [\n", "Expected a YAML file, or the name of a recipe.* options.yaml"),
        ("unitz: 3\n", "unitz"),
    ],
)
def test_wrong_files_of_options(content, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "options.yaml"
    path.mkdir() if content is None else path.write_text(content)
    assert main(["train", "classify", "--config", "options.yaml", "--output", "run"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and re.search(message, error)
    assert os.listdir(tmp_path) == ["options.yaml"]
