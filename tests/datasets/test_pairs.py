"""Batches of pairs: what they hold, their order over epochs, and their number."""

import pytest
import tensorflow as tf

from kerasrnn.datasets import longest_target, pair_batches, pair_examples, train_tokenizers
from kerasrnn.vocabulary import BEGIN, END

PAIRS = [("abc", "12"), ("c", "3"), ("", "1"), ("b" * 13, "22"), ("ab", ""), ("a" * 50, "3" * 7)]


def dataset(pairs=PAIRS):
    return tf.data.Dataset.from_tensor_slices(
        tuple(list(side) for side in zip(*pairs, strict=True))
    )


def many(number=101):
    return [("ab" * (i % 17) + "c", str(i)) for i in range(number)]


def rows(batches, tokenizers):
    """The texts of all rows, read back from the arrays."""
    source, target = tokenizers
    for x, y, _ in batches:
        texts = source.decode(x["source"]).numpy(), target.decode(y).numpy()
        yield from ((a.decode(), b.decode()) for a, b in zip(*texts, strict=True))


def test_a_batch_is_shifted_padded_and_weighted():
    tokenizers = train_tokenizers(dataset())
    short = dataset(PAIRS[:2])
    ((x, y, weights),) = pair_batches(short, *tokenizers)
    one, two, three = (tokenizers[1].vocabulary.id_of(digit) for digit in "123")
    assert y.numpy().tolist() == [[one, two, END], [three, END, 0]]
    assert x["target"].numpy().tolist() == [[BEGIN, one, two], [BEGIN, three, 0]]
    assert weights.numpy().tolist() == [[1, 1, 1], [1, 1, 0]]
    a, b, c = (tokenizers[0].vocabulary.id_of(letter) for letter in "abc")
    assert x["source"].numpy().tolist() == [[a, b, c], [c, 0, 0]]
    assert (x["source"].dtype, y.dtype, weights.dtype) == (tf.int32, tf.int32, tf.float32)


def test_every_pair_comes_once_and_no_row_is_empty():
    tokenizers = train_tokenizers(dataset())
    batches = list(pair_batches(dataset(), *tokenizers, batch_size=2))
    expected = sorted((source or "<unknown>", target or "<unknown>") for source, target in PAIRS)
    assert sorted(rows(batches, tokenizers)) == expected
    for x, y, _ in batches:
        assert (x["source"][:, 0] != 0).numpy().all() and (y[:, 0] != 0).numpy().all()


def test_batches_hold_like_lengths():
    pairs = dataset(many())
    for x, y, _ in pair_batches(pairs, *train_tokenizers(pairs), batch_size=7):
        for ids in (x["source"], y):
            lengths = (ids != 0).numpy().sum(1)
            assert lengths.max() <= 1.2 * lengths.min() + 2


@pytest.mark.parametrize(
    "batch_size", [7, *(pytest.param(size, marks=pytest.mark.slow) for size in (1, 64, 1000))]
)
def test_number_of_batches_is_known(batch_size):
    pairs = dataset(many())
    tokenizers = train_tokenizers(pairs)
    batches = pair_batches(pairs, *tokenizers, batch_size, seed=3)
    assert int(batches.cardinality()) == sum(1 for _ in batches)
    assert int(batches.cardinality()) == -(-101 // batch_size)


def test_seed_decides_the_order():
    pairs = dataset(many())
    tokenizers = train_tokenizers(pairs)

    def epochs(seed):
        batches = pair_batches(pairs, *tokenizers, 7, seed=seed)
        return [list(rows(batches, tokenizers)) for _ in range(2)]

    first, second = epochs(3)
    assert first != second and sorted(first) == sorted(second) == sorted(many())
    assert epochs(3) == [first, second]
    assert epochs(5) != [first, second]


def test_epochs_resume_where_they_would_have_been():
    pairs = dataset(many())
    tokenizers = train_tokenizers(pairs)

    def take(first_epoch, number):
        examples = pair_examples(pairs, *tokenizers)
        stream, steps = examples.epochs(7, seed=3, first_epoch=first_epoch)
        batches = list(stream.take(steps * number))
        return [list(rows(batches[i * steps : (i + 1) * steps], tokenizers)) for i in range(number)]

    whole = take(0, 3)
    assert all(sorted(epoch) == sorted(many()) for epoch in whole)
    assert whole[0] != whole[1] != whole[2]
    assert take(1, 2) == whole[1:]


def test_longest_target_counts_the_end():
    tokenizers = train_tokenizers(dataset())
    assert longest_target(dataset(), tokenizers[1]) == 8


def test_a_shared_vocabulary_holds_the_tokens_of_both_sides():
    pairs = dataset([("ab", "b1"), ("a", "2")])
    separate = train_tokenizers(pairs)
    assert [set(each.vocabulary.tokens) for each in separate] == [{"a", "b"}, {"b", "1", "2"}]
    source, target = train_tokenizers(pairs, shared=True, min_count=2)
    assert source is target and set(source.vocabulary.tokens) == {"a", "b"}
    assert set(train_tokenizers(pairs, shared=True)[0].vocabulary.tokens) == {"a", "b", "1", "2"}
