"""A user's own weights of texts, images, pairs and tokens reach `fit`; padding has none."""

import numpy as np
import tensorflow as tf

from kerasrnn.datasets import (
    labelled_image_examples,
    labelled_text_examples,
    pair_examples,
    tagged_examples,
)
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import Vocabulary

WEIGHTS = [0.5, 2.0, 7.0]
LETTERS = Tokenizer(Vocabulary("abc"))


def only(examples):
    (batch,) = examples.batches(5)
    return [np.asarray(part) if not isinstance(part, dict) else part for part in batch]


def by_row(values, weights):
    """Rows are sorted by their lengths, and found again by their values."""
    return dict(
        zip(map(str, np.asarray(values).tolist()), np.asarray(weights).tolist(), strict=True)
    )


def test_texts():
    data = tf.data.Dataset.from_tensor_slices((["a", "bc", "abc"], ["x", "y", "x"], WEIGHTS))
    tokens, _, weights = only(labelled_text_examples(data, LETTERS, ["x", "y"]))
    assert weights.dtype == np.float32
    assert by_row(tokens, weights) == {"[4, 0, 0]": 0.5, "[5, 6, 0]": 2.0, "[4, 5, 6]": 7.0}


def test_images():
    images = np.arange(3, dtype="uint8").reshape(3, 1, 1, 1)
    data = tf.data.Dataset.from_tensor_slices((images, ["x", "y", "x"], np.array([1, 2, 3])))
    x, _, weights = only(labelled_image_examples(data, ["x", "y"]))
    numbers = np.round(np.asarray(x["features"])[:, 0, 0] * 255).astype(int)
    assert by_row(numbers, weights) == {"0": 1, "1": 2, "2": 3}


def test_pairs():
    data = tf.data.Dataset.from_tensor_slices((["a", "b", "c"], ["", "ab", "b"], WEIGHTS))
    x, labels, weights = only(pair_examples(data, LETTERS, LETTERS))
    expected = {"4": 0.5, "5": 2.0, "6": 7.0}
    for source, row, row_weights in zip(np.asarray(x["source"]), labels, weights, strict=True):
        np.testing.assert_array_equal(row_weights, expected[str(source[0])] * (row != 0))


def test_tokens():
    rows = [["a"], ["b", "c", "a"]]
    given = [[0.5], [2.0, 0.0, 3.0]]
    parts = [tf.ragged.constant(each) for each in (rows, [["x"], ["x", "y", "x"]], given)]
    data = tf.data.Dataset.from_tensor_slices(tuple(parts))
    data = data.map(lambda *parts: tuple(tf.reshape(part, [-1]) for part in parts))
    for characters in (None, LETTERS):
        x, _, weights = only(tagged_examples(data, LETTERS, ["x", "y"], characters))
        tokens = x if characters is None else np.asarray(x["tokens"])
        assert by_row(tokens, weights) == {"[4, 0, 0]": [0.5, 0, 0], "[5, 6, 4]": [2, 0, 3]}
