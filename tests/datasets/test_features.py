"""Which features are meant: of data sets that many know, of small real ones, and by name."""

import socket

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.datasets import (
    captioned_images,
    dialogue_pairs,
    labelled_frames,
    labelled_texts,
    tagged_tokens,
    text_pairs,
    texts,
)
from kerasrnn.datasets.readers.features import choose_feature, feature_names
from kerasrnn.datasets.sources import builders

SPLITS = ("train", "validation", "test")
# Data set, reader, its options, and what it yields: by place the name of each feature.
KNOWN = [
    ("imdb_reviews", labelled_texts, {}, ["text", "label"]),
    ("ag_news_subset", labelled_texts, {}, ["description", "label"]),
    ("ag_news_subset", texts, {"features": "text=title+description"}, ["title+description"]),
    ("glue/sst2", labelled_texts, {}, ["sentence", "label"]),
    ("glue/mrpc", labelled_texts, {}, ["sentence1+sentence2", "label"]),
    ("yelp_polarity_reviews", labelled_texts, {}, ["text", "label"]),
    ("universal_dependencies/en_ewt", tagged_tokens, {}, ["tokens", "upos"]),
    (
        "universal_dependencies/en_ewt",
        tagged_tokens,
        {"features": "tokens=lemmas,tags=xpos"},
        ["lemmas", "xpos"],
    ),
    ("conll2003", tagged_tokens, {}, ["tokens", "ner"]),
    ("conll2003", tagged_tokens, {"features": {"tags": "chunks"}}, ["tokens", "chunks"]),
    ("wikiann/en", tagged_tokens, {}, ["tokens", "tags"]),
    ("ted_hrlr_translate/pt_to_en", text_pairs, {}, ["pt", "en"]),
    ("ted_hrlr_translate/pt_to_en", text_pairs, {"features": "source=en"}, ["en", "pt"]),
    ("wmt14_translate/de-en", text_pairs, {}, ["de", "en"]),
    ("opus", text_pairs, {}, ["de", "en"]),
    ("para_crawl/ende", text_pairs, {}, ["en", "de"]),
    ("coco_captions", captioned_images, {}, ["image", None, "captions/text"]),
    ("tiny_shakespeare", texts, {}, ["text"]),
    ("lm1b", texts, {}, ["text"]),
    ("wiki40b/en", texts, {}, ["text"]),
    ("ucf101", labelled_frames, {}, ["video", "label"]),
    ("schema_guided_dialogue", dialogue_pairs, {"turns": 1}, ["utterances"]),
]


def of_kind(feature, name, length):
    """Makes a value of a feature that tells where it came from, `length` items a sequence."""
    if isinstance(feature, tfds.features.FeaturesDict):
        return {key: of_kind(feature[key], f"{name}{key}/", length) for key in feature}
    if isinstance(feature, tfds.features.Sequence) and isinstance(
        feature.feature, tfds.features.FeaturesDict
    ):
        inner = feature.feature
        return {key: [f"{name}{key}"] * length for key in inner if inner[key].tf_dtype == "string"}
    if isinstance(feature, tfds.features.Sequence):
        return [of_kind(feature.feature, name, length)] * length
    if isinstance(feature, tfds.features.Image):
        return np.zeros([side or 5 for side in feature.shape], "uint8")
    if isinstance(feature, tfds.features.ClassLabel):
        return feature.num_classes - 1
    return name.rstrip("/") if feature.np_dtype in (object, str) or "Text" in repr(feature) else 0


@pytest.mark.parametrize("data, reader, options, wanted", KNOWN)
def test_known_data_sets_flow_through_their_readers(
    data, reader, options, wanted, monkeypatch, tmp_path
):
    """The features are those of the real builder; one made-up example stands for its splits."""
    try:
        builder = tfds.builder(data, data_dir=tmp_path)
    except (ImportError, tfds.core.DatasetNotFoundError) as error:
        pytest.skip(f"not to be opened here: {error}")
    dataset = tf.data.Dataset.from_tensors(of_example(builder.info.features))
    monkeypatch.setattr(builders, "_builder", lambda *_: builder)
    monkeypatch.setattr(builders, "_prepare", lambda *_: None)
    monkeypatch.setattr(builders, "_splits", lambda *_: dict.fromkeys(SPLITS, "train"))
    monkeypatch.setattr(builder, "as_dataset", lambda split: dataset)
    if reader is dialogue_pairs:
        got = [
            [each.decode() for each in pair]
            for pair in reader(data, "train", **options).as_numpy_iterator()
        ]
        assert got == [["utterances", "utterances"]]
        return
    rows = list(reader(data, "train", **options).as_numpy_iterator())
    assert len(rows) == (3 if reader is captioned_images else 1)
    row = rows[0] if isinstance(rows[0], tuple) else (rows[0],)
    for value, name in zip(row, wanted, strict=True):
        check(value, name, builder.info.features, reader)


def of_example(features):
    return {
        key: of_kind(features[key], key + "/" * _is_nested(features[key]), 3) for key in features
    }


def _is_nested(feature):
    inner = getattr(feature, "feature", feature)
    return isinstance(inner, tfds.features.FeaturesDict)


def check(value, name, features, reader):
    if name is None:
        assert value == b""
        return
    feature = features[name] if name in features else None
    inner = getattr(feature, "feature", feature)
    if isinstance(inner, tfds.features.Image):
        assert value.dtype == "uint8" and value.shape[-1] == 3
    elif isinstance(inner, tfds.features.ClassLabel):
        assert set(np.ravel(value).tolist()) == {inner.names[-1].encode()}
        assert np.shape(value) == ((3,) if reader in (tagged_tokens, labelled_frames) else ())
    else:
        wanted = name.replace("+", "\n").encode()
        assert set(np.ravel(value).tolist()) == {wanted}


@pytest.mark.parametrize(
    "data, roles",
    [("mnist", {"image": "image", "label": "label"}), ("spoken_digit", {"label": "label"})],
)
def test_features_of_sets_without_a_reader(data, roles, tmp_path):
    builder = tfds.builder(data, data_dir=tmp_path)
    for role, name in roles.items():
        assert [each.name for each in choose_feature(builder, role, "", {})] == [name]
    for reader in (labelled_texts, texts, text_pairs, tagged_tokens, captioned_images):
        with pytest.raises(ValueError, match=f"Expected a data set of .* Received: '{data}'"):
            reader(data, "train", tmp_path)


def test_films_without_classes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'moving_mnist', whose films have no classes"):
        labelled_frames("moving_mnist", "train", tmp_path)


class KerasrnnTestRoles(tfds.core.GeneratorBasedBuilder):
    """A small data set of many kinds of features, whose test has no classes."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {
            "title": tfds.features.Text(),
            "body": tfds.features.Text(),
            "summary": tfds.features.Text(),
            "stars": np.int32,
            "kind": tfds.features.ClassLabel(names=["bad", "good"]),
            "nested": {"words": tfds.features.Sequence(tfds.features.Text())},
            "numbers": tfds.features.Sequence(np.int64),
        }
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in ("train", "val", "test")}

    def _generate_examples(self, split):
        for i in range(40):
            texts = {name: f"{name} {i}" for name in ("title", "body", "summary")}
            kind = -1 if split == "test" else i % 2
            inner = {"nested": {"words": [split, "x"]}, "numbers": [i, 7]}
            yield i, {**texts, "stars": i % 5, "kind": kind, **inner}


DATA = "kerasrnn_test_roles"


def read(reader, split="train", **options):
    return list(reader(DATA, split, **options).as_numpy_iterator())


def test_named_features(tmp_path):
    options = {"data_dir": tmp_path}
    rows = read(labelled_texts, "validation", features="text=title + body, label=stars", **options)
    assert sorted(rows)[0] == (b"title 0\nbody 0", b"0") and len(rows) == 40
    rows = read(text_pairs, features={"source": "body", "target": "title"}, **options)
    assert sorted(rows)[0] == (b"body 0", b"title 0")
    rows = read(tagged_tokens, "validation", features="tags=numbers", **options)
    assert all(tokens.tolist() == [b"val", b"x"] and tags[1] == b"7" for tokens, tags in rows)


def test_hidden_classes_count_as_none(tmp_path):
    sets = [
        {text for text, _ in read(labelled_texts, split, features="text=body", data_dir=tmp_path)}
        for split in SPLITS
    ]
    assert [len(each) for each in sets] == [38, 40, 2] and not sets[0] & sets[2]
    labels = {
        label for _, label in read(labelled_texts, "test", features="text=body", data_dir=tmp_path)
    }
    assert labels <= {b"bad", b"good"}
    assert len(read(texts, "test", features="text=body", data_dir=tmp_path)) == 40


@pytest.mark.parametrize(
    "reader, features, message",
    [
        (labelled_texts, None, "one text and one class.* such as text=NAME"),
        (labelled_texts, "text=titel", "name a text of .* title, .* Received: text=titel"),
        (labelled_texts, "text=body,label=numbers", "name a label of .* Received: label=numbers"),
        (labelled_texts, "text", "such as text=NAME,label=NAME. Received: 'text'"),
        (labelled_texts, "tokens=body", r"one of \('text', 'label'\). Received: 'tokens'"),
        (text_pairs, None, "text pairs.* such as source=NAME"),
        (text_pairs, "source=body", "text pairs"),
        (text_pairs, "source=kind,target=body", "name a source of .* Received: source=kind"),
        (tagged_tokens, None, "a sequence of classes. .* such as tags=NAME"),
    ],
)
def test_wrong_names(reader, features, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        reader(DATA, "train", tmp_path, features=features)


def test_names_of_features():
    assert feature_names(None, ("text",)) == {}
    names = feature_names(r'a="x, y"+C\+\+ , b=C++', ("a", "b"))
    assert names == {"a": ["x, y", "C++"], "b": ["C++"]}
    assert feature_names({"a": ["C++", "x, y"]}, ("a",)) == {"a": ["C++", "x, y"]}
    assert feature_names('a=5" tall=no', ("a",)) == {"a": ['5" tall=no']}
    with pytest.raises(ValueError, match='between quotes: a="a, b"'):
        feature_names("a=x, y", ("a",))
    assert feature_names(" a = x+y , b=z", ("a", "b")) == {"a": ["x", "y"], "b": ["z"]}


def test_without_a_network_the_way_out_is_told(monkeypatch, tmp_path):
    def fail(*_):
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    message = "'imdb_reviews' is not prepared in .*there is no network.*download_and_pre.*--data-"
    with pytest.raises(ValueError, match=message):
        labelled_texts("imdb_reviews", "train", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_broken_download_leaves_nothing(monkeypatch, tmp_path):
    builder = tfds.builder("imdb_reviews", data_dir=tmp_path)

    def fail():
        (tmp_path / "downloads" / "half").mkdir(parents=True)
        (tmp_path / "imdb_reviews").mkdir()
        raise ConnectionResetError("reset by peer")

    monkeypatch.setattr(builders, "_builder", lambda *_: builder)
    monkeypatch.setattr(builders, "_needs", lambda _: False)
    monkeypatch.setattr(builder, "download_and_prepare", fail)
    with pytest.raises(ValueError, match=r"cannot be prepared here \(reset by peer\)"):
        labelled_texts("imdb_reviews", "train", tmp_path)
    assert not list(tmp_path.iterdir())
