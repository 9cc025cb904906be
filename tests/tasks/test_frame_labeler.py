"""A frame labeler from films to labels: inputs of every form, masks, saving, export."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import f1_score

import kerasrnn
from kerasrnn import FrameLabeler, datasets, export, many_to_many
from kerasrnn.datasets.readers.image_decoding import encode_png

SHAPE = (5, 7, 1)
LABELS = ["left", "right", "up"]


@pytest.fixture(scope="module")
def task():
    model = many_to_many(SHAPE, 3, units=3, bidirectional=True)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return FrameLabeler(model, LABELS)


def films(*lengths):
    rng = np.random.default_rng(2)
    return [rng.integers(0, 256, (length, *SHAPE), "uint8") for length in lengths]


def test_labels_are_those_of_the_model(task):
    for film, answer in zip(films(2, 11, 1), task.label(films(2, 11, 1)), strict=True):
        features = film[np.newaxis].astype("float32") / 255
        logits = task.model({"features": features, "mask": np.ones((1, len(film)), bool)})[0]
        logits = np.asarray(logits).astype("float64")
        expected = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        assert answer.labels == [LABELS[i] for i in expected.argmax(-1)]
        np.testing.assert_allclose(answer.probabilities, expected.max(-1), rtol=1e-4)
    assert task.predict([]) == []


def test_films_in_every_form(task, tmp_path):
    (film,) = films(3)
    for t, frame in enumerate(film):
        (tmp_path / f"{t}.png").write_bytes(encode_png(frame))
    (tmp_path / ".hidden").write_text("")
    forms = [film, list(film), [encode_png(frame) for frame in film], tmp_path, str(tmp_path)]
    assert len({tuple(labels) for labels in task.predict(forms)}) == 1
    assert task.parse_lines([str(tmp_path)]) == [tmp_path]
    assert task.parse_lines([tmp_path.name], tmp_path.parent) == [tmp_path]


def test_wrong_films(task, tmp_path):
    (tmp_path / "empty").mkdir()
    for wrong, message in [
        (films(3)[0][:, :4], r"uint8 \(5, 7, 1\).* Received: uint8 \(4, 7, 1\)"),
        (np.zeros((0, *SHAPE), "uint8"), "at least one frame"),
        (tmp_path / "empty", "at least one frame"),
        (tmp_path / "nowhere", "Expected a folder of image files"),
    ]:
        with pytest.raises(ValueError, match=message):
            task.predict([wrong])
    with pytest.raises(ValueError, match="Received: 2"):
        FrameLabeler(task.model, LABELS[:2])
    with pytest.raises(ValueError, match="distinct"):
        FrameLabeler(task.model, ["left"] * 3)


def test_batches_and_figures(task):
    lengths = (2, 5, 3)
    answers = task.predict(films(*lengths))
    right = [[*labels[:-1], "up"] for labels in answers]

    def generate():
        yield from zip(films(*lengths), right, strict=True)

    signature = (tf.TensorSpec((None, *SHAPE), tf.uint8), tf.TensorSpec((None,), tf.string))
    raw = tf.data.Dataset.from_generator(generate, output_signature=signature)
    hits = [a == b for x, y in zip(answers, right, strict=True) for a, b in zip(x, y, strict=True)]
    metrics = task.evaluate(raw)
    flat = [[label for labels in rows for label in labels] for rows in (right, answers)]
    expected = f1_score(*flat, average="macro", zero_division=0)
    figures = {"accuracy": np.mean(hits), "macro_f1": expected, "frames": 10, "examples": 3}
    assert metrics == pytest.approx(figures)
    assert metrics == task.evaluate(raw, batch_size=1) == task.evaluate(raw, batch_size=2)
    counts = task.confusion(raw)
    assert counts.sum() == 10 and np.trace(counts) == sum(hits)
    ((x, y, weights),) = datasets.frame_examples(raw, LABELS).batches(3)
    assert x["features"].shape == (3, 5, *SHAPE) and x["mask"].numpy().sum(1).tolist() == [2, 5, 3]
    np.testing.assert_array_equal(weights, x["mask"])
    assert [LABELS[i] for i in y[1]] == right[1] and not y.numpy()[~x["mask"].numpy()].any()
    np.testing.assert_allclose(x["features"][0, :2], films(*lengths)[0] / 255, atol=1e-6)
    datasets.validate(task.model, x, y, weights)


@pytest.mark.slow
def test_save_load_and_export(task, tmp_path):
    inputs = films(2, 3, 1)
    task.save(tmp_path / "run")
    other = kerasrnn.load(tmp_path / "run")
    expected = task.label(inputs)
    for one, two in zip(expected, other.label(inputs), strict=True):
        assert one.labels == two.labels
        np.testing.assert_array_equal(one.probabilities, two.probabilities)
    folder = other.export(tmp_path / "saved", inputs, signatures=())
    answers = export.run_elsewhere(folder, other.served_inputs(inputs), other.served_answer)
    assert answers == [each.labels + [""] * (3 - len(each.labels)) for each in expected]
