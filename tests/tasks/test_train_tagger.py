"""Training a tagger: what the folder holds, resuming, and refusing before anything is written."""

import csv
import dataclasses
import json
import os
import subprocess
import sys
import types

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.tasks.tag.job import TaggingJob


def tagging_job(settings):
    """A job as of a run that recorded these settings, and no others."""
    return TaggingJob(dataclasses.replace(options.Tag.recorded(settings)))  # which checks them


WORDS = ["in", "Oslo", "Rio", "New York", "we", "go"]
CLASSES = ["ADP", "PROPN", "PROPN", "PROPN", "PRON", "VERB"]
PLACES = ["O", "B-LOC", "B-LOC", "B-LOC", "O", "O"]


def sentences(labels):
    """Sentences of 1 to 4 tokens; with places, `City` goes on with the name before it."""
    rng = np.random.default_rng(1)
    for i in range(43):
        rows = [(WORDS[word], labels[word]) for word in rng.integers(0, 6, 1 + i % 3)]
        if labels is PLACES and rows[-1][1] == "B-LOC":
            rows.append(("City", "I-LOC"))
        yield rows


def write(path, rows_of_sentences):
    path.write_text(
        "".join(
            "".join(f"{token}\t{label}\n" for token, label in rows) + "\n"
            for rows in rows_of_sentences
        )
    )
    return path


def settings(data, **changes):
    return {
        "data": str(data),
        "data_dir": None,
        "features": None,
        "min_count": 2,
        "max_vocabulary_size": None,
        "max_length": None,
        "characters": True,
        "cell": "gru",
        "units": 7,
        "num_layers": 1,
        "bidirectional": True,
        "dropout": 0.2,
        "embedding": 5,
        "vectors": None,
        "output_layer": "crf",
        "epochs": 2,
        "batch_size": 23,
        "learning_rate": 0.05,
        "clipnorm": 1.0,
        "seed": 1,
        **changes,
    }


@pytest.fixture(scope="module", autouse=True)
def eager():
    """What is tested here is not the graph of the training, whose tracing takes long."""
    streams = TaggingJob.streams

    def streams_for_an_eager_model(self, task, raw, done):
        task.model.run_eagerly = True
        return streams(self, task, raw, done)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TaggingJob, "streams", streams_for_an_eager_model)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("tagging")
    write(path / "places.conll", sentences(PLACES))
    write(path / "classes.tsv", sentences(CLASSES))
    return path


@pytest.fixture(scope="module")
def run(folder):
    """An uninterrupted run with a conditional random field over places."""
    tagging_job(settings(folder / "places.conll")).run(str(folder / "run"))
    return folder / "run"


@pytest.fixture(scope="module")
def task(run):
    return kerasrnn.load(run)


def history(path):
    with open(path / "history.csv", newline="") as file:
        return [
            {k: float(v) for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)
        ]


def test_folder_holds_everything(folder, run, task):
    assert sorted(os.listdir(run)) == [
        *("characters.json", "characters.txt", "config.json", "history.csv"),
        *("learning_curve.png", "metrics.json", "model.keras", "state"),
        *("vocabulary.json", "vocabulary.txt"),
    ]
    assert {"loss", "entity_f1", "val_loss", "val_entity_f1"} < set(history(run)[0])
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["test"] == task.evaluate(task.read(folder / "places.conll", "test"))
    assert set(metrics["test"]) == {"accuracy", "precision", "recall", "f1", "examples"}
    for line, labels in metrics["examples"].items():
        assert len(line.split(" ")) == len(labels.split(" ")) and "New York" not in line
    assert len(metrics["examples"]) == 1  # one of the two test sentences has a space in a token


def test_field_allows_what_marks_entities_and_learns(run, task):
    field = task.model.get_layer("output")
    assert field.allowed == kerasrnn.layers.bio_constraints(task.labels)
    assert task.labels == ("B-LOC", "I-LOC", "O")
    losses = [row["loss"] for row in history(run)]
    assert losses[1] < losses[0] < 2
    labels = task.predict([["City"], ["City", "City", "in"], ["x", "City"]])
    assert all(row[0] != "I-LOC" for row in labels)


@pytest.mark.slow
def test_interrupted_and_resumed_ends_as_uninterrupted(folder, run, tmp_path, monkeypatch):
    monkeypatch.setattr(TaggingJob, "report", lambda *_: ({}, {}))  # nothing to evaluate here
    data, output = folder / "places.conll", tmp_path / "run"
    tagging_job(settings(data, epochs=1)).run(str(output))
    tagging_job(settings(data)).run(str(output), resume=True)
    assert history(output) == history(run)
    weights = [
        keras.models.load_model(path / "model.keras").get_weights() for path in (output, run)
    ]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_softmax_from_vectors_trained_elsewhere(folder, tmp_path, capsys):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("".join(f"{word} {i} 1 -2\n" for i, word in enumerate(["in", "we", "go"])))
    options = {"output_layer": "softmax", "characters": False, "vectors": str(vectors)}
    options["embedding"] = None  # as the file has it
    job = tagging_job(settings(folder / "classes.tsv", **options, epochs=1))
    task = job.run(str(tmp_path / "run"))
    said = " ".join(capsys.readouterr().out.split())
    assert "vectors.txt has vectors of 50.0 % of 6 words" in said
    layer = task.model.get_layer("token_embedding")
    assert layer.output_dim == 3 and layer.trainable
    ids = [task.words.vocabulary.id_of(word) for word in ("in", "we", "go")]
    moved = np.abs(layer.get_weights()[0][ids] - [[0, 1, -2], [1, 1, -2], [2, 1, -2]])
    assert 0 < moved.max() < 0.5
    assert {"val_accuracy", "val_perplexity"} < set(history(tmp_path / "run")[0])
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert set(metrics["test"]) == {"accuracy", "macro_f1", "examples"}
    assert sorted(task.labels) == sorted(set(CLASSES)) and task.characters is None
    assert "characters.txt" not in os.listdir(tmp_path / "run")
    assert "confusion.png" in os.listdir(tmp_path / "run")


@pytest.mark.slow
def test_runs_in_a_new_process(run, task):
    lines = "we go in Oslo City\n\n  in   Rio \n"
    result = subprocess.run(
        [sys.executable, "-m", "kerasrnn", "predict", str(run)],
        input=lines,
        capture_output=True,
        text=True,
    )
    expected = task.predict(lines.splitlines())
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [" ".join(labels) for labels in expected]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"units": 0}, "at least 1. Received: 0"),
        ({"output_layer": "x"}, "'softmax', 'crf'"),
        ({"max_length": 0}, "`max_length` to be an integer of at least 1"),
        ({"dropout": 1.0}, "`?dropout`?"),
        ({"min_count": 0}, "`min_count`"),
        ({"max_vocabulary_size": 3}, "`max_vocabulary_size`"),
        ({"vectors": "nowhere.txt"}, "nowhere.txt"),
        ({"data": "wikian/en"}, "Received: 'wikian/en'. Did you mean"),
        ({"data": "nowhere.conll"}, "nowhere.conll"),
        ({"epochs": 0}, "`epochs`"),
    ],
)
def test_a_wrong_setting_writes_nothing(folder, tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        tagging_job(settings(**{"data": folder / "places.conll", **changes})).run(
            str(tmp_path / "run")
        )
    assert os.listdir(tmp_path) == []


def with_sentence(position, rows):
    found = list(sentences(PLACES))
    found[position] = rows
    return found


ILLEGAL = [("in", "O"), ("Oslo", "I-LOC")]


@pytest.mark.parametrize(
    "rows, options, message",
    [
        (with_sentence(3, ILLEGAL), {}, "keep to BIO.* the training split .*: O I-LOC"),
        (with_sentence(18, ILLEGAL), {}, "keep to BIO.* the validation split .*: O I-LOC"),
        (with_sentence(3, [("in", "I-LOC")]), {}, "Received: I-LOC$"),
        (
            with_sentence(3, [("in", "S-LOC"), ("Oslo", "B-LOC")]),
            {},
            "or to IOBES.* Received: .*B-LOC",
        ),
        (
            [[("a", "O"), ("b", "S-X" if i else "B-X")] for i in range(20)],
            {},
            "or to IOBES.* Received: O B-X$",
        ),
        (with_sentence(38, [("in", "B-PER")]), {}, "of the validation split.* Received: 'B-PER'"),
        ([[("a", "X")]] * 20, {}, "at least two labels.* Received: .'X'"),
        (list(sentences(PLACES)), {"max_length": 3}, "1 to 3 tokens in the validation split"),
    ],
)
def test_labels_that_cannot_be_learned_write_nothing(tmp_path, rows, options, message):
    if options:  # the validation sentences are longer than allowed
        rows = [row * 5 if i % 20 == 18 else row for i, row in enumerate(rows)]
    data = write(tmp_path / "data.tsv", rows)
    with pytest.raises(ValueError, match=message):
        tagging_job(settings(data, **options)).run(str(tmp_path / "run"))
    assert os.listdir(tmp_path) == ["data.tsv"]


def test_a_softmax_takes_any_labels(tmp_path):
    data = write(tmp_path / "data.tsv", with_sentence(3, ILLEGAL))
    job = tagging_job(settings(data, output_layer="softmax", characters=False))
    task = job.new_task(job.read("train"))
    names = ["perplexity", "accuracy", "entity_f1"]
    assert [metric.name for metric in job.metrics(task)] == names
    assert (job.monitor, job.curve_of(task)) == ("val_perplexity", "accuracy")


def test_a_field_over_labels_without_entities_allows_all(folder):
    job = tagging_job(settings(folder / "classes.tsv", characters=False))
    task = job.new_task(job.read("train"))
    assert job.fitted_model(task).get_layer("output").allowed is None
    assert (job.metrics(task), job.monitor, job.curve_of(task)) == ([], "val_loss", "loss")


def test_what_is_measured_comes_from_options_and_labels_in_any_order(folder):
    """No method has to be called before another one."""
    job = tagging_job(settings(folder / "classes.tsv", characters=False))
    assert isinstance(job.loss(), kerasrnn.losses.CRF) and job.monitor == "val_loss"
    with_entities = types.SimpleNamespace(labels=("B-PER", "O"))
    assert [metric.name for metric in job.metrics(with_entities)] == ["entity_f1"]
    assert job.curve_of(with_entities) == "entity_f1"


def test_rare_tokens_and_characters_are_unknown(tmp_path):
    data = write(tmp_path / "data.tsv", with_sentence(3, [("é", "O")]))
    job = tagging_job(settings(data, min_count=2, max_vocabulary_size=6))
    task = job.new_task(job.read("train"))
    assert len(task.words.vocabulary) == 6
    assert set(task.characters.vocabulary.tokens) == set("".join([*WORDS, "City"]))
