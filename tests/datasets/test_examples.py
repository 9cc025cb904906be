"""Ways into batches: budgets, static shapes, shards, epochs, and padding that is measured."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Vocabulary, datasets, encoder_decoder, language_model
from kerasrnn.datasets import padding_waste

SHARED = pathlib.Path(__file__).parents[3] / "shared"
WORDS = Tokenizer(Vocabulary("abcdefg"), "whitespace")
OPTIONS = [
    {"batch_size": 5},
    {"batch_tokens": 53},
    {"batch_size": 5, "static_shapes": True},
    {"batch_tokens": 53, "static_shapes": True},
]


@pytest.fixture
def texts(rng):
    return [" ".join(rng.choice(list("abcdefg"), size)) for size in rng.integers(1, 31, 47)]


@pytest.fixture
def pairs(texts):
    """Examples of pairs."""
    data = tf.data.Dataset.from_tensor_slices((texts, texts[::-1]))
    return datasets.pair_examples(data, WORDS, WORDS)


def words(ids):
    """The text of ids, by hand: the first word has the id 4, 3 ends a target."""
    return " ".join("abcdefg"[i - 4] for i in ids.tolist() if i not in (0, 3))


def spoken(batches):
    """The pairs of texts that count."""
    found = []
    for x, y, weights in batches:
        source, y, weights = x["source"].numpy(), y.numpy(), weights.numpy()
        counts = weights.any(axis=1)
        np.testing.assert_array_equal(weights[counts], y[counts] != 0)
        found += [(words(source[i]), words(y[i])) for i in np.flatnonzero(counts)]
    return found


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_each_pair_counts_once_and_no_row_is_empty(pairs, texts, options):
    batches = pairs.batches(seed=3, **options)
    kept = list(batches)
    assert len(kept) == int(batches.cardinality())
    assert sorted(spoken(kept)) == sorted(zip(texts, texts[::-1], strict=True))
    model = encoder_decoder(11, 11, units=2, embedding=2)
    for x, y, weights in kept:
        datasets.validate(model, x, y, weights)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("workers", [2, 3])
def test_each_pair_is_in_one_shard(pairs, texts, options, workers):
    shards = [
        pairs.epochs(seed=3, first_epoch=2, shard=(index, workers), **options)
        for index in range(workers)
    ]
    assert len({steps for _, steps in shards}) == 1
    found = [spoken(stream.take(steps)) for stream, steps in shards]
    assert sorted(sum(found, [])) == sorted(zip(texts, texts[::-1], strict=True))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_an_epoch_is_the_same_wherever_a_run_begins(pairs, options):
    stream, steps = pairs.epochs(seed=3, **options)
    whole = list(stream.take(3 * steps))
    later, same = pairs.epochs(seed=3, first_epoch=2, **options)
    assert same == steps
    epochs = [whole[i * steps : (i + 1) * steps] for i in range(3)]
    for one, other in zip(epochs[2], later.take(steps), strict=True):
        for a, b in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
            np.testing.assert_array_equal(a, b)
    assert spoken(epochs[1]) != spoken(epochs[2])


def test_static_shapes_are_few(pairs):
    batches = list(pairs.batches(batch_tokens=53, seed=1, static_shapes=True))
    shapes = {(x["source"].shape, x["target"].shape, y.shape) for x, y, _ in batches}
    assert {tuple(each[0]) for each in shapes} <= {(6, 8), (3, 16), (2, 24), (1, 32)}
    assert all(one == other == third for one, other, third in shapes)


def test_tokens_of_a_batch_keep_to_their_budget(pairs):
    for x, y, _ in pairs.batches(batch_tokens=53, seed=1):
        assert len(y) * max(x["source"].shape[1], y.shape[1]) <= 53


def test_a_shard_without_a_batch_has_one_of_weight_0():
    data = tf.data.Dataset.from_tensor_slices((["a"], ["b"]))
    examples = datasets.pair_examples(data, WORDS, WORDS)
    weights = [next(iter(examples.batches(shard=(i, 2))))[2].numpy().sum() for i in range(2)]
    assert weights == [2, 0]


def test_the_first_examples_alone(pairs, texts, tmp_path):
    first = pairs.cached(tmp_path, "all").take(3).batches(1)
    expected = sorted(zip(texts[:3], texts[::-1][:3], strict=True))
    assert int(first.cardinality()) == 3 and sorted(spoken(first)) == expected
    assert not list(tmp_path.iterdir())


def test_padding_is_counted_by_hand():
    tokens = np.array([[7, 8, 9, 6], [5, 0, 0, 0]])
    y, ones = np.zeros(2), np.ones(2)
    assert padding_waste([]) == 0
    assert padding_waste([(tokens, y, ones)]) == pytest.approx(3 / 8)
    # A row of weight 0 is all padding; so is every false step of a mask.
    assert padding_waste([(tokens, y, np.array([1, 0]))]) == pytest.approx(4 / 8)
    assert padding_waste([({"tokens": tokens}, y, ones), (tokens[:1], y[:1], ones[:1])]) == 0.25
    pair = {"source": tokens, "target": tokens[:, :2]}
    assert padding_waste([(pair, y, np.ones((2, 4)))]) == pytest.approx(4 / 12)
    masked = {"features": np.zeros((2, 4, 1)), "mask": tokens > 0}
    assert padding_waste([(masked, y, np.ones((2, 4)))]) == pytest.approx(3 / 8)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_planned_waste_is_that_of_the_batches(pairs, texts, options):
    assert pairs.padding_waste(**options) == pytest.approx(padding_waste(pairs.batches(**options)))
    data = tf.data.Dataset.from_tensor_slices(texts)
    single = datasets.text_examples(data, WORDS, targets_as_input=True)
    assert single.padding_waste(**options) == pytest.approx(
        padding_waste(single.batches(**options))
    )


@pytest.mark.slow
def test_static_batches_fit_a_compiled_model(texts):
    data = tf.data.Dataset.from_tensor_slices(texts)
    examples = datasets.text_examples(data, WORDS)
    model = language_model(11, cell="simple_rnn", units=3)
    losses = []
    for static in (False, True):
        total = weight = 0.0
        for x, y, weights in examples.batches(batch_tokens=53, static_shapes=static):
            log_probs = tf.nn.log_softmax(model(x))
            total += float(tf.reduce_sum(tf.gather(log_probs, y, batch_dims=2) * weights))
            weight += float(tf.reduce_sum(weights))
        losses.append((total / weight, weight))
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


@pytest.mark.slow
def test_multi30k_is_hardly_padded():
    folder = SHARED / "data" / "multi30k"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    pairs = datasets.text_pairs(folder, features="source=en,target=de")
    tokenizers = datasets.train_tokenizers(pairs, "word", min_count=2)
    examples = datasets.pair_examples(pairs, *tokenizers)
    for options in ({}, {"batch_size": 128}, {"batch_tokens": 2048}):
        assert padding_waste(examples.batches(seed=1, **options)) <= 0.08
        assert examples.padding_waste(**options) <= 0.08


@pytest.mark.slow
def test_imdb_reviews_are_hardly_padded():
    if not (SHARED / "tfds" / "imdb_reviews").is_dir():
        pytest.skip(f"{SHARED / 'tfds' / 'imdb_reviews'} is not there")
    texts = datasets.labelled_texts("imdb_reviews", "train", SHARED / "tfds")
    examples = datasets.labelled_text_examples(texts, WORDS, ["neg", "pos"])
    for options in ({}, {"batch_size": 32}, {"batch_tokens": 16384}):
        assert padding_waste(examples.batches(seed=1, **options)) <= 0.08
        assert examples.padding_waste(**options) <= 0.08
