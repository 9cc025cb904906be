"""An image classifier from pixels to labels: inputs of every form, training, export."""

import json
import re

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import ImageClassifier, export, many_to_one, options
from kerasrnn.cli.main import main
from kerasrnn.datasets.readers.image_decoding import encode_png
from kerasrnn.tasks.classify.image_job import ImageClassificationJob

SHAPE, LABELS = (7, 5, 3), ["no", "perhaps", "yes"]


def classifier(**options):
    model = many_to_one((15,), 3, units=11, **options)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return ImageClassifier(model, LABELS, SHAPE)


@pytest.fixture
def images(rng):
    return [rng.integers(0, 256, SHAPE, "uint8") for _ in range(13)]


def test_predictions_are_those_of_the_model(images):
    task = classifier(bidirectional=True)
    answers = task.classify(images, batch_size=4)
    for image, answer in zip(images, answers, strict=True):
        rows = np.stack([row.reshape(-1) for row in image])[np.newaxis] / 255
        mask = np.ones((1, 7), bool)
        logits = np.asarray(task.model({"features": rows.astype("float32"), "mask": mask}))[0]
        expected = np.exp(logits.astype("float64")) / np.exp(logits.astype("float64")).sum()
        received = [answer.probabilities[label] for label in LABELS]
        np.testing.assert_allclose(received, expected, rtol=1e-4)
        assert answer.label == LABELS[np.argmax(logits)]
        assert answer.probability == pytest.approx(expected.max(), rel=1e-4)
    assert task.predict(images) == [answer.label for answer in answers]
    assert task.predict([]) == [] == task.classify([])


def test_inputs_of_every_form(images, tmp_path):
    task = classifier()
    (tmp_path / "0.png").write_bytes(encode_png(images[0]))
    inputs = [images[0], encode_png(images[0]), tmp_path / "0.png", str(tmp_path / "0.png")]
    assert len({each.probability for each in task.classify(inputs)}) == 1
    assert task.parse_lines(["0.png"], tmp_path) == [tmp_path / "0.png"]
    for wrong, message in (
        (images[0][:3], r"Expected an image of uint8 \(7, 5, 3\)"),
        (b"no image", "bytes of an image"),
        (tmp_path / "1.png", "not there"),
    ):
        with pytest.raises(ValueError, match=message):
            task.predict([wrong])


def test_evaluate_against_counting(images):
    task = classifier()
    right = [*task.predict(images)[:6], *["no"] * 7]
    figures = task.evaluate(tf.data.Dataset.from_tensor_slices((images, right)), batch_size=5)
    hits = np.mean([a == b for a, b in zip(task.predict(images), right, strict=True)])
    assert figures["accuracy"] == pytest.approx(hits) and figures["examples"] == 13


@pytest.mark.slow
def test_save_load_and_export_answer_as_it_does(images, tmp_path):
    task = classifier()
    task.save(tmp_path / "run")
    other = kerasrnn.load(tmp_path / "run")
    assert type(other) is ImageClassifier and other.image_shape == SHAPE
    assert other.classify(images) == task.classify(images)
    folder = task.export(tmp_path / "model", images)
    served = task.served_inputs(images[:4])
    assert export.run_elsewhere(folder, served, task.served_answer) == task.predict(images[:4])
    signature = tf.saved_model.load(folder).signatures["serving_default"]
    outputs = signature(image_bytes=tf.constant([encode_png(image) for image in images]))
    for row, each in zip(outputs["probabilities"].numpy(), task.classify(images), strict=True):
        np.testing.assert_allclose(row, [*each.probabilities.values()], rtol=1e-5)
    assert task.encode(images).shape == (13, 11)


def test_wrong_parts():
    model = many_to_one((15,), 3, units=5)
    for labels, shape in ((LABELS[:2], SHAPE), (LABELS, (7, 5, 1)), (LABELS, (7, 15))):
        with pytest.raises(ValueError, match="rows of 15 numbers and 3 labels"):
            ImageClassifier(model, labels, shape)
    with pytest.raises(ValueError, match="distinct labels"):
        ImageClassifier(model, ["no", "no", "yes"], SHAPE)
    with pytest.raises(ValueError, match="rows of None numbers"):
        ImageClassifier(many_to_one(15, 3, units=5), LABELS, SHAPE)


def table(folder, **last):
    """Bright and dark images; which row is the 20th, the only one of the test, can be said."""
    folder.mkdir()
    rng = np.random.default_rng(2)
    rows = []
    for i in range(40):
        pixels = rng.integers(0, 100, (5, 4, 1), "uint8") + 150 * (i % 2)
        (folder / f"{i}.png").write_bytes(encode_png(pixels))
        rows.append([f"{i}.png", ["dark", "bright"][i % 2]])
    rows[39] = [last.get("path", "39.png"), last.get("label", "bright")]
    (folder / "rows.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    return str(folder / "rows.tsv")


OPTIONS = ["--units", "7", "--epochs", "12", "--batch-size", "5", "--learning-rate", "0.03"]


@pytest.mark.slow
def test_the_command_line_trains_evaluates_predicts_and_exports(tmp_path, capsys):
    data, run = table(tmp_path / "data"), str(tmp_path / "run")
    assert main(["train", "classify", "--data", data, "--output", run, *OPTIONS]) == 0
    assert type(kerasrnn.load(run)) is ImageClassifier
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["test"]["accuracy"] == 1 and metrics["test"]["examples"] == 2
    assert (tmp_path / "run" / "confusion.png").is_file()
    capsys.readouterr()
    assert main(["evaluate", run, "--split", "train"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["examples"] == 36
    (tmp_path / "lines").write_text(f"{tmp_path}/data/1.png\n{tmp_path}/data/2.png\n")
    assert main(["predict", run, str(tmp_path / "lines")]) == 0
    assert capsys.readouterr().out.split() == ["bright", "dark"]
    assert main(["export", run, str(tmp_path / "model")]) == 0
    assert "examples/0.png -> bright" in capsys.readouterr().out


@pytest.mark.parametrize(
    "last, message",
    [
        ({"path": "x.png"}, "x.png', which is not there"),
        ({"label": "grey"}, "labels of the test split .* bright, dark. Received: 'grey'"),
    ],
)
def test_wrong_data_leaves_nothing(last, message, tmp_path, capsys):
    data, run = table(tmp_path / "data", **last), tmp_path / "run"
    assert main(["train", "classify", "--data", data, "--output", str(run), *OPTIONS]) == 2
    assert re.search(message, capsys.readouterr().err)
    assert not run.exists()


def test_no_words_are_dropped_and_a_run_says_that_nobody_asked_for_it():
    left_out = ImageClassificationJob(options.Classify(data="digits.tsv"))
    assert (left_out.options.word_dropout, left_out.chosen) == (0, ["word_dropout"])
    assert ImageClassificationJob(options.Classify(data="digits.tsv", word_dropout=0)).chosen == []
