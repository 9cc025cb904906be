"""Tokenisation both ways: eagerly, in tf.data, inside a SavedModel."""

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.files import WHITE_SPACE, split_words
from kerasrnn.text import LEVELS, Tokenizer, join, of_many_scripts, split
from kerasrnn.vocabulary import BEGIN, END, UNKNOWN, Vocabulary

HARD = {
    "newline": "one\ntwo\r\n\u2028three",
    "NUL": "a\x00b \x00 c",
    "emoji": "so 😀👩‍👩‍👧 good",
    "right to left": "שלום, עולם! مرحبا",
    "combining": "e\u0301te\u0301 हिन्दी",
    "long": "ab, c " * 1_667,
    "spaces": "  a  b\t\t c   ",
    "empty": "",
    "only punctuation": "... ?!",
    "reserved name": "<end> <padding>",
}
MARKS = "￭▁\ue000"


@pytest.mark.parametrize("level", ["character", "word"])
@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_hard_texts_go_through_unharmed(level, text):
    tokenizer = Tokenizer.train([[text, "another one"]], level, normalization="none")
    ids = tokenizer.encode([text, "another one"])
    if text:
        assert UNKNOWN not in ids.to_list()[0]
        decoded = tokenizer.decode(tokenizer.pad(ids)).numpy()
        assert [each.decode() for each in decoded] == [text, "another one"]


@pytest.mark.parametrize("level", ["character", "word"])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters=MARKS)))
def test_join_is_the_inverse_of_split(level, text):
    tokens = split([text], level)
    assert b"" not in tokens.to_list()[0]
    assert join(tokens, level).numpy()[0].decode() == text


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Hello, world (yes)!", "Hello ￭, world (￭ yes ￭) ￭!"),
        ("a,b", "a ￭,￭ b"),
        ("it's 3.5 %", "it ￭'￭ s 3 ￭.￭ 5 %"),
        ("snake_case x", "snake_case x"),
        ("naïve Straße", "naïve Straße"),
        ("a  b", "a ▁￭ b"),
    ],
)
def test_words(text, expected):
    got = [token.decode() for token in split([text], "word").to_list()[0]]
    assert got == expected.split(" ")


def test_whitespace_level_leaves_tokens_alone():
    tokens = split(["  the <unk> n't\t'd  "], "whitespace")
    assert tokens.to_list() == [[b"the", b"<unk>", b"n't", b"'d"]]
    assert join(tokens, "whitespace").numpy()[0] == b"the <unk> n't 'd"


def test_invalid_utf8_becomes_the_replacement_character():
    for level in LEVELS:
        tokens = split([b"a\xff b"], level)
        assert "\ufffd" in b"".join(tokens.to_list()[0]).decode("utf-8")


@pytest.mark.parametrize("level", LEVELS)
def test_what_encode_returns_can_be_decoded(level):
    tokenizer = Tokenizer.train([["a bc", "b"]], level, normalization="none")
    ids = tokenizer.encode(["a bc", "b"])
    assert tokenizer.decode(ids).numpy().tolist() == [b"a bc", b"b"]
    assert tokenizer.decode(ids[:0]).numpy().tolist() == []


@pytest.mark.parametrize(
    "ids, shape", [([4, 5], r"\(2,\)"), (4, r"\(\)"), ([[[4]]], r"\(1, 1, 1\)")]
)
def test_ids_of_another_shape_are_not_decoded(ids, shape):
    with pytest.raises(ValueError, match=rf"of shape \(batch, steps\).*Received: {shape}"):
        Tokenizer(Vocabulary("abc")).decode(ids)


def test_known_unknown_and_empty():
    tokenizer = Tokenizer(Vocabulary("abc"))
    assert tokenizer.encode(["cab", "x", ""]).to_list() == [[6, 4, 5], [UNKNOWN], [UNKNOWN]]
    assert tokenizer.decode([[BEGIN, 4, UNKNOWN, END, 0]]).numpy()[0] == b"a<unknown>"
    assert tokenizer.pad(tokenizer.encode(["cab", ""])).numpy().tolist() == [[6, 4, 5], [1, 0, 0]]
    assert tokenizer.pad(tokenizer.encode(tf.constant([], tf.string))).shape == (0, 1)


def test_vocabulary_of_nothing_knows_nothing():
    tokenizer = Tokenizer(Vocabulary([]))
    assert tokenizer.encode(["ab"]).to_list() == [[UNKNOWN, UNKNOWN]]


@pytest.mark.parametrize("level", LEVELS)
def test_same_in_tf_data(level):
    texts = ["one two, three", "", "4"]
    tokenizer = Tokenizer.train([texts], level)
    data = tf.data.Dataset.from_tensor_slices(texts).batch(2).map(tokenizer.encode)
    ids = [row for batch in data for row in batch.to_list()]
    assert ids == tokenizer.encode(texts).to_list()


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("level", LEVELS)
def test_same_in_a_saved_model(tmp_path, level, lowercase):
    known = [text for text in HARD.values() if text]
    tokenizer = Tokenizer.train([known], level, lowercase=lowercase)

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.tokenizer = tokenizer

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def round_trip(self, text: tf.Tensor):
            ids = self.tokenizer.pad(self.tokenizer.encode(text))
            return {"ids": ids, "text": self.tokenizer.decode(ids)}

    texts = tf.constant(list(HARD.values()))
    expected = tokenizer.pad(tokenizer.encode(texts))
    tf.saved_model.save(Module(), str(tmp_path / "export"))
    outputs = tf.saved_model.load(str(tmp_path / "export")).round_trip(texts)
    tf.debugging.assert_equal(outputs["ids"], expected)
    tf.debugging.assert_equal(outputs["text"], tokenizer.decode(expected))


def test_training_options():
    tokenizer = Tokenizer.train([["a a b", "a c c"]], "whitespace", min_count=2, max_size=5)
    assert tokenizer.vocabulary.tokens == ("a",)


@pytest.mark.parametrize("level", LEVELS)
def test_small_letters_of_all_scripts(level):
    texts = [text for text in HARD.values() if text] + ["Ein ÄRGER, ΟΔΟΣ Ёлка 5", b"A\xff"]
    upper = Tokenizer.train([[text.upper() for text in texts]], level, lowercase=True)
    lower = Tokenizer.train([[text.lower() for text in texts]], level)
    given = ["Ärger ЁЛКА", "οδοσ", b"A\xff b"]
    small = ["ärger ёлка", "οδοσ", b"a\xff b"]
    assert upper.encode(given).to_list() == upper.encode(small).to_list()
    assert upper.split(given).to_list() == lower.split(small).to_list()
    words = [["Ein", "ËN"]]
    assert upper.ids_of(words).numpy().tolist() == upper.ids_of([["ein", "ën"]]).numpy().tolist()
    assert upper.key() != Tokenizer(upper.vocabulary, level).key()
    assert UNKNOWN not in upper.encode(["Ein ЁЛКА"]).to_list()[0]


@pytest.mark.parametrize("make", [split, join, lambda _, level: Tokenizer(Vocabulary("a"), level)])
def test_unknown_level(make):
    with pytest.raises(ValueError, match="one of .*'character'.* Received: 'syllable'"):
        make(["a"], "syllable")


def test_examples_of_many_scripts():
    texts = ["1/2", "may", "june", "мая", "Μαΐου", "5月"]
    assert of_many_scripts(texts, 4) == ["may", "мая", "Μαΐου", "5月"]
    assert of_many_scripts(texts, 9) == ["may", "мая", "Μαΐου", "5月", "june", "1/2"]


def test_white_space_is_what_it_is_in_files():
    texts = [f"a{chr(i)}b" for i in range(0x3100) if not 0xD800 <= i < 0xE000] + [
        " a\v\tb\r\n",
        " ",
    ]
    found = split(texts, "whitespace").to_list()
    expected = [split_words(text) for text in texts]
    assert [[token.decode() for token in row] for row in found] == expected
    assert sum(len(row) == 2 for row in expected) == len(WHITE_SPACE) + 1
