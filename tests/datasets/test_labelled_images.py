"""Images with a class each: where they come from, how they are told from texts, their rows."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.datasets import has_images, labelled_image_examples, labelled_images
from kerasrnn.datasets.readers.image_decoding import encode_png

REAL = pathlib.Path(__file__).parents[3] / "shared" / "tfds"
SHAPE = (5, 3, 1)


def image(i, shape=SHAPE):
    return np.random.default_rng(i).integers(0, 256, shape, "uint8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("images")
    (path / "pictures").mkdir()
    for i in range(40):
        (path / "pictures" / f"{i}.png").write_bytes(encode_png(image(i)))
    rows = [(f"pictures/{i}.png", "ab"[i % 2]) for i in range(40)]
    (path / "rows.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    (path / "named.csv").write_text("\n".join(["image,label", *map(",".join, rows)]))
    (path / "other.csv").write_text("\n".join(["file,digit", *map(",".join, rows)]))
    objects = [json.dumps({"image": file, "label": label}) for file, label in rows]
    (path / "rows.jsonl").write_text("\n".join(objects))
    (path / "texts.tsv").write_text("".join(f"text {i}\t{i % 2}\n" for i in range(40)))
    (path / "texts.csv").write_text("\n".join(["image,text,label", *["1.png,a,b"] * 40]))
    for split, each in (("train", rows[:9]), ("dev", rows[9:11]), ("test", rows[11:])):
        (path / "splits").mkdir(exist_ok=True)
        lines = [f"../{file}\t{label}\n" for file, label in each]
        (path / "splits" / f"{split}.tsv").write_text("".join(lines))
    return path


@pytest.mark.parametrize(
    "name, features, expected",
    [
        ("rows.tsv", None, True),
        ("named.csv", None, True),
        ("rows.jsonl", None, True),
        ("splits", None, True),
        ("other.csv", "image=file,label=digit", True),
        ("other.csv", None, False),
        ("texts.tsv", None, False),
        ("texts.csv", None, False),
        ("texts.csv", "image=image", True),
        ("rows.tsv", "text=1,label=2", False),
    ],
)
def test_images_are_told_from_texts(folder, name, features, expected):
    assert has_images(folder / name, features=features) is expected


@pytest.mark.parametrize(
    "name, expected",
    [("mnist", True), ("cifar10", True), ("imdb_reviews", False), ("glue/mrpc", False)]
    + [("languages", False), ("coco_captions", False)],
)
def test_features_of_data_sets_tell(name, expected):
    assert has_images(name) is expected


@pytest.mark.parametrize(
    "name, features",
    [("rows.tsv", None), ("other.csv", "image=file,label=digit"), ("rows.jsonl", None)],
)
def test_a_table_names_the_images(folder, name, features):
    read = {
        split: list(labelled_images(folder / name, split, features=features).as_numpy_iterator())
        for split in ("train", "validation", "test")
    }
    places = {"train": [*range(18), *range(20, 38)], "validation": [18, 38], "test": [19, 39]}
    for split, expected in places.items():
        assert len(read[split]) == len(expected)
        for i, (pixels, label) in zip(expected, read[split], strict=True):
            np.testing.assert_array_equal(pixels, image(i))
            assert label.decode() == "ab"[i % 2]


def test_a_folder_with_a_table_for_each_split(folder):
    numbers = [sum(1 for _ in labelled_images(folder / "splits", s)) for s in ("train", "test")]
    assert numbers == [9, 29]


def test_an_image_of_another_size_gets_that_of_the_first(folder, tmp_path):
    rows = [f"{folder}/pictures/{i}.png\ta\n" for i in range(19)]
    (tmp_path / "large.png").write_bytes(encode_png(np.repeat(np.repeat(image(7), 2, 0), 2, 1)))
    (tmp_path / "rows.tsv").write_text("".join([*rows, "large.png\tb\n"]))
    ((pixels, label),) = labelled_images(tmp_path / "rows.tsv", "test").as_numpy_iterator()
    np.testing.assert_array_equal(pixels, image(7))
    assert label == b"b"


def test_rows_are_steps_and_their_numbers_vectors():
    shape = (5, 3, 2)
    images = [image(i, shape) for i in range(7)]
    data = tf.data.Dataset.from_tensor_slices((np.array(images), list("abcabca")))
    ((x, y, weights),) = labelled_image_examples(data, ["a", "b", "c"]).batches(11)
    assert x["features"].shape == (7, 5, 6) and x["features"].dtype == tf.float32
    expected = np.array([[row.reshape(-1) for row in each] for each in images]) / 255
    np.testing.assert_allclose(x["features"], expected, rtol=1e-6)
    assert x["mask"].shape == (7, 5) and np.all(x["mask"]) and np.all(weights == 1)
    assert y.numpy().tolist() == [0, 1, 2, 0, 1, 2, 0]


@pytest.mark.parametrize(
    "content, message",
    [
        ("nowhere.png\ta\n", "nowhere.png', which is not there"),
        ("broken.png\ta\n", "broken.png: expected an image of a usual format"),
        ("pictures/1.png\ta\tb\n", "line 1: expected .*image.* Received: 3 columns"),
    ],
)
def test_a_wrong_row_is_one_sentence(folder, content, message):
    (folder / "broken.png").write_bytes(b"no image")
    rows = [f"pictures/{i}.png\ta\n" for i in range(20)]
    (folder / "wrong.tsv").write_text(content + "".join(rows))
    with pytest.raises(ValueError, match=message):
        labelled_images(folder / "wrong.tsv", "train")


def test_data_of_another_kind_is_refused(prepared):
    prepared("languages")
    with pytest.raises(ValueError, match="one image and one class. Received: 'kerasrnn_languages'"):
        labelled_images("languages")
    with pytest.raises(ValueError, match="nothing.tsv', which is not there"):
        has_images("nothing.tsv")


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data sets are not on this machine")
def test_real_mnist():
    images = labelled_images("mnist", "test", REAL)
    assert int(images.cardinality()) == 10_000
    (pixels, label), *_ = images.take(1).as_numpy_iterator()
    assert pixels.shape == (28, 28, 1) and label.decode() in "0123456789"
    # mnist has no validation split: a twentieth of the training is given up.
    assert int(labelled_images("mnist", "train", REAL).cardinality()) == 57_000
    assert int(labelled_images("mnist", "validation", REAL).cardinality()) == 3_000
