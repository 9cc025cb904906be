"""Words and what stands around them, against slices of lists."""

import keras
import numpy as np
import pytest

from kerasrnn import Vocabulary, cbow
from kerasrnn.datasets import cbow_examples, validate
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import UNKNOWN

WORDS = [f"w{i}" for i in range(7)]
V = len(WORDS) + 4


def tokenizer():
    return Tokenizer(Vocabulary(WORDS), "word")


def texts(number):
    rng = np.random.default_rng(5)
    lengths = [0, 1, 2, *rng.integers(0, 11, number)]
    return [" ".join(f"w{i}" for i in rng.integers(0, 9, length)) for length in lengths]


def by_hand(text, window):
    """What `word2vec` does at each place, but for its random windows."""
    ids = [WORDS.index(word) + 4 if word in WORDS else UNKNOWN for word in text.split()]
    if len(ids) < 2:
        return []
    rows = []
    for i, word in enumerate(ids):
        left, right = ids[max(0, i - window) : i], ids[i + 1 : i + 1 + window]
        left = [0] * (window - len(left)) + left
        right = right + [0] * (window - len(right))
        rows.append(([*left, *right], word))
    return rows


@pytest.mark.parametrize("window", [1, 2, 13])
def test_contexts_are_slices_of_each_text(window):
    given = texts(31)
    expected = [row for text in given for row in by_hand(text, window)]
    assert len(expected) > 100
    got = []
    examples = cbow_examples(given, tokenizer(), window)
    for context, y, weights in examples.batches(17):
        assert context.dtype == y.dtype == "int32" and weights.dtype == "float32"
        assert context.shape[1] == 2 * window and np.all(weights == 1)
        got += zip(context.numpy().tolist(), y.numpy().tolist(), strict=True)
    assert got == expected
    assert examples.padding_waste(17) == 0


def test_a_model_takes_the_batches():
    context, y, weights = next(iter(cbow_examples(texts(3), tokenizer(), 2).batches(64)))
    model = cbow(V, window=2, embedding=3)
    validate(model, context, y, weights)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert np.isfinite(loss(y, model(context)))


def test_texts_without_a_context_give_no_example():
    assert len(cbow_examples(["", "w1", "new"], tokenizer(), 3).store) == 0


def test_a_window_of_nothing():
    with pytest.raises(ValueError, match="`window` to be an integer of at least 1"):
        cbow_examples(["w1 w2"], tokenizer(), 0)
