"""White space and numbers, against what defines them elsewhere."""

import math
import sys

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from kerasrnn.files import WHITE_SPACE, is_blank, number_of, number_text, split_words

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


@pytest.mark.parametrize(
    "value, text",
    [
        (1234400.125, "1234400.125"),
        (np.float32(1234400.125), "1234400.1"),  # whose neighbours are 0.125 away
        (np.float32(0.1), "0.1"),
        (np.float64(np.float32(0.1)), "0.10000000149011612"),
        (np.float32(1e8), "100000000"),
        (1e9 + 0.25, "1000000000.25"),
        (-0.0, "0"),
        (7, "7"),
        (np.int64(2**62), "4611686018427387904"),
        (1.5e-7, "1.5e-07"),
        (1e22, "1e+22"),
        (math.nan, "nan"),
    ],
)
def test_texts_of_numbers(value, text):
    assert number_text(value) == text


@hypothesis.given(st.floats(allow_nan=False) | st.floats(allow_nan=False, width=32))
def test_the_text_of_a_number_reads_as_the_number(value):
    assert float(number_text(value)) == value
    small = np.float32(value) if abs(value) < 3e38 else np.float32(1)
    assert np.float32(number_text(small)) == small
    assert len(number_text(small)) <= len(number_text(float(small)))


@pytest.mark.parametrize(
    "value, digits, text",
    [
        (1234400.125, 6, "1234400"),
        (1234.56789, 6, "1234.57"),
        (-12.3456789, 6, "-12.3457"),
        (0.000123456789, 6, "0.000123457"),
        (9.9999999, 3, "10"),
        (1e300, 6, "1e+300"),
        (np.float32(0.5), 6, "0.5"),
        (0.0, 6, "0"),
        (math.inf, 6, "inf"),
        (123456789, 3, "123456789"),
    ],
)
def test_texts_of_numbers_with_enough_digits(value, digits, text):
    assert number_text(value, digits) == text
