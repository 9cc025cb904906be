"""Logs for TensorBoard: what the history says, across a resumed run."""

import csv
import sys

import pytest
import tensorflow as tf

from kerasrnn.cli.main import main

OPTIONS = "--units 3 --embedding 5 --batch-size 23 --learning-rate 0.5 --tensorboard".split()


@pytest.fixture
def words(tmp_path):
    lines = [f"{'ab'[i % 2] * (i % 5 + 1)}\t{i % 5}{i % 2}\n" for i in range(97)]
    (tmp_path / "pairs.tsv").write_text("".join(lines))
    data = ["--data", str(tmp_path / "pairs.tsv"), "--output", str(tmp_path / "run")]
    return ["train", "translate", *data, *OPTIONS]


def logged(folder):
    """By tag the values of each step, from all files of a folder."""
    found = {}
    for path in sorted(folder.glob("events.*"), key=lambda path: path.name):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            for value in event.summary.value:
                steps = found.setdefault(value.tag, [])
                steps.append((event.step, float(tf.make_ndarray(value.tensor))))
    return found


@pytest.mark.slow
def test_logs_are_those_of_the_history_and_go_on_when_resumed(words, tmp_path, eager_training):
    assert main([*words, "--epochs", "2"]) == 0
    assert main([*words, "--epochs", "4", "--resume"]) == 0
    with open(tmp_path / "run" / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["learning_rate"] for row in rows}) > 1  # the rule has halved it
    folder = tmp_path / "run" / "tensorboard"
    assert len(list((folder / "train").iterdir())) == 2
    train, validation = logged(folder / "train"), logged(folder / "validation")
    for values, prefix, names in (
        (train, "", ("loss", "perplexity", "token_accuracy", "learning_rate")),
        (validation, "val_", ("loss", "perplexity", "token_accuracy")),
    ):
        for name in names:
            expected = [(i, pytest.approx(float(row[prefix + name]))) for i, row in enumerate(rows)]
            assert values[f"epoch_{name}"] == expected


def test_without_tensorboard_nothing_is_written(words, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    assert main(words) == 2
    error = capsys.readouterr().err
    assert "pip install 'kerasrnn[tensorboard]'" in error and error.count("\n") == 1
    assert not (tmp_path / "run").exists()
