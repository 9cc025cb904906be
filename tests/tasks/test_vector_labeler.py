"""A labeler of the steps of vectors: training from both kinds of files, padding, saving, export."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import VectorLabeler, many_to_many
from kerasrnn.cli.main import main
from kerasrnn.datasets import VectorScale

LABELS = ["no", "perhaps", "yes"]
SCALE = VectorScale((1.0, -2.0), (0.5, 3.0))


@pytest.fixture(scope="module")
def task():
    model = many_to_many((2,), 3, units=5, bidirectional=True)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return VectorLabeler(model, LABELS, SCALE, ["a", "b"])


@pytest.fixture
def sequences(rng):
    return [rng.normal(size=(n, 2)).astype("float32") for n in (7, 1, 3, 11, 2)]


def test_labels_are_those_of_the_model(task, sequences):
    for steps, answer in zip(sequences, task.label(sequences, batch_size=2), strict=True):
        scaled = ((steps - SCALE.mean) / SCALE.deviation).astype("float32")[np.newaxis]
        logits = task.model({"features": scaled, "mask": np.ones(scaled.shape[:2], bool)})
        logits = np.asarray(logits)[0].astype("float64")
        expected = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        assert answer.labels == [LABELS[i] for i in expected.argmax(-1)]
        np.testing.assert_allclose(answer.probabilities, expected.max(-1), rtol=1e-4)
    assert task.predict([]) == []


def test_labels_with_spaces_have_tabs_between_them(task, sequences):
    other = VectorLabeler(task.model, ["no", "not now", "yes"], SCALE)
    for each, between in ((task, " "), (other, "\t")):
        lines = [between.join(labels) for labels in each.predict(sequences)]
        assert list(each.answers(sequences)) == lines
        assert each.line_of([*each.labels, "", ""]) == between.join(each.labels), "padding"


def test_an_export_has_an_example_of_its_units(task, tmp_path):
    notes = json.loads((task.export(tmp_path / "model") / "assets" / "kerasrnn.json").read_text())
    assert notes["example"] == {"features": [[1.0, -2.0]] * 3, "length": 3}
    assert notes["columns"] == ["a", "b"]


def test_padding_changes_nothing(task, sequences):
    function = task.signatures.functions["serving_default"]
    features, length = task.padded(sequences)
    expected = function(features, length)
    junk = np.pad(features, [(0, 0), (0, 5), (0, 0)])
    for row, end in zip(junk, length, strict=True):
        row[end:] = np.nan
    received = function(junk, length)
    np.testing.assert_array_equal(received["length"], length)
    np.testing.assert_array_equal(received["labels"][:, :11], expected["labels"])
    assert set(received["labels"].numpy()[:, 11:].ravel()) == {b""}
    difference = received["probability"][:, :11] - expected["probability"]
    np.testing.assert_allclose(difference, 0, atol=1e-5)


def test_save_load_and_export_answer_as_it_does(task, sequences, tmp_path):
    task.save(tmp_path / "run")
    other = kerasrnn.load(tmp_path / "run")
    assert type(other) is VectorLabeler and other.scale == SCALE and other.columns == ("a", "b")
    assert other.records(sequences) == task.records(sequences)
    folder = task.export(tmp_path / "model", sequences)
    signature = tf.saved_model.load(folder).signatures["serving_default"]
    features, length = task.padded(sequences)
    outputs = signature(features=tf.constant(features), length=tf.constant(length))
    for i, each in enumerate(task.label(sequences)):
        end = outputs["length"][i]
        assert [x.decode() for x in outputs["labels"][i, :end].numpy()] == each.labels
        np.testing.assert_allclose(outputs["probability"][i, :end], each.probabilities, rtol=1e-5)


def test_arrays_and_tables_train_the_same(rng, tmp_path, capsys):
    lengths = rng.integers(1, 6, 43)
    features = rng.normal(size=(43, 5, 2)).round(3).astype("float32")
    labels = np.where(features[:, :, 0] > 0, "high", "low")
    np.savez(tmp_path / "a.npz", features=features, lengths=lengths, labels=labels)
    rows = ["run,t,u,v,class"]
    for i, end in enumerate(lengths):
        for t in range(end):
            rows.append(f"{i},{t},{features[i, t, 0]},{features[i, t, 1]},{labels[i, t]}")
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n")
    sizes = ["--units", "3", "--epochs", "2", "--batch-size", "7", "--cell", "simple_rnn"]
    figures = []
    for name, named in (("a.npz", []), ("a.csv", ["--features", "id=run,time=t,label=class"])):
        run = tmp_path / f"{name}.run"
        data = ["--data", str(tmp_path / name), *named, "--output", str(run)]
        assert main(["train", "frames", *data, *sizes]) == 0
        figures.append(json.loads((run / "metrics.json").read_text())["test"])
    assert figures[0] == figures[1]
    assert figures[0]["steps"] == lengths[19::20].sum() and figures[0]["examples"] == 2
    runs = [kerasrnn.load(tmp_path / f"a.{form}.run") for form in ("npz", "csv")]
    inputs = [features[i, :end] for i, end in enumerate(lengths)]
    assert runs[0].records(inputs) == runs[1].records(inputs)
    capsys.readouterr()
    assert main(["predict", str(tmp_path / "a.csv.run"), str(tmp_path / "a.csv")]) == 0
    answers = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert answers == runs[0].predict(inputs)
    np.savez(tmp_path / "b.npz", features=features, lengths=lengths, labels=labels[:, :3])
    data = ["--data", str(tmp_path / "b.npz"), "--output", str(tmp_path / "b")]
    assert main(["train", "frames", *data]) == 2
    assert "one for each of the" in capsys.readouterr().err and not (tmp_path / "b").exists()
    assert main(["train", "frames", *data, "--image-size", "5"]) == 2
    assert "Expected no `image_size`" in capsys.readouterr().err
