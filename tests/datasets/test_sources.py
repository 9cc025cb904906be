"""Where pairs come from: embedded sets, tfds names, files; and what is said of a wrong one."""

import pathlib

import pytest
import tensorflow_datasets as tfds

from kerasrnn.datasets import text_pairs

REAL = pathlib.Path(__file__).parents[3] / "shared" / "tfds"


class KerasrnnTestPairs(tfds.core.GeneratorBasedBuilder):
    """A small data set with the split names and features that a configuration asks for."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name=name) for name in ("dev", "train_only", "labels", "no_train")
    ]

    def _info(self):
        features = {"question": tfds.features.Text(), "answer": tfds.features.Text()}
        if self.builder_config.name == "labels":
            features["answer"] = tfds.features.ClassLabel(num_classes=2)
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        splits = {
            "dev": ("train", "dev", "test"),
            "train_only": ("train",),
            "labels": ("train",),
            "no_train": ("unsupervised",),
        }[self.builder_config.name]
        return {split: self._generate_examples(split) for split in splits}

    def _generate_examples(self, split):
        label = self.builder_config.name == "labels"
        for i in range(40):
            yield i, {"question": f"{split} {i}", "answer": i % 2 if label else str(i)}


def read(data, split, **options):
    pairs = text_pairs(data, split, **options).as_numpy_iterator()
    return [(source.decode(), target.decode()) for source, target in pairs]


def test_embedded_dates(dates_dir):
    pairs = read("dates", "validation", data_dir=dates_dir)
    assert len(pairs) == 4_000
    assert all(len(target) == 10 for _, target in pairs)
    assert pairs == read("kerasrnn_dates", "validation", data_dir=dates_dir)


def test_split_called_dev_is_validation(tmp_path):
    pairs = read("kerasrnn_test_pairs/dev", "validation", data_dir=tmp_path)
    assert sorted(pairs) == sorted((f"dev {i}", str(i)) for i in range(40))


def test_missing_splits_are_cut_from_training(tmp_path):
    splits = [
        set(read("kerasrnn_test_pairs/train_only", split, data_dir=tmp_path))
        for split in ("train", "validation", "test")
    ]
    assert [len(split) for split in splits] == [36, 2, 2]
    assert len(set.union(*splits)) == 40


@pytest.mark.parametrize(
    "data, message",
    [
        ("datez", r"embedded ones \(dates, .* Received: 'datez'. Did you mean dates"),
        ("kerasrnn_test_pairs/labels", "text pairs.* with the features question, answer"),
        ("kerasrnn_test_pairs/no_train", "training split.* with unsupervised"),
        ("kerasrnn_test_pairs/nothing", "cannot be opened"),
        ("nowhere.tsv", "Expected a file. Received: 'nowhere.tsv'"),
    ],
)
def test_wrong_data(data, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        text_pairs(data, "train", tmp_path)


def test_wrong_split():
    with pytest.raises(ValueError, match="'train', 'validation', 'test'.* Received: 'dev'"):
        text_pairs("dates", "dev")


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data sets are not on this machine")
def test_a_real_set_of_labels_is_refused():
    with pytest.raises(ValueError, match="Expected a data set of text pairs"):
        text_pairs("imdb_reviews", "train", REAL)


def write(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_tab_separated_file(tmp_path):
    lines = [f"quelle {i}\tsource {i}".encode() for i in range(43)]
    path = write(tmp_path / "pairs.tsv", lines)
    splits = {split: read(path, split) for split in ("train", "validation", "test")}
    assert {split: len(pairs) for split, pairs in splits.items()} == {
        "train": 39,
        "validation": 2,
        "test": 2,
    }
    assert splits["validation"] == [("quelle 18", "source 18"), ("quelle 38", "source 38")]
    whole = sorted(pair for pairs in splits.values() for pair in pairs)
    assert whole == sorted((f"quelle {i}", f"source {i}") for i in range(43))


@pytest.mark.parametrize(
    "line, message",
    [
        (b"no tab", "pairs.tsv, line 24: expected a source, a tab and a target. Received: 1 col"),
        (b"a\tb\tc", "line 24: .* Received: 3 columns"),
        (b"a\t\xff", "line 24: expected UTF-8"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, message):
    path = write(tmp_path / "pairs.tsv", [b"a\tb"] * 23 + [line])
    with pytest.raises(ValueError, match=message):
        text_pairs(path, "train")


def test_too_few_lines_for_three_splits(tmp_path):
    with pytest.raises(ValueError, match="at least 20 lines"):
        text_pairs(write(tmp_path / "pairs.tsv", [b"a\tb"] * 19), "train")
