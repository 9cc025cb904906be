"""Forms of other widths and invisible characters, against the names that Unicode gives them."""

import sys
import unicodedata

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasrnn import Tokenizer
from kerasrnn.text import lower, normalize, prepare

ALL = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
# Soft hyphen, zero-width space, word joiner, byte-order mark.
INVISIBLE = "\u00ad\u200b\u2060\ufeff"
# Names that do not say which character of usual width is meant.
OTHERS = {
    "\u3000": " ",
    "ﾞ": "\u3099",
    "ﾟ": "\u309a",
    "￨": "│",
    "･": "・",
    "ｰ": "ー",
    "ﾠ": "\u3164",
}


def of_usual_width(letter):
    name = unicodedata.name(letter, "")
    if letter in INVISIBLE or letter in OTHERS:
        return OTHERS.get(letter, "")
    if name.startswith(("FULLWIDTH ", "HALFWIDTH ")):
        return unicodedata.lookup(name.split(" ", 1)[1])
    return letter


def nfc_width(text):
    return unicodedata.normalize("NFC", "".join(map(of_usual_width, text)))


def normalized(texts):
    return [text.decode() for text in normalize(texts, "nfc_width").numpy()]


def test_every_code_point_gets_its_usual_width():
    assert normalized(ALL) == [nfc_width(letter) for letter in ALL]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Ｎｏ．１２　ａｂｃ", "No.12 abc"),
        ("ｶﾞｷﾞﾊﾟｰｱ", "ガギパーア"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark\u2060", "softhyphen zerowidth mark"),
        ("می\u200cخواهم 👩\u200d👧", "می\u200cخواهم 👩\u200d👧"),
        ("½ ① ㌔ ﬁ ㅋㅋㅠ", "½ ① ㌔ ﬁ ㅋㅋㅠ"),  # NFKC changes these
        ("e\u200b\u0301", "é"),
        ("Ａ\u030a", "Å"),
        ("", ""),
        ("\ufeff", ""),
        ("￥￦", "¥₩"),
    ],
)
def test_what_becomes_of_texts(text, expected):
    assert normalized([text, "plain"]) == [expected, "plain"]
    assert normalized([expected]) == [expected]


PIECES = [*"ｶﾞﾟ　Ａａ１．ﾡｱｰ￥e\u0301\u3099か ㍍½", *INVISIBLE, "\u200c", "\u200d", "\U0002f800"]
SEQUENCES = st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(ALL)), max_size=9)


@settings(max_examples=40)
@given(texts=st.lists(SEQUENCES.map("".join), min_size=17, max_size=23))
def test_mixed_sequences(texts):
    assert normalized(texts) == [nfc_width(text) for text in texts]
    small = [text.decode() for text in prepare(texts, True, "nfc_width").numpy()]
    assert small == [nfc_width(text.decode()) for text in lower(normalized(texts)).numpy()]


def test_invalid_bytes_become_the_replacement_character():
    assert normalize([b"\xef\xbc\xa1\xff", b"a\xff"], "nfc_width").numpy().tolist()[0] == (
        "A\ufffd".encode()
    )


@pytest.mark.parametrize("level", ["character", "word", "whitespace"])
def test_forms_are_the_same_tokens_in_a_saved_model(level, tmp_path):
    usual = ["No. 12: カガパ", "Ab 가 \u200d", "", "x y"]
    other = ["Ｎｏ．　１２：\u2060 ｶｶﾞﾊﾟ", "Ａb\u200b 가 \u200d", "\u200b", "x\u3000y"]
    tokenizer = Tokenizer.train(other, level, normalization="nfc_width")
    expected = tokenizer.encode(usual).to_list()
    assert tokenizer.encode(other).to_list() == expected
    plain = Tokenizer(tokenizer.vocabulary, level, normalization="nfc")
    assert plain.encode(other).to_list() != expected
    tokenizer.save(tmp_path)
    assert Tokenizer.load(tmp_path).encode(other).to_list() == expected

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.tokenizer = tokenizer

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        def encode(self, texts: tf.Tensor):
            return self.tokenizer.pad(self.tokenizer.encode(texts))

    tf.saved_model.save(Module(), str(tmp_path / "export"))
    served = tf.saved_model.load(str(tmp_path / "export")).encode
    tf.debugging.assert_equal(served(other), tokenizer.pad(tokenizer.encode(usual)))
