"""White space and numbers, against what defines them elsewhere."""

import math
import sys

import hypothesis
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from kerasrnn.files import WHITE_SPACE, is_blank, number_of, split_words

LETTERS = [*WHITE_SPACE, *"ab\x1c\x1d\x1e\x1f\x85\xa0\u2003\u2028\u3000\u200b"]


@hypothesis.given(st.text(st.sampled_from(LETTERS)))
def test_words_are_those_of_tensorflow(text):
    expected = [word.decode() for word in tf.strings.split(text).numpy()]
    assert split_words(text) == expected
    assert is_blank(text) == (not expected)


def test_every_white_space_is_one():
    spaces = [chr(i) for i in range(sys.maxunicode + 1) if chr(i).isspace()]
    assert [each for each in spaces if is_blank(each)] == sorted(WHITE_SPACE)
    assert {each for each in spaces if split_words(f"a{each}b") == ["a", "b"]} == set(WHITE_SPACE)


@pytest.mark.parametrize("text", ["1", "-1.5", "+.5", "5.", "1e5", "1.5E-07", " 2\t", "0010"])
def test_numbers(text):
    assert number_of(text) == float(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "nan", "inf", "-Infinity", "1_000", "1,5", "1 0", "\u0661", "0x1", "1e", "."],
)
def test_what_is_no_number(text):
    assert number_of(text) is None


def test_a_number_may_be_too_large():
    assert math.isinf(number_of("1e999"))
