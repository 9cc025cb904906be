"""Texts as one stream, each token a label once, and text by text."""

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Vocabulary, language_model, views
from kerasrnn.datasets import next_tokens, stream_batches, text_examples, validate

TEXTS = ["cab", "", "b" * 13, "a?", "é", "abcabca"]
TOKENIZER = Tokenizer(Vocabulary("abc"))
IDS = {"a": 4, "b": 5, "c": 6}


def pairs_by_hand():
    """What is read and what follows it, for each text."""
    for text in TEXTS:
        ids = [IDS.get(character, 1) for character in text]
        yield [2, *ids], [*ids, 3]


def dataset():
    return tf.data.Dataset.from_tensor_slices(TEXTS)


def test_next_tokens_begin_with_begin_and_end_with_end():
    tokens, labels = next_tokens(tf.constant(TEXTS), TOKENIZER)
    assert list(zip(tokens.to_list(), labels.to_list(), strict=True)) == list(pairs_by_hand())


# 32 labels: even and uneven rows, a last batch that is full, short, or would have an empty row.
SIZES = [(1, 1), (1, 100), (2, 5), (5, 2), (3, 5), (7, 4), (11, 3), (31, 7), (31, 1), (32, 1)]


@pytest.mark.parametrize("batch_size, length", SIZES)
def test_each_row_runs_on_and_each_token_is_a_label_once(batch_size, length):
    stream = stream_batches(dataset(), TOKENIZER, batch_size, length)
    batches = list(stream.as_numpy_iterator())
    assert len(batches) == stream.cardinality()
    for _, labels, _ in batches:  # no row is empty or padded on the left
        assert labels[:, 0].all() and (np.diff((labels != 0).astype(int), axis=1) <= 0).all()
    tokens, labels, weights = (
        np.concatenate([batch[i] for batch in batches], axis=1) for i in range(3)
    )
    real = labels != 0
    np.testing.assert_array_equal(weights, real)
    np.testing.assert_array_equal(tokens != 0, real)
    assert weights.dtype == "float32" and tokens.dtype == labels.dtype == "int32"
    # Row after row, without padding, it is the stream.
    expected = [np.concatenate(side) for side in zip(*pairs_by_hand(), strict=True)]
    np.testing.assert_array_equal(tokens[real], expected[0])
    np.testing.assert_array_equal(labels[real], expected[1])
    counts = real.sum(axis=1)
    assert len(counts) == batch_size and counts.max() - counts.min() <= 1
    widths = [batch[1].shape[1] for batch in batches]
    assert set(widths[:-1]) <= {length} and 1 <= widths[-1] <= length + 1


@pytest.mark.parametrize("batch_size, length", SIZES)
def test_static_shapes_of_a_stream_hold_the_same(batch_size, length):
    stream = stream_batches(dataset(), TOKENIZER, batch_size, length, static_shapes=True)
    parts = [[], []]
    for tokens, labels, weights in stream.as_numpy_iterator():
        assert tokens.shape == labels.shape == weights.shape == (batch_size, length)
        assert tokens.all()  # no row is empty
        for part, ids in zip(parts, (tokens, labels), strict=True):
            part.append(np.where(weights == 1, ids, 0))
    for part, side in zip(parts, zip(*pairs_by_hand(), strict=True), strict=True):
        ids = np.concatenate(part, axis=1)
        np.testing.assert_array_equal(ids[ids != 0], np.concatenate(side))


@pytest.mark.parametrize(
    "length", [3, *(pytest.param(length, marks=pytest.mark.slow) for length in (1, 100))]
)
@pytest.mark.parametrize("read_at_once", [1, 20, pytest.param(10**6, marks=pytest.mark.slow)])
def test_shards_of_a_stream_are_its_rows(length, read_at_once, monkeypatch):
    monkeypatch.setattr("kerasrnn.datasets.loaders.stream_batches.READ_AT_ONCE", read_at_once)
    whole = list(stream_batches(dataset(), TOKENIZER, 6, length).as_numpy_iterator())
    shards = [stream_batches(dataset(), TOKENIZER, 6, length, shard=(i, 3)) for i in range(3)]
    joined = zip(*(shard.as_numpy_iterator() for shard in shards), strict=True)
    for batch, pieces in zip(whole, joined, strict=True):
        for part, rows in zip(batch, zip(*pieces, strict=True), strict=True):
            np.testing.assert_array_equal(np.concatenate(rows), part)
    with pytest.raises(ValueError, match="multiple of 4, the number of workers. Received: 6"):
        stream_batches(dataset(), TOKENIZER, 6, length, shard=(0, 4))


def test_batches_are_what_a_stream_takes():
    model = language_model(7, cell="simple_rnn", units=3)
    for batch in stream_batches(dataset(), TOKENIZER, 3, 5):
        validate(views.stream(model, 3), *batch)


def test_rows_are_in_the_order_of_the_stream():
    (batch,) = stream_batches(dataset(), TOKENIZER, 2, 100).as_numpy_iterator()
    assert batch[0][0, 0] == 2 and batch[1][1, -1] == 3


def test_a_stream_shorter_than_its_rows_is_refused():
    with pytest.raises(ValueError, match="at least 33 tokens, .* `batch_size`.* Received: 32"):
        stream_batches(dataset(), TOKENIZER, 33)
    for name in ("batch_size", "length"):
        with pytest.raises(ValueError, match=f"`{name}` to be an integer of at least 1"):
            stream_batches(dataset(), TOKENIZER, **{name: 0})


@pytest.mark.parametrize("targets_as_input", [False, True])
def test_targets_are_an_input_where_the_model_wants_them(targets_as_input):
    options = {"targets_as_input": targets_as_input}
    stream = next(iter(stream_batches(dataset(), TOKENIZER, 2, 5, **options)))
    single = next(iter(text_examples(dataset(), TOKENIZER, **options).batches(64)))
    for x, y, _ in (stream, single):
        if targets_as_input:
            assert set(x) == {"tokens", "targets"}
            np.testing.assert_array_equal(x["targets"], y)
        else:
            assert x.shape == y.shape


def rows(examples, batch_size):
    """The pairs of all rows, without padding, sorted."""
    found = []
    for tokens, labels, weights in examples.batches(batch_size).as_numpy_iterator():
        np.testing.assert_array_equal(weights, labels != 0)
        for row in zip(tokens, labels, strict=True):
            found.append(tuple(tuple(ids[ids != 0].tolist()) for ids in row))
    return sorted(found)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_each_text_is_a_row(batch_size):
    expected = [(tuple(tokens), tuple(labels)) for tokens, labels in pairs_by_hand()]
    assert rows(text_examples(dataset(), TOKENIZER), batch_size) == sorted(expected)


@pytest.mark.parametrize("length", [1, 3, 4, 14, 100])
def test_long_texts_are_cut_into_rows(length):
    expected = [
        (tuple(tokens[i : i + length]), tuple(labels[i : i + length]))
        for tokens, labels in pairs_by_hand()
        for i in range(0, len(labels), length)
    ]
    assert rows(text_examples(dataset(), TOKENIZER, length), 3) == sorted(expected)
