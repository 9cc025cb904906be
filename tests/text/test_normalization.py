"""Small letters in every locale, and NFC, against what Python's own tables say."""

import itertools
import json
import os
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasrnn import Tokenizer, Vocabulary
from kerasrnn.text import SUBWORD, lower, normalize, prepare, split
from kerasrnn.text.unicode_tables import composed_pattern

ALL = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
# Azerbaijani has the rules of Turkish.
LOCALES = ["tr_TR.UTF-8", pytest.param("lt_LT.UTF-8", marks=pytest.mark.slow)]
# What Python and TensorFlow both know; TensorFlow reads a text up to NUL when it lowers it.
CAPITALS = [
    letter
    for letter in ALL[1:0x10000]
    if letter.lower() != letter and unicodedata.category(letter) in ("Lu", "Lt", "Nl", "So")
]
DECOMPOSED = [letter for letter in ALL if unicodedata.normalize("NFD", letter) != letter]
MARKS = [letter for letter in ALL if unicodedata.combining(letter)]


def nfc(text):
    return unicodedata.normalize("NFC", text)


def normalized(texts):
    return [text.decode() for text in normalize(texts).numpy()]


# Letters that compose, several marks of a class, jamo, and what Unicode keeps from composing:
# Bengali, Hebrew, Tibetan, musical symbols.
PIECES = [
    *"aeouAEOİIJjẹo\u0301\u0302\u0303\u0307\u0308\u0323\u0327\u031b\u0328\u0338\u0345\u0344 ?",
    *"\u1100\u1112\u1161\u1175\u11a7\u11a8\u11c2\u11c3\uac00\uac01\ud788\ud7a3",
    *"\u09c7\u09be\u09d7\u09cb\u09af\u09bc\u09df\u05e9\u05c1\u05bc\ufb2c\ufb49\u05b7",
    *"\u0f71\u0f72\u0f73\u0f74\u0f80\u0f81\u0fb2\u0f76\u1025\u102e\u0dd9\u0dcf\u0dca",
    *"\U0001d157\U0001d165\U0001d15e\U0001d16e\u2126\u212b\u00c5\u0374\u2000\uf900\U0002f800",
]
SEQUENCES = st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(MARKS)), max_size=9)


def test_every_code_point_is_composed():
    assert normalized(ALL) == [nfc(letter) for letter in ALL]


def test_every_decomposition_comes_together():
    texts = [f"a{unicodedata.normalize('NFD', each)}\u0323\u0301?" for each in DECOMPOSED]
    assert normalized(texts) == [nfc(text) for text in texts]


def test_texts_of_a_batch_keep_apart():
    texts = ["e", "\u0301", "", "\u1100", "\u1161", "".join(DECOMPOSED), "\u0323", "a\u0323" * 97]
    assert normalized(texts) == [nfc(text) for text in texts]
    assert normalize([texts[:3], texts[3:6]]).shape == (2, 3)
    assert normalize("e\u0301").numpy().decode() == "é"
    assert normalized([]) == []


@settings(max_examples=60)
@given(texts=st.lists(SEQUENCES.map("".join), min_size=41, max_size=83))
def test_marks_and_letters_in_any_order(texts):
    assert normalized(texts) == [nfc(text) for text in texts]


def test_many_marks_behind_one_letter():
    marks = np.random.default_rng(1).choice(MARKS, 4_999)
    text = "e" + "".join(marks) + "\u1100\u1161\u11a8" * 997
    assert normalized([text]) == [nfc(text)]


@pytest.mark.parametrize("level", ["character", "word", "whitespace"])
@settings(max_examples=20)
@given(texts=st.lists(st.binary(max_size=7).map(lambda raw: raw + b"e\xcc\x81 \xff"), min_size=7))
def test_invalid_bytes_are_replaced_as_they_are_in_splitting(level, texts):
    whole = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace").numpy()
    expected = [nfc(text.decode()) for text in whole]
    assert split(normalize(texts), level).to_list() == split(expected, level).to_list()


def test_what_is_composed_already_is_seen_at_a_look():
    """Or texts of these languages would take a hundred times as long."""
    texts = [
        "Straße, déjà vu! Ελλάδα — мой",
        "सभी मनुष्यों को",
        "มนุษย์ทั้งหลายเกิดมา",
        "모든 인간은",
        "Tất cả mọi người",
        "שָׁלוֹם"[:4],
        "日本語",
    ]
    texts = [nfc(text) for text in texts]
    assert tf.strings.regex_full_match(texts, composed_pattern()).numpy().all()
    others = [unicodedata.normalize("NFD", text) for text in texts]
    changed = [text != other for text, other in zip(texts, others, strict=True)]
    matches = tf.strings.regex_full_match(others, composed_pattern()).numpy()
    assert not (matches & changed).any()


@pytest.fixture(scope="module")
def texts_to_lower():
    pieces = itertools.product("IJĮÌÍĨİiΣa", "\u0307\u0300\u0323\u00ad.", "\u0301IΣ ")
    return [*CAPITALS, *("a" + "".join(each) for each in pieces), "ΟΔΥΣΣΕΥΣ TITLE ΣΑΣ."]


def test_letters_are_lowered_as_python_does(texts_to_lower):
    found = [text.decode() for text in lower(texts_to_lower).numpy()]
    expected = [text.lower() for text in texts_to_lower]
    # The newest letters may be unknown to one of two versions of Unicode.
    pairs = list(zip(texts_to_lower, found, expected, strict=True))
    assert not [text for text, a, b in pairs if a not in (b, text)]
    assert sum(a != b for a, b in zip(found, expected, strict=True)) < len(found) / 20


PROGRAM = """
import json, sys
import tensorflow as tf
from kerasrnn.text import lower
print(json.dumps([text.decode() for text in lower(json.loads(sys.stdin.read())).numpy()]))
"""


@pytest.mark.parametrize("locale", LOCALES)
def test_no_locale_changes_small_letters(locale, texts_to_lower):
    """The variable is enough; the locale need not be installed."""
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(texts_to_lower),
        env={**os.environ, "LC_ALL": locale, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    expected = [text.decode() for text in lower(texts_to_lower).numpy()]
    assert json.loads(result.stdout.splitlines()[-1]) == expected


@settings(max_examples=40)
@given(texts=st.lists(SEQUENCES.map("".join), min_size=17, max_size=29))
def test_small_letters_of_composed_texts_are_composed(texts):
    found = [text.decode() for text in prepare(texts, True, "nfc").numpy()]
    assert found == [nfc(text.decode()) for text in lower([nfc(text) for text in texts]).numpy()]


@pytest.mark.parametrize(
    "level, lowercase",
    [("character", False), ("word", True), ("whitespace", True), (SUBWORD, False)],
)
def test_both_forms_of_a_text_are_the_same_tokens(level, lowercase, tmp_path):
    """In Python, in tf.data, in a SavedModel without this package, and as tokens."""
    texts = ["Été", "Ị\u0307 said: naïve Ångström", "각 한국어", "হ\u09cb", ""]
    forms = [[unicodedata.normalize(form, text) for text in texts] for form in ("NFC", "NFD")]
    tokenizer = Tokenizer.train(forms[1], level, lowercase=lowercase)
    assert all(nfc(token) == token for token in tokenizer.vocabulary.tokens)
    expected = tokenizer.encode(forms[0]).to_list()
    assert tokenizer.encode(forms[1]).to_list() == expected
    assert tokenizer.split(forms[1]).to_list() == tokenizer.split(forms[0]).to_list()
    assert tokenizer.decode(tokenizer.pad(tokenizer.encode(forms[1]))).shape == len(texts)
    data = tf.data.Dataset.from_tensor_slices(forms[1]).batch(3).map(tokenizer.encode)
    assert [row for batch in data for row in batch.to_list()] == expected
    words = [list(form) for form in forms]
    assert tf.reduce_all(tokenizer.ids_of(words[0]) == tokenizer.ids_of(words[1]))

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.tokenizer = tokenizer

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        def encode(self, texts: tf.Tensor):
            return self.tokenizer.pad(self.tokenizer.encode(texts))

    tf.saved_model.save(Module(), str(tmp_path))
    served = tf.saved_model.load(str(tmp_path)).encode
    tf.debugging.assert_equal(served(forms[1]), tokenizer.pad(tokenizer.encode(forms[0])))
    assert served(tf.constant([], tf.string)).shape == (0, 1)


def test_without_the_option_texts_are_read_as_they_are():
    tokenizer = Tokenizer(Vocabulary(["é", "e"]))
    assert tokenizer.encode(["é", "e\u0301"]).to_list() == [[4], [5, 1]]


@pytest.mark.parametrize(
    "make",
    [
        lambda: normalize(["a"], "nfkc"),
        lambda: Tokenizer(Vocabulary("a"), normalization="nfkc"),
        lambda: Tokenizer.train(["a"], normalization="nfkc"),
    ],
)
def test_unknown_forms(make):
    with pytest.raises(ValueError, match="one of .*'nfc'.* Received: 'nfkc'"):
        make()
