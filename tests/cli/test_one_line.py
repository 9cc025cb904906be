"""An answer is a line of a terminal, and stays what it is."""

import pytest

from kerasrnn.cli.one_line import one_line


@pytest.mark.parametrize("text", ["a\u2028b", "a\x85b", "a\xa0b\x1cc", "", " a  b "])
def test_what_ends_no_line_stays(text):
    assert one_line(text) == text


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb\n", "a\x0cb", "a\vb"])
def test_what_ends_a_line_is_a_space(text):
    assert one_line(text) == "a b"
