"""Where texts come from: tfds names, files of lines, running texts, folders."""

import pytest
import tensorflow_datasets as tfds

from kerasrnn.datasets import texts

SPLITS = ("train", "validation", "test")


class KerasrnnTestTexts(tfds.core.GeneratorBasedBuilder):
    """A small data set with the features that a configuration asks for."""

    VERSION = tfds.core.Version("1.0.0")
    FEATURES = {
        "one": {"review": tfds.features.Text(), "label": tfds.features.ClassLabel(num_classes=2)},
        "named": {"title": tfds.features.Text(), "text": tfds.features.Text()},
        "unclear": {"question": tfds.features.Text(), "answer": tfds.features.Text()},
        "none": {"label": tfds.features.ClassLabel(num_classes=2)},
    }
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=name) for name in FEATURES]

    def _info(self):
        features = tfds.features.FeaturesDict(self.FEATURES[self.builder_config.name])
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in ("train", "dev", "test")}

    def _generate_examples(self, split):
        for i in range(7):
            example = {name: f"{split} {name} {i}" for name in self.info.features}
            yield i, {**example, **({"label": i % 2} if "label" in example else {})}


def read(data, split, **options):
    return [text.decode() for text in texts(data, split, **options).as_numpy_iterator()]


@pytest.mark.parametrize("config, name", [("one", "review"), ("named", "text")])
def test_text_of_a_data_set_is_the_only_one_or_the_one_of_that_name(config, name, tmp_path):
    for split, called in (("train", "train"), ("validation", "dev")):
        got = read(f"kerasrnn_test_texts/{config}", split, data_dir=tmp_path)
        assert sorted(got) == [f"{called} {name} {i}" for i in range(7)]


def test_lines_of_a_file_are_split_by_twenties(tmp_path):
    lines = [f" line\t{i} é\u2028" for i in range(97)]
    path = tmp_path / "lines.txt"
    path.write_text("\r\n\n".join(lines) + "\n \t\n", encoding="utf-8", newline="")
    got = {split: read(path, split) for split in SPLITS}
    assert got["validation"] == lines[18::20] and got["test"] == lines[19::20]
    assert got["train"] == [line for i, line in enumerate(lines) if i % 20 < 18]


@pytest.mark.parametrize(
    "text, ends_at",
    [("".join(f"{i:02d} {'x' * (i % 7)}\n" for i in range(97)), "\n"), ("abcdé" * 100, "")],
)
def test_a_running_text_is_cut_in_three_pieces_without_a_gap(text, ends_at, tmp_path):
    path = tmp_path / "running.txt"
    path.write_text(text, encoding="utf-8", newline="")
    pieces = [read(path, split, whole_file=True) for split in SPLITS]
    assert [len(piece) for piece in pieces] == [1, 1, 1]
    train, validation, test = (piece[0] for piece in pieces)
    assert train + validation + test == text
    assert train.endswith(ends_at) and validation.endswith(ends_at)
    assert abs(len(train) / len(text) - 0.9) < 0.02
    assert abs(len(validation) / len(text) - 0.05) < 0.02


def test_a_folder_has_a_file_for_each_split(tmp_path):
    names = {"train": "ptb.train.txt", "validation": "ptb.valid.txt", "test": "ptb.test.txt"}
    for split, name in names.items():
        (tmp_path / name).write_text(f"a {split}\n\nb\n")
    (tmp_path / "latest.txt").write_text("not the test\n")
    for split in SPLITS:
        assert read(tmp_path, split) == [f"a {split}", "b"]
        assert read(tmp_path, split, whole_file=True) == [f"a {split}\n\nb\n"]
    (tmp_path / "ptb.dev.txt").write_text("a\n")
    with pytest.raises(ValueError, match="validation split.* ptb.dev.txt, ptb.valid.txt"):
        texts(tmp_path, "validation")
    (tmp_path / "ptb.train.txt").unlink()
    with pytest.raises(ValueError, match="such as train.txt. Received: none"):
        texts(tmp_path, "train")


@pytest.mark.parametrize(
    "data, message",
    [
        ("textz", "embedded ones .*python_docs.* Received: 'textz'"),
        ("kerasrnn_test_texts/unclear", "one text, or one named 'text'.* question, answer"),
        ("kerasrnn_test_texts/none", "one text, or one named 'text'.* label"),
        ("nowhere.txt", "Expected a file. Received: 'nowhere.txt'"),
    ],
)
def test_what_is_no_text_is_refused(data, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        texts(data, "train", tmp_path)


@pytest.mark.parametrize("whole_file", [False, True])
def test_a_bad_file_is_refused(whole_file, tmp_path):
    path = tmp_path / "bad.txt"
    path.write_bytes(b"good\n" * 30 + b"b\xffd\n")
    with pytest.raises(ValueError, match="bad.txt, line 31: expected UTF-8"):
        texts(path, "train", whole_file=whole_file)
    path.write_bytes(b"" if whole_file else b"a\n" * 19)
    with pytest.raises(ValueError, match="bad.txt: expected"):
        texts(path, "train", whole_file=whole_file)
    path.write_bytes(b"abc" if whole_file else b"a\n" * 20)
    if whole_file:
        with pytest.raises(ValueError, match="long enough.* Received: 3 characters"):
            texts(path, "validation", whole_file=True)
    with pytest.raises(ValueError, match="Received: 'tests'"):
        texts(path, "tests", whole_file=whole_file)
