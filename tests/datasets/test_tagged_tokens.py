"""Sentences with a label for each token: where they come from, and what becomes of them."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import kerasrnn
from kerasrnn import Tokenizer, Vocabulary
from kerasrnn.datasets import tagged_examples, tagged_tokens
from kerasrnn.datasets.embedded import python_tokens

REAL = pathlib.Path(__file__).parents[3] / "shared" / "tfds"
real = pytest.mark.skipif(not REAL.is_dir(), reason="the real data sets are not on this machine")
SPLITS = ("train", "validation", "test")


class KerasrnnTestTags(tfds.core.GeneratorBasedBuilder):
    """A small data set with the features that a configuration asks for."""

    VERSION = tfds.core.Version("1.0.0")
    FEATURES = {
        "plain": {"sentence": "text", "classes": "class"},
        "many": {"langs": "text", "words": "text", "chunks": "class", "pos": "class", "ner": "ner"},
        "unnamed": {"one": "text", "two": "text", "classes": "class"},
        "no_classes": {"tokens": "text"},
        "one_text": {"tokens": "one", "classes": "class"},
    }
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=name) for name in FEATURES]

    def _kinds(self):
        return self.FEATURES[self.builder_config.name]

    def _info(self):
        features = {
            "text": tfds.features.Sequence(tfds.features.Text()),
            "class": tfds.features.Sequence(tfds.features.ClassLabel(names=["X", "Y"])),
            "ner": tfds.features.Sequence(tfds.features.ClassLabel(names=["O", "B"])),
            "one": tfds.features.Text(),
        }
        features = {name: features[kind] for name, kind in self._kinds().items()}
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        for i in range(20):
            words = [f"{i}-{step}" for step in range(i % 3)]
            values = {
                "text": words,
                "class": [i % 2] * len(words),
                "ner": [1] * len(words),
                "one": "text",
            }
            yield i, {name: values[kind] for name, kind in self._kinds().items()}


def read(data, split="train", **options):
    return [
        tuple([each.decode() for each in part.tolist()] for part in pair)
        for pair in tagged_tokens(data, split, **options).as_numpy_iterator()
    ]


def test_names_of_classes_and_empty_sentences(tmp_path):
    sentences = [
        each
        for split in SPLITS
        for each in read("kerasrnn_test_tags/plain", split, data_dir=tmp_path)
    ]
    expected = [
        ([f"{i}-{step}" for step in range(i % 3)], ["XY"[i % 2]] * (i % 3)) for i in range(20)
    ]
    assert sorted(sentences) == sorted(expected)


def test_the_usual_names_are_meant_where_there_are_many(tmp_path):
    sentences = read("kerasrnn_test_tags/many", data_dir=tmp_path)
    assert {label for _, labels in sentences for label in labels} == {"B"}


@pytest.mark.parametrize("name", ["unnamed", "no_classes", "one_text"])
def test_data_of_another_kind_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match="a sequence of tokens and a sequence of classes. Rec"):
        tagged_tokens(f"kerasrnn_test_tags/{name}", "train", tmp_path)


def test_embedded_set_is_what_the_builder_holds(monkeypatch, tmp_path):
    tokens, labels = ["x", "=", "'a b'"], ["variable", "operator", "string"]
    example = python_tokens.TokenExample(tuple(tokens), tuple(labels), "a:1:0")
    monkeypatch.setattr(
        python_tokens, "token_examples", lambda: {name: [example] for name in SPLITS}
    )
    assert read("python_tokens", "test", data_dir=tmp_path) == [
        (["x", "=", "'a b'"], ["variable", "operator", "string"])
    ]


@real
@pytest.mark.parametrize(
    "data, sentence, labels",
    [
        ("wikiann/en", 20_000, ["B-LOC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER", "O"]),
        ("universal_dependencies/en_ewt", 12_543, None),
    ],
)
def test_real_sets(data, sentence, labels):
    sentences = tagged_tokens(data, "train", REAL)
    assert sentences.cardinality() == sentence
    few = list(sentences.take(300).as_numpy_iterator())
    assert all(len(tokens) == len(names) > 0 for tokens, names in few)
    found = {name.decode() for _, names in few for name in names}
    assert found == set(labels) if labels else {"NOUN", "VERB", "PUNCT"} < found


@real
def test_a_real_set_of_texts_is_refused():
    with pytest.raises(ValueError, match="a sequence of tokens"):
        tagged_tokens("imdb_reviews", "train", REAL)


def write(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


@pytest.mark.parametrize("name, between, end", [("a.tsv", "\t", ""), ("a.conll", " ", "\r")])
def test_file(tmp_path, name, between, end):
    sentences = [([f"a{i}", "\u2028b"][: 1 + i % 2], ["X", "Y"][: 1 + i % 2]) for i in range(43)]
    lines = ["", ""]
    for rows in sentences:
        lines += [f"{between}".join(row) for row in zip(*rows, strict=True)] + ["", " "][
            : 1 + len(rows[0]) % 2
        ]
    path = write(
        tmp_path / name,
        [b"\xef\xbb\xbf" + end.encode(), *((line + end).encode() for line in lines)],
    )
    splits = [read(path, split) for split in SPLITS]
    assert [len(split) for split in splits] == [39, 2, 2]
    assert splits[1] == [sentences[18], sentences[38]]
    assert splits[2] == [sentences[19], sentences[39]]
    assert sorted(pair for split in splits for pair in split) == sorted(sentences)


def test_a_tab_leaves_spaces_in_a_token(tmp_path):
    path = write(tmp_path / "a.tsv", [b"New York\tB", b""] * 20)
    assert read(path, "test") == [(["New York"], ["B"])]


@pytest.mark.parametrize(
    "line, message",
    [
        (b"alone", "a.tsv, line 45: expected a token, a tab or a space, and a label. .*'alone'"),
        (b"a\tb\tc", "line 45: expected a token"),
        (b"a\t", "line 45: expected a token"),
        (b"\tX", "line 45: expected a token"),
        (b"a\t\xff", "line 45: expected UTF-8"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, message):
    path = write(tmp_path / "a.tsv", [b"a\tX", b""] * 22 + [line])
    with pytest.raises(ValueError, match=message):
        tagged_tokens(path, "train")


def test_wrong_files_and_splits(tmp_path):
    with pytest.raises(ValueError, match="Expected a file. Received: 'nowhere.conll'"):
        tagged_tokens("nowhere.conll")
    with pytest.raises(ValueError, match="at least 20 sentences"):
        tagged_tokens(write(tmp_path / "a.tsv", [b"a\tX"] * 300))
    with pytest.raises(ValueError, match="Received: 'dev'"):
        tagged_tokens("nowhere.conll", "dev")


# Sentences of 2, 0, 5 and 3 tokens.
SENTENCES = ["ab cab", "", "a b c a zzz", f"{'c' * 23} \x00 😀"]
WORDS, LETTERS = Vocabulary(["a", "ab", "cab"]), Vocabulary("abc")
LABELS = ["N", "O"]


def encoded(sentences=SENTENCES, label="O", **options):
    def generate():
        for text in sentences:
            yield text.split(" ") if text else [], [label] * len(text.split(" ") if text else [])

    sequence = tf.TensorSpec((None,), tf.string)
    data = tf.data.Dataset.from_generator(generate, output_signature=(sequence, sequence))
    return tagged_examples(data, Tokenizer(WORDS, "whitespace"), LABELS, **options)


def test_batches_of_ids():
    ((tokens, y, weights),) = encoded().batches(7)
    expected = [[5, 6, 0, 0, 0], [4, 1, 1, 4, 1], [1, 1, 1, 0, 0]]
    assert tokens.numpy().tolist() == expected and tokens.dtype == y.dtype == "int32"
    np.testing.assert_array_equal(weights, np.array(expected) > 0)
    np.testing.assert_array_equal(y, np.array(expected) > 0)


def test_letters_of_each_token():
    ((x, _, _),) = encoded(characters=Tokenizer(LETTERS)).batches(7)
    letters = x["characters"].numpy()
    assert letters.shape == (3, 5, 20) and letters.dtype == np.int32
    assert letters[0, 1].tolist() == [6, 4, 5] + [0] * 17
    assert letters[2, 0].tolist() == [6] * 20 and letters[2, 1, 0] == letters[2, 2, 0] == 1
    np.testing.assert_array_equal((letters > 0).any(-1), x["tokens"] > 0)


def test_a_token_without_letters_counts_as_one_that_is_unknown():
    data = tf.data.Dataset.from_tensors((["a", "", "b"], ["O", "N", "O"]))
    words, letters = Tokenizer(WORDS, "whitespace"), Tokenizer(LETTERS)
    ((x, y, weights),) = tagged_examples(data, words, LABELS, letters).batches(7)
    assert x["tokens"].numpy().tolist() == [[4, 1, 1]] and y.numpy().tolist() == [[1, 0, 1]]
    assert x["characters"].numpy().tolist() == [[[4], [1], [5]]] and weights.numpy().all()


def test_longer_sentences_are_left_out():
    lengths = [
        length
        for _, _, weights in encoded(max_length=3).batches(7)
        for length in weights.numpy().sum(-1).tolist()
    ]
    assert sorted(lengths) == [2, 3]


def test_an_unknown_label_is_named():
    with pytest.raises(tf.errors.InvalidArgumentError, match="one of the 2 of the train.*'?X"):
        list(encoded(label="X").batches(7))


@pytest.mark.parametrize("characters", [None, Tokenizer(LETTERS)])
def test_batches_fit_the_model(characters):
    letters = None if characters is None else 7
    model = kerasrnn.many_to_many(7, 2, units=3, characters=letters)
    for batch in encoded(characters=characters).batches(7):
        kerasrnn.datasets.validate(model, *batch)
