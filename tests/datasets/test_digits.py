"""The digits data set against scikit-learn's own array, UCI's counts and hand-written names."""

import importlib.metadata
import sys
import unicodedata
from collections import Counter

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from kerasrnn.datasets.embedded import digits
from kerasrnn.datasets.embedded.digits import (
    DIGIT_NAMES,
    digit_examples,
    digit_images,
    split_images,
)

SPLITS = ("train", "validation", "test")
SHARES = (("train", 0.7), ("validation", 0.1), ("test", 0.2))
# Images of each digit in optdigits.tes, from optdigits.names of the UCI repository.
UCI_COUNTS = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)

COUNTING = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fi": "nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
}


@pytest.fixture(scope="module")
def examples():
    return {split: list(digit_examples(split)) for split in SPLITS}


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    """The data set in three languages, which are as good as all and prepared faster."""
    names = {language: DIGIT_NAMES[language] for language in ("en", "fi", "pl")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digits, "DIGIT_NAMES", names)
        builder = tfds.builder("kerasrnn_digits", data_dir=tmp_path_factory.mktemp("tfds"))
        builder.download_and_prepare()
    return builder


def images_of(examples, split):
    return {example.image.tobytes() for example in examples[split]}


def test_images_are_those_of_scikit_learn():
    images, labels = digit_images()
    own = load_digits()
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(labels, own.target)
    np.testing.assert_allclose(images[..., 0], own.images / 16 * 255, atol=0.5)
    assert images.min() == 0
    assert images.max() == 255
    assert len(np.unique(images)) == 17
    assert np.bincount(labels).tolist() == list(UCI_COUNTS)


def test_every_image_comes_once_in_every_language(examples):
    for split, number in zip(SPLITS, (1257, 180, 360), strict=True):
        counts = Counter((row.image.tobytes(), row.language) for row in examples[split])
        assert set(counts.values()) == {1}
        assert len(counts) == number * len(DIGIT_NAMES)
        assert len(images_of(examples, split)) == number


def test_labels_are_those_of_the_images(examples):
    images, labels = digit_images()
    label_of = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    for row in [*examples["train"], *examples["validation"], *examples["test"]]:
        assert row.image.shape == (8, 8, 1)
        assert row.label == label_of[row.image.tobytes()]
        assert row.name == DIGIT_NAMES[row.language][row.label]


def test_no_two_splits_share_an_image(examples):
    train, validation, test = (images_of(examples, split) for split in SPLITS)
    assert not train & validation | train & test | validation & test
    assert len(train | validation | test) == 1797


@pytest.mark.parametrize(("split", "share"), SHARES)
def test_every_digit_is_split_alike(examples, split, share):
    counts = Counter(row.label for row in examples[split])
    for digit, number in enumerate(UCI_COUNTS):
        assert counts[digit] / len(DIGIT_NAMES) == pytest.approx(share * number, abs=1.5)


def test_every_part_of_the_file_is_in_every_split():
    """A writer's images stand together in scikit-learn's order."""
    _, labels = digit_images()
    for split, share in SHARES:
        places = np.array(split_images(split, labels))
        parts, _ = np.histogram(places, bins=5, range=(0, 1797))
        np.testing.assert_allclose(parts / 1797 * 5, share, atol=0.08)


def test_languages_take_turns_and_digits_are_mixed(examples):
    rows = examples["train"]
    assert [row.language for row in rows[:14]] == 2 * list(DIGIT_NAMES)
    labels = np.array([row.label for row in rows[:: len(DIGIT_NAMES)]])
    assert (np.diff(labels) == 0).mean() == pytest.approx(0.1, abs=0.03)


def test_generations_are_equal_and_seeds_differ(examples):
    for split in SPLITS:
        for row, again in zip(examples[split], digit_examples(split), strict=True):
            assert row[1:] == again[1:]
            assert row.image.tobytes() == again.image.tobytes()
    _, labels = digit_images()
    first, other = (split_images("test", labels, seed) for seed in (1, 2))
    assert set(first) != set(other)
    assert sorted(first) != first


@pytest.mark.parametrize("language", COUNTING)
def test_languages_count_from_0_to_9(language):
    assert " ".join(DIGIT_NAMES[language]) == COUNTING[language]


def test_names_are_ten_lower_case_words_a_language():
    for names in DIGIT_NAMES.values():
        assert len(set(names)) == len(names) == 10
        for name in names:
            assert name.isalpha()
            assert name == name.lower() == unicodedata.normalize("NFC", name)
            assert all("LATIN" in unicodedata.name(character) for character in name)
    assert list(DIGIT_NAMES) == sorted(COUNTING)


def test_unknown_split():
    with pytest.raises(ValueError, match=r"Expected `split` to be one of \('train', .*'dev'"):
        next(digit_examples("dev"))


def test_missing_scikit_learn_has_its_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ValueError, match=r"^Expected scikit-learn.*'kerasrnn\[digits\]'$"):
        digit_images()


def test_version_of_a_missing_scikit_learn(monkeypatch):
    assert digits.scikit_learn_version() == importlib.metadata.version("scikit-learn")

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert digits.scikit_learn_version() == "none"


def test_prepared_data_is_what_was_generated(builder, examples, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)  # not needed to read
    assert set(builder.info.splits) == set(SPLITS)
    for split in SPLITS:
        rows = [
            (row["image"].tobytes(), row["label"], row["language"].decode(), row["name"].decode())
            for row in tfds.as_numpy(builder.as_dataset(split=split))
        ]
        generated = [
            (row.image.tobytes(), *row[1:])
            for row in examples[split]
            if row.language in ("en", "fi", "pl")
        ]
        assert sorted(rows) == sorted(generated)
        assert rows != generated


def test_features_and_metadata_of_the_prepared_data(builder):
    read_back = tfds.builder_from_directory(builder.data_path).info
    assert read_back.features["image"].shape == (8, 8, 1)
    assert read_back.features["image"].np_dtype == np.uint8
    assert read_back.features["label"].num_classes == 10
    assert read_back.metadata["scikit_learn_version"] == importlib.metadata.version("scikit-learn")
    assert read_back.supervised_keys == (("image", "language"), "name")
    assert "BSD" in read_back.description
    assert "CC BY 4.0" in read_back.description
