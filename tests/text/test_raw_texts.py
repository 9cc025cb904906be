"""Texts to train on in every form that people have them in."""

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tokenizer

TEXTS = ["a b", "b c", "é b", "", "c"]
DATA = tf.data.Dataset.from_tensor_slices(TEXTS)


class Column:
    """What a table's column gives to Python: an iterable, and no list."""

    def __iter__(self):
        return iter(TEXTS)


FORMS = {
    "list": TEXTS,
    "bytes": [text.encode() for text in TEXTS],
    "generator": (text for text in TEXTS),
    "array": np.array(TEXTS),
    "array of objects": np.array(TEXTS, object),
    "column": Column(),
    "tensor": tf.constant(TEXTS),
    "data set": DATA,
    "data set in batches": DATA.batch(3),
    "iterator": DATA.as_numpy_iterator(),
    "batches": [TEXTS[:2], tf.constant(TEXTS[2:])],
    "arrays": [np.array(TEXTS[:2]), np.array(TEXTS[2:], object)],
    "both": [TEXTS[:3], *TEXTS[3:]],
}


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_of_texts_are_the_same_texts(form):
    vocabulary = Tokenizer.train(FORMS[form], "word").vocabulary
    assert (vocabulary.tokens, vocabulary.counts) == (("b", "c", "a", "é"), (3, 2, 1, 1))


def test_more_texts_than_are_split_at_once():
    texts = (f"word{i % 3}" for i in range(2_503))
    assert Tokenizer.train(texts, "word").vocabulary.counts == (835, 834, 834)
    assert len(Tokenizer.train([], "word").vocabulary) == 4


def test_what_no_utf_8_can_hold_is_a_question_mark():
    assert Tokenizer.train(["a\ud800"]).vocabulary.tokens == ("?", "a")


@pytest.mark.parametrize(
    "texts, message",
    [
        ("ab", "a list of texts. Received: .*'ab'"),
        (b"ab", "a list of texts. Received: .*b'ab'"),
        (None, "a list of texts. Received: None"),
        (["a", None], "Received: None at place 1"),
        (["a", float("nan")], "Received: nan at place 1"),
        ([["a", float("nan")]], "Received: nan at place 1"),
        (np.array(["a", None], object), "Received: None at place 1"),
        ({"text": TEXTS}, "one column of a table. Received: dict"),
        (tf.data.Dataset.range(3), "a data set of strings. Received: .*int64"),
        (tf.data.Dataset.zip((DATA, DATA)), "a data set of strings. Received: "),
    ],
)
def test_what_is_no_text_is_said_in_a_sentence(texts, message):
    with pytest.raises(ValueError, match=message):
        Tokenizer.train(texts)
