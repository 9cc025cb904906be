"""Examples of word vectors: pairs, windows, draws and what is left out, by brute force."""

import collections

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Vocabulary
from kerasrnn.checks import UserError
from kerasrnn.datasets import Noise, WordContexts, keep_probabilities, running_words
from kerasrnn.datasets.contexts.word_contexts import word_pairs, word_windows

LENGTHS = (7, 1, 3, 11)


def some_words(seed=3):
    rng = np.random.default_rng(seed)
    ids = rng.integers(4, 17, sum(LENGTHS)).astype(np.int32)
    texts = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
    return ids, texts, rng.integers(1, 6, len(ids))


def neighbours(texts, reach):
    """By brute force the places of the neighbours of each place."""
    number = len(texts)
    return [
        [j for j in range(number) if j != i and abs(i - j) <= reach[i] and texts[i] == texts[j]]
        for i in range(number)
    ]


def test_pairs_are_those_of_brute_force():
    ids, texts, reach = some_words()
    words, found = word_pairs(ids, texts, reach, 5)
    expected = [(ids[i], ids[j]) for i, near in enumerate(neighbours(texts, reach)) for j in near]
    assert words.shape == (len(expected), 1)
    pairs = zip(words[:, 0].tolist(), found.tolist(), strict=True)
    assert collections.Counter(pairs) == collections.Counter(
        map(tuple, np.array(expected).tolist())
    )


def test_windows_are_those_of_brute_force():
    ids, texts, reach = some_words()
    context, words = word_windows(ids, texts, reach, 5)
    rows = [(i, near) for i, near in enumerate(neighbours(texts, reach)) if near]
    assert words.tolist() == [ids[i] for i, _ in rows] and len(rows) == len(ids) - 1
    for row, (_, near) in zip(context, rows, strict=True):
        assert row.shape == (10,) and [n for n in row.tolist() if n] == ids[near].tolist()


@pytest.mark.parametrize("find", [word_pairs, word_windows])
def test_no_words_have_no_neighbours(find):
    nothing = np.zeros(0, np.int32)
    context, words = find(nothing, nothing, nothing, 3)
    assert len(context) == len(words) == 0


def test_noise_is_drawn_by_counts_to_the_power_of_three_quarters():
    counts = np.array([0, 0, 0, 0, 700, 130, 29, 3, 1, 1, 0])
    noise, number = Noise(counts), 400_000
    expected = counts**0.75 / (counts**0.75).sum()
    np.testing.assert_allclose(noise.probabilities, expected)
    drawn = noise.draw(np.random.default_rng(1), (number // 5, 5))
    found = np.bincount(drawn.ravel(), minlength=len(counts))
    assert not found[counts == 0].any()
    error = np.sqrt(number * expected * (1 - expected))
    assert (np.abs(found - number * expected) <= 4 * error).all()
    with pytest.raises(UserError, match="Expected counts of words that occur"):
        Noise([0, 0])


def test_frequent_words_stay_by_the_formula_of_the_paper():
    counts, t = [9_000, 900, 99, 1], 0.01
    fractions = [count / 10_000 for count in counts]
    expected = [1 - max(0.0, 1 - (t / f) ** 0.5) for f in fractions]
    np.testing.assert_allclose(keep_probabilities(counts, t), expected)
    assert keep_probabilities(counts, 0).tolist() == [1.0] * 4
    with pytest.raises(UserError, match="subsample"):
        keep_probabilities(counts, 1.5)


def contexts(architecture="skip_gram", subsample=0.0, texts=None):
    texts = ["a b c a b", "c", "b ? a b c a a", "a c"] if texts is None else texts
    tokenizer = Tokenizer(Vocabulary(["a", "b", "c"], [6, 4, 4]), "whitespace")
    running = running_words(tf.data.Dataset.from_tensor_slices(texts), tokenizer)
    counts = [0] * 4 + [6, 4, 4]
    return running, WordContexts(running, counts, architecture, 2, 3, subsample)


def test_words_that_the_vocabulary_lacks_are_left_out():
    running, _ = contexts()
    assert running.left_out == 1
    assert running.starts.tolist() == [0, 5, 6, 12, 14]
    assert running.ids[6:12].tolist() == [5, 4, 5, 6, 4, 4]


@pytest.mark.parametrize("architecture", ["skip_gram", "cbow"])
def test_a_batch_depends_on_seed_and_place_alone(architecture):
    running, made = contexts(architecture)
    size, steps = 5, 3
    assert made.steps(size) == steps
    stream = list(made.epochs(size, seed=7).take(3 * steps).as_numpy_iterator())
    later = list(made.epochs(size, seed=7, first_epoch=1).take(2 * steps).as_numpy_iterator())
    for one, other in zip(stream[steps:], later, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, one, other)
    orders = [np.concatenate([b[0]["candidates"][:, 0] for b in stream[i : i + 3]]) for i in (0, 3)]
    assert orders[0].tolist() != orders[1].tolist()
    for x, y, weights in stream:
        assert x["candidates"].shape == (len(y), 4) and not y.any() and (weights == 1).all()
        assert x["context"].shape == (len(y), 1 if architecture == "skip_gram" else 4)
        assert x["candidates"].min() >= 4


def test_each_word_is_the_right_one_once_in_an_epoch_of_cbow():
    running, made = contexts("cbow")
    batches = list(made.epoch(100, [1]))
    right = np.concatenate([x["candidates"][:, 0] for x, *_ in batches])
    # All but the word that is alone in its text.
    assert sorted(right.tolist()) == sorted(np.delete(running.ids, 5).tolist())


def test_a_batch_without_a_pair_weighs_nothing():
    _, made = contexts(texts=["a", "b"])
    ((x, y, weights),) = made.epoch(7, [1])
    assert x["context"].tolist() == [[0]] and y.tolist() == [0] and weights.tolist() == [0]


def test_subsampling_leaves_frequent_words_out():
    text = ["a " * 500 + "b " * 3] * 3
    tokenizer = Tokenizer(Vocabulary(["a", "b"], [1500, 9]), "whitespace")
    running = running_words(tf.data.Dataset.from_tensor_slices(text), tokenizer)
    made = WordContexts(running, [0, 0, 0, 0, 1500, 9], "cbow", 1, 1, 0.02)
    right = np.concatenate([x["candidates"][:, 0] for x, *_ in made.epoch(97, [1])])
    expected = 1500 * np.sqrt(0.02 / (1500 / 1509))
    assert abs((right == 4).sum() - expected) < 4 * np.sqrt(expected)
    assert (right == 5).sum() >= 8  # one may be alone at the end of a batch


@pytest.mark.parametrize("wrong", [{"window": 0}, {"negatives": 0}, {"architecture": "glove"}])
def test_wrong_arguments(wrong):
    running, _ = contexts()
    with pytest.raises(UserError, match=next(iter(wrong))):
        WordContexts(running, [0] * 4 + [6, 4, 4], **wrong)
