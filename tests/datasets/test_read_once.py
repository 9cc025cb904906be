"""Data are read once: what is asked of texts and labels comes from one pass, and is the same."""

import collections

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn import Tokenizer, Vocabulary
from kerasrnn.checks import UserError
from kerasrnn.datasets import (
    TaggedSplit,
    caption_texts,
    caption_tokenizer,
    captioned_images,
    character_tokenizer,
    count_labels,
    count_tagged,
    label_names,
    longest_target,
    pair_examples,
    token_tokenizer,
    train_tokenizers,
)
from kerasrnn.datasets.loaders.token_vocabularies import AT_ONCE
from kerasrnn.layers.schemes import Scheme, label_pairs
from kerasrnn.text import prepare

RNG = np.random.default_rng(11)
WORDS = ["The", "the", "THE", "cafe\u0301", "caf\u00e9", "\u0130x", "a", "\U0001f600", "e\u0301"]
LENGTHS = [0, 1, 5, 0, 13, 2, 7, 3, 3, 11, 1, 4]
SCHEMES = {
    "iob1": ["O", "I-PER", "B-PER", "I-LOC", "B-LOC"],
    "iob2": ["O", "I-PER", "B-PER", "I-LOC"],
    "biluo": ["O", "B-PER", "I-PER", "L-PER", "U-PER", "U-LOC"],
    "bmes": ["O", "B-PER", "M-PER", "E-PER", "S-LOC"],
}


def sentences(labels, lengths=LENGTHS):
    choose = np.random.default_rng(17).choice
    return [(choose(WORDS, n).tolist(), choose(labels, n).tolist()) for n in lengths]


def dataset(rows):
    """The rows as a data set, and a list with an entry for each time that it is read."""
    passes, width = [], len(rows[0])

    def read():
        passes.append(None)
        yield from rows

    shape = () if isinstance(rows[0][0], str) else (None,)
    signature = (tf.TensorSpec(shape, tf.string),) * width
    options = tf.data.Options()
    options.autotune.enabled = False  # its thread sleeps for seconds, see `read_ahead`
    raw = tf.data.Dataset.from_generator(read, output_signature=signature)
    return raw.with_options(options), passes


@pytest.mark.parametrize("max_length", [None, 3, 5])
def test_tokens_and_labels_are_counted_in_one_pass(max_length):
    rows = sentences(["NOUN", "DET", "X"])
    raw, passes = dataset(rows)
    counts = count_tagged(raw, max_length)
    assert len(passes) == 1
    assert counts.tokens == collections.Counter(w.encode() for words, _ in rows for w in words)
    fitting = [row for row in rows if 0 < len(row[0]) <= (max_length or 99)]
    for found, expected in ((counts.labels, rows), (counts.fitting, fitting)):
        labels = [labels for _, labels in expected]
        assert found.pairs() == label_pairs(labels)
        assert (found.sentences, found.empty) == (len(labels), labels.count([]))
        assert found.total() == sum(map(len, labels))
        assert found.names() == tuple(sorted({each for row in labels for each in row}))
    assert count_tagged(rows, max_length) == count_tagged(iter(rows), max_length) == counts
    names = counts.labels.names()
    assert names == label_names(labels.flat_values for _, labels in raw.ragged_batch(5))
    numbers = counts.labels.numbers(names)
    assert numbers.tolist() == count_labels(raw, names).tolist() and numbers.dtype == np.int64


@pytest.mark.parametrize("name", SCHEMES)
def test_what_a_scheme_does_is_known_from_the_counts(name):
    scheme, rows = Scheme(name), [labels for _, labels in sentences(SCHEMES[name])]
    counts = count_tagged(dataset(sentences(SCHEMES[name]))[0]).labels
    rewritten = [label for labels in rows for label in scheme.rewrite(labels)]
    assert counts.names(scheme) == tuple(sorted(set(rewritten)))
    names = [*counts.names(scheme), "other"]
    expected = [rewritten.count(each) for each in names]
    assert counts.numbers(names, scheme).tolist() == expected
    assert counts.repairs(scheme) == sum(len(scheme.repairs(labels)) for labels in rows)
    for target in (None, "iob2", "bioes"):
        changed = any(scheme.rewrite(labels, target) != labels for labels in rows)
        assert counts.rewrites(scheme, target) == changed
    right = [(["a"] * len(labels), scheme.rewrite(labels)) for labels in rows]
    right_scheme = Scheme(scheme.target)
    counts = count_tagged(dataset(right)[0]).labels
    assert (counts.rewrites(right_scheme), counts.repairs(right_scheme)) == (False, 0)


def test_labels_of_another_form_are_refused_in_the_order_of_the_file():
    rows = [(["a"] * 3, ["O", "O", "odd"]), (["a", "a"], ["bad", "O"])]
    counts = count_tagged(dataset(rows)[0]).labels
    with pytest.raises(UserError, match="'odd'"):
        counts.rewrites(Scheme("iob1"))


def test_a_tagged_split_is_read_once_for_its_scheme(tmp_path, monkeypatch):
    path = tmp_path / "a.conll"
    path.write_text("a I-PER\nb I-PER\n\nc O\nd I-PER\n\n")
    reads, read_all = [], TaggedSplit.sentences

    def read(self):
        reads.append(None)
        return read_all(self)

    monkeypatch.setattr(TaggedSplit, "sentences", read)
    split = TaggedSplit(path, None)
    counts = split.counts()
    scheme = split.scheme(counts=counts)
    assert len(reads) == 1 and scheme == split.scheme() and len(reads) == 2
    found = split.in_scheme(scheme, "bioes", counts)
    assert len(reads) == 3  # for who iterates over it
    labels = [labels.tolist() for _, labels in found.as_numpy_iterator()]
    assert labels == [[b"B-PER", b"E-PER"], [b"O", b"S-PER"]]


@pytest.mark.parametrize("at_once", [2, AT_ONCE])
@pytest.mark.parametrize("normalization", ["nfc", "none"])
@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("min_count, max_size", [(1, None), (3, None), (2, 7)])
def test_counted_tokens_give_the_vocabularies_of_all(
    min_count, max_size, lowercase, normalization, at_once, monkeypatch
):
    monkeypatch.setattr("kerasrnn.datasets.loaders.token_vocabularies.AT_ONCE", at_once)
    raw, _ = dataset(sentences(["X"], [*LENGTHS, 41]))
    counts = count_tagged(raw).tokens
    tokens = np.concatenate([words for words, _ in raw.as_numpy_iterator()])
    form = {"lowercase": lowercase, "normalization": normalization}
    prepared = (token.decode() for token in prepare(tf.constant(tokens), **form).numpy())
    words = token_tokenizer(counts, min_count, max_size, **form)
    expected = Vocabulary.build(prepared, min_count, max_size)
    assert words.get_config() == Tokenizer(expected, "whitespace", **form).get_config()
    assert (words.vocabulary, words.vocabulary.counts) == (expected, expected.counts)
    letters = character_tokenizer(counts, min_count, normalization=normalization)
    expected = Tokenizer.train(
        tokens, "character", min_count=min_count, normalization=normalization
    )
    assert letters.get_config() == expected.get_config()
    assert letters.vocabulary == expected.vocabulary
    assert letters.vocabulary.counts == expected.vocabulary.counts


def test_texts_of_a_data_set_of_images_are_read_without_an_image(monkeypatch):
    images = captioned_images("digits", "test").take(211)
    expected = [each[1:] for each in images.as_numpy_iterator()]
    tokenizer, starts = caption_tokenizer(images)

    def decode(self, example):
        raise AssertionError("an image was decoded")

    monkeypatch.setattr(tfds.features.Image, "decode_example", decode)
    texts = caption_texts("digits", "test").take(211)
    assert [*texts.as_numpy_iterator()] == expected and len(expected) == 211
    found, also = caption_tokenizer(texts)
    assert (found.vocabulary, also) == (tokenizer.vocabulary, starts)
    assert found.vocabulary.counts == tokenizer.vocabulary.counts
    assert found.get_config() == tokenizer.get_config()


def test_texts_of_a_table_are_read_without_an_image(tmp_path):
    lines = [f"not there {i}.png\ttext {i}\n" for i in range(23)]
    (tmp_path / "a.tsv").write_text("".join(lines))
    with pytest.raises(UserError, match="not there 0"):
        captioned_images(tmp_path / "a.tsv")
    found = caption_texts(tmp_path / "a.tsv", None)
    assert [*found.as_numpy_iterator()] == [(b"", b"text %d" % i) for i in range(23)]


def test_captions_are_read_once_for_starts_and_texts():
    rows = [("de", "eins"), ("fr", "deux"), ("", "two"), ("de", "zwei")] * 7
    raw, passes = dataset(rows)
    tokenizer, starts = caption_tokenizer(raw)
    assert (len(passes), starts) == (1, ("de", "fr"))
    trained = Tokenizer.train([text for _, text in rows]).vocabulary.tokens
    assert tokenizer.vocabulary.tokens == ("<de>", "<fr>", *trained)


def test_the_longest_target_is_known_from_what_is_learned_from():
    rows = [("a b", "c d e"), ("", ""), ("f " * 13, "g"), ("h", "i j")]
    raw, passes = dataset(rows)
    tokenizers = train_tokenizers(raw, "word")
    expected, passes[:] = longest_target(raw, tokenizers[1]), []
    examples = pair_examples(raw, *tokenizers)
    assert examples.longest() == expected and examples.longest(0) == max(
        tokenizers[0].encode([source for source, _ in rows]).row_lengths().numpy()
    )
    _ = [*examples.batches(3)], examples.longest()
    assert len(passes) == 1


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("options", [{"level": "word"}, {"min_count": 2, "max_size": 7}])
def test_pairs_are_read_once_for_both_vocabularies(options, shared):
    rows = [(" ".join(words), "".join(names)) for words, names in sentences(["d", "D", "\u00e9"])]
    raw, passes = dataset(rows)
    found = train_tokenizers(raw, shared=shared, **options)
    assert len(passes) == 1
    expected = [Tokenizer.train(side, **options) for side in zip(*rows, strict=True)]
    if shared:
        expected = [Tokenizer.train([text for row in rows for text in row], **options)] * 2
    for one, other in zip(found, expected, strict=True):
        assert one.get_config() == other.get_config()
        assert one.vocabulary == other.vocabulary
        assert one.vocabulary.counts == other.vocabulary.counts
