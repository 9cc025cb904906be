"""Counting in bounded memory gives what counting at once gives."""

import collections

import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Vocabulary
from kerasrnn.text import count_tokens

TOKENS = ["é", "a", "ab", "b", "\n", "10 2\n", "a", "é", "ab", "\U0001f600", "\x00", "a\n", "￭,"]


def batches(rng, number=37):
    # Not by `rng.choice`, whose strings end before a NUL.
    return [[TOKENS[i] for i in rng.integers(len(TOKENS), size=11)] for _ in range(number)]


@pytest.mark.parametrize("held", [1, 3, 1000])
@pytest.mark.parametrize("min_count, max_number", [(1, None), (30, None), (1, 5), (40, 2)])
def test_counts_are_exact_however_few_are_held(rng, held, min_count, max_number):
    texts = batches(rng)
    counts = collections.Counter(token for batch in texts for token in batch)
    kept = [item for item in counts.items() if item[1] >= min_count]
    kept = sorted(kept, key=lambda item: (-item[1], item[0]))[:max_number]
    encoded = [[token.encode("utf-8") for token in batch] for batch in texts]
    assert count_tokens(encoded, min_count, max_number, held) == dict(kept)


def test_a_vocabulary_is_that_of_all_tokens_at_once():
    texts = [["the cat", "the end end"], ["a cat", ""]]
    expected = Vocabulary.build("the cat the end end a cat".split(), 2, 6)
    vocabulary = Tokenizer.train(texts, "whitespace", min_count=2, max_size=6).vocabulary
    assert vocabulary == expected and vocabulary.counts == expected.counts
    assert vocabulary.tokens == ("cat", "end")
    data = tf.data.Dataset.from_tensor_slices(texts)
    assert Tokenizer.train(data, "whitespace", 2, 6).vocabulary == expected


def test_wrong_limits_are_refused():
    for options in ({"min_count": 0}, {"max_size": 4}, {"max_size": 5.5}):
        with pytest.raises(ValueError, match=f"`{next(iter(options))}`"):
            Tokenizer.train([["a"]], **options)
