"""A classifier of sequences of vectors: its answers by hand, training from files, export."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import VectorClassifier, export, many_to_one
from kerasrnn.cli.main import main
from kerasrnn.datasets import VectorScale

LABELS = ["no", "perhaps", "yes"]
SCALE = VectorScale((1.0, -2.0), (0.5, 3.0))


def classifier(**options):
    model = many_to_one((2,), 3, units=5, **options)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return VectorClassifier(model, LABELS, SCALE, ["a", "b"])


@pytest.fixture
def sequences(rng):
    return [rng.normal(size=(n, 2)).astype("float32") for n in (7, 1, 3, 11, 2)]


def test_predictions_are_those_of_the_model(sequences):
    task = classifier(bidirectional=True, pooling="attention")
    answers = task.classify(sequences, batch_size=2)
    for steps, answer in zip(sequences, answers, strict=True):
        scaled = ((steps - SCALE.mean) / SCALE.deviation).astype("float32")[np.newaxis]
        mask = np.ones(scaled.shape[:2], bool)
        logits = np.asarray(task.model({"features": scaled, "mask": mask}))[0].astype("float64")
        expected = np.exp(logits) / np.exp(logits).sum()
        received = [answer.probabilities[label] for label in LABELS]
        np.testing.assert_allclose(received, expected, rtol=1e-4)
        assert answer.label == LABELS[np.argmax(logits)]
    assert task.predict(sequences) == [each.label for each in answers]
    assert task.predict([]) == []


def test_padding_changes_nothing(sequences):
    function = classifier().signatures.functions["serving_default"]
    features, length = classifier().padded(sequences)
    expected = function(features, length)["probabilities"].numpy()
    junk = np.pad(features, [(0, 0), (0, 5), (0, 0)])
    for row, end in zip(junk, length, strict=True):
        row[end:] = np.nan
    received = function(junk, length)["probabilities"].numpy()
    np.testing.assert_allclose(received, expected, rtol=1e-5)


def test_inputs_of_every_form(sequences, tmp_path):
    task, steps = classifier(), sequences[2]
    np.save(tmp_path / "0.npy", steps)
    parsed = task.parse_lines(["0.npy", json.dumps(steps.tolist())], tmp_path)
    inputs = [steps, steps.tolist(), tmp_path / "0.npy", *parsed]
    assert len({each.probability for each in task.classify(inputs)}) == 1
    np.savez(tmp_path / "a.npz", features=np.stack([steps, steps[::-1]]))
    found = list(task.file_inputs(tmp_path / "a.npz"))
    np.testing.assert_array_equal(task.arrays(found)[1], steps[::-1])
    rows = "".join(f"{b},q7,{a}\n" for a, b in steps.tolist())
    (tmp_path / "a.csv").write_text("b,id,a\n" + rows)
    found = list(task.file_inputs(tmp_path / "a.csv", features="id=id"))
    np.testing.assert_array_equal(task.arrays(found)[0], steps)
    assert task.records(found)[0]["sequence"] == "q7"
    for wrong, message in (
        (np.ones((3, 5)), r"expected an array of steps and features, \(T, 2\)"),
        (np.ones((0, 2)), "at least one step"),
        ([[1, 2], [3]], "expected an array"),
        ([[1, float("nan")]], "expected finite numbers"),
        ([["a", "b"]], "expected numbers"),
        (tmp_path / "a.npz", "with one sequence"),
        (tmp_path / "1.npy", "numbers or texts"),
    ):
        with pytest.raises(ValueError, match=message):
            task.predict([wrong])
    with pytest.raises(ValueError, match="path of a .npy file, or the rows"):
        task.parse_lines(["[[1, 2"])


def test_save_load_and_export_answer_as_it_does(sequences, tmp_path):
    task = classifier()
    task.save(tmp_path / "run")
    other = kerasrnn.load(tmp_path / "run")
    assert type(other) is VectorClassifier and other.scale == SCALE and other.columns == ("a", "b")
    assert other.classify(sequences) == task.classify(sequences)
    folder = task.export(tmp_path / "model", sequences)
    signature = tf.saved_model.load(folder).signatures["serving_default"]
    features, length = task.padded(sequences)
    outputs = signature(features=tf.constant(features), length=tf.constant(length))
    for row, each in zip(outputs["probabilities"].numpy(), task.classify(sequences), strict=True):
        np.testing.assert_allclose(row, [*each.probabilities.values()], rtol=1e-5)
    assert task.encode(sequences).shape == (5, 5)


@pytest.mark.slow
def test_another_process_answers_alike(sequences, tmp_path):
    task = classifier()
    folder = task.export(tmp_path / "model", sequences)
    served = task.served_inputs(sequences)
    assert export.run_elsewhere(folder, served, task.served_answer) == task.predict(sequences)


def test_wrong_parts():
    for labels, scale, columns in (
        (LABELS[:2], SCALE, None),
        (LABELS, VectorScale((1.0,), (1.0,)), None),
        (LABELS, SCALE, ["a"]),
    ):
        with pytest.raises(ValueError, match="Expected"):
            VectorClassifier(many_to_one((2,), 3, units=5), labels, scale, columns)
    with pytest.raises(ValueError, match="a scale, and names, of None features"):
        VectorClassifier(many_to_one(15, 3, units=5), LABELS, SCALE)
    with pytest.raises(ValueError, match="a deviation above 0"):
        VectorScale((1.0,), (0.0,))


def test_the_command_line_trains_evaluates_predicts_and_exports(rng, tmp_path, capsys):
    lengths = rng.integers(1, 8, 100)
    labels = np.array(["low", "high"])[rng.integers(0, 2, 100)]
    features = np.zeros((100, 7, 2))
    for row, length, label in zip(features, lengths, labels, strict=True):
        row[:length] = rng.normal(size=(length, 2)) * 0.1 + (label == "high") + [10, 0]
    features[:, :, 1] = 5
    np.savez(tmp_path / "a.npz", features=features, lengths=lengths, labels=labels)
    data, run = str(tmp_path / "a.npz"), str(tmp_path / "run")
    sizes = ["--units", "5", "--epochs", "6", "--batch-size", "7", "--learning-rate", "0.05"]
    sizes += ["--dropout", "0", "--cell", "simple_rnn"]
    assert main(["train", "classify", "--data", data, "--output", run, *sizes]) == 0
    said = capsys.readouterr().out
    assert "of each twenty sequences the 19th is for validation and the 20th for test" in said
    assert "constant in training, so that they tell nothing: 2" in said
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())["test"]
    assert metrics["accuracy"] == 1 and metrics["examples"] == 5
    assert main(["evaluate", run, "--errors", str(tmp_path / "wrong.csv")]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["accuracy"] == 1
    assert main(["predict", run, data]) == 0
    assert np.mean(np.array(capsys.readouterr().out.split()) == labels) > 0.9
    assert main(["export", run, str(tmp_path / "model")]) == 0
    for wrong in (["--word-dropout", "0.1"], ["--cache", str(tmp_path / "c")]):
        other = str(tmp_path / "other")
        assert main(["train", "classify", "--data", data, "--output", other, *wrong]) == 2
        assert "Expected no `" in capsys.readouterr().err
