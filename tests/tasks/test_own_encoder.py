"""An encoder of one's own, from a .keras file: what it gets, frozen or not, resumed, exported."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import options
from kerasrnn.cli.main import main
from kerasrnn.datasets.readers.image_decoding import encode_png
from kerasrnn.models import many_to_one
from kerasrnn.tasks.classify.image_job import ImageClassificationJob
from kerasrnn.tasks.pretrained.starting_encoder import read_encoder

SIZES = ["--units", "3", "--batch-size", "8"]


def saved(path, *layers, shape=(6, 10, 1)):
    """A model in a file; its convolutions and normalizations do not begin as ones and zeros."""
    model = keras.Sequential([keras.Input(shape), *layers])
    rng = np.random.default_rng(3)
    model.set_weights([rng.uniform(0.2, 0.7, weight.shape) for weight in model.get_weights()])
    model.save(path)
    return str(path)


def small(path):
    layers = keras.layers
    return saved(path, layers.Conv2D(5, 2, strides=2), layers.BatchNormalization())


def table(folder, role="label", channels=1):
    """Forty images of 12 x 20, dark or bright."""
    rng = np.random.default_rng(1)
    folder.mkdir()
    rows = []
    for i in range(40):
        low = 130 * (i % 2)
        image = rng.integers(low, low + 120, (12, 20, channels), "uint8")
        (folder / f"{i}.png").write_bytes(encode_png(image))
        rows.append(f"{i}.png\t{'bright' if i % 2 else 'dark'}\n")
    (folder / "data.tsv").write_text("".join(rows))
    return str(folder / "data.tsv")


def encoder_weights(task):
    return task.model.get_layer("encoder").get_weights()


def test_places_of_average_pooling_are_the_steps_from_the_top():
    pooling = keras.Sequential([keras.Input((6, 10, 3)), keras.layers.AveragePooling2D(2)])
    whole = many_to_one((6, 10, 3), 2, units=5, encoder=pooling, places=True)
    steps = many_to_one((3,), 2, units=5)
    steps.set_weights(whole.get_weights())
    images = np.random.default_rng(2).random((7, 6, 10, 3)).astype("float32")
    means = images.reshape(7, 3, 2, 5, 2, 3).mean((2, 4)).reshape(7, 15, 3)
    expected = steps({"features": means, "mask": np.ones((7, 15), bool)})
    np.testing.assert_allclose(whole({"features": images}), expected, atol=1e-6)
    vector = many_to_one((6, 10, 3), 2, encoder=keras.layers.GlobalMaxPooling2D(), places=True)
    assert vector.get_layer("places").output.shape == (None, 1, 3)


@pytest.mark.parametrize("task", ["classify", pytest.param("caption", marks=pytest.mark.slow)])
def test_frozen_not_frozen_resumed_and_exported(task, tmp_path, capsys):
    path, data = small(tmp_path / "small.keras"), table(tmp_path / "data")
    start = keras.models.load_model(path).get_weights()
    command = ["train", task, "--data", data, *SIZES, "--encoder", path]
    for frozen in (True, False):
        run = tmp_path / f"run{frozen}"
        more = ["--epochs", "2", *([] if frozen else ["--no-freeze-encoder"])]
        assert main([*command, *more, "--output", str(run)]) == 0, capsys.readouterr().err
        trained = kerasrnn.load(run)
        assert trained.image_shape == (6, 10, 1)  # those of the encoder
        same = [np.array_equal(*pair) for pair in zip(start, encoder_weights(trained), strict=True)]
        assert len(same) == 6 and (all(same) if frozen else not any(same))
    (tmp_path / "small.keras").unlink()
    run, more = tmp_path / "runTrue", ["--epochs", "3", "--resume"]
    assert main([*command, *more, "--output", str(run)]) == 0, capsys.readouterr().err
    trained = kerasrnn.load(run)
    assert len((run / "history.csv").read_text().splitlines()) == 4
    np.testing.assert_equal(encoder_weights(trained), start)
    assert not trained.model.get_layer("encoder").trainable_weights
    assert json.loads((run / "metrics.json").read_text())["test"]["examples"] == 2
    # The images have another size than the encoder reads, in the file and in the export too.
    contents = [(tmp_path / "data" / f"{i}.png").read_bytes() for i in range(5)]
    folder = trained.export(tmp_path / "model", contents)
    served = tf.saved_model.load(str(folder)).signatures["serving_default"]
    outputs = served(image_bytes=tf.constant(contents))
    found = outputs["label" if task == "classify" else "text"].numpy()
    assert [each.decode() for each in found] == trained.predict(contents)


def test_it_gets_pixels_from_0_to_1_and_normalizes_as_in_prediction(tmp_path):
    path, data = small(tmp_path / "small.keras"), table(tmp_path / "data")
    job = ImageClassificationJob(options.Classify(data=data, encoder=path, pooling="mean"))
    raw = job.read("train")
    assert raw.element_spec[0].shape == (6, 10, 1)
    task = job.new_task(raw)
    x, _, _ = next(iter(job.examples(task, raw).batches(36)))
    assert 0.9 < float(tf.reduce_max(x["features"])) <= 1
    assert 0 <= float(tf.reduce_min(x["features"])) < 0.1
    encoder = task.model.get_layer("encoder")
    np.testing.assert_array_equal(
        encoder(x["features"], training=True), encoder(x["features"], training=False)
    )
    assert job.options.embedding is None and "embedding" not in job.chosen


def lambda_layer(path):
    return saved(path, keras.layers.Lambda(lambda x: x * 2))


def text(path):
    path.write_text("no model")
    return str(path)


def two_outputs(path):
    image = keras.Input((6, 10, 1))
    keras.Model(image, [image, image]).save(path)
    return str(path)


BAD = {
    "lambda": (lambda_layer, "model of Keras' own layers, without Lambda"),
    "text": (text, "Expected a .keras file with a model"),
    "absent": (str, "not there"),
    "sequence": (
        lambda path: saved(path, keras.layers.Reshape((10, 6))),
        r"to a grid (h, w, c) or to a vector (c,). Received:",
    ),
    "two outputs": (two_outputs, "to a grid (h, w, c) or to a vector (c,)"),
    "vectors": (
        lambda path: saved(path, keras.layers.Dense(3), shape=(7,)),
        "an encoder of one image, (height, width, channels)",
    ),
    "channels": (
        lambda path: saved(path, keras.layers.Conv2D(2, 1), shape=(6, 10, 3)),
        "with 1 channels, as the data have",
    ),
    "too small": (
        lambda path: saved(path, keras.layers.Conv2D(2, 30), shape=(None, None, 1)),
        "an encoder of images (12, 20, 1)",
    ),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD.keys())
def test_bad_files_are_one_sentence_and_leave_nothing(make, message, tmp_path, capsys):
    path, data = make(tmp_path / "bad.keras"), table(tmp_path / "data")
    run = tmp_path / "run"
    command = ["train", "classify", "--data", data, "--encoder", path, "--output", str(run)]
    assert main([*command, *SIZES]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert message in error and "Traceback" not in error
    assert not run.exists()


def test_others_have_no_encoder(tmp_path, capsys):
    path = small(tmp_path / "small.keras")
    command = ["train", "classify", "--data", "languages", "--output", str(tmp_path / "run")]
    assert main([*command, "--encoder", path]) == 2
    assert "Expected images for `encoder`, but texts are read" in capsys.readouterr().err
    assert main([*command, "--no-freeze-encoder"]) == 2
    assert "beside `freeze_encoder`" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_all_is_trainable_without_freezing(tmp_path):
    path = small(tmp_path / "small.keras")
    assert len(read_encoder(path, frozen=False).trainable_weights) == 4
    assert read_encoder(path).trainable_weights == []
