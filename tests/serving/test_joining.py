"""Requests joined, and answers split and cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.serving.joining import join, padded_size, split, trim


@given(
    st.lists(st.lists(st.lists(st.integers(1, 9), max_size=4), min_size=1, max_size=3), min_size=1)
)
def test_an_answer_does_not_depend_on_what_it_was_joined_with(requests):
    """A model that returns its rows and their lengths gives each request what it sent."""
    inputs = []
    for rows in requests:
        width = max(map(len, rows))
        padded = [row + [0] * (width - len(row)) for row in rows]
        inputs.append(
            {
                "ids": np.array(padded, int).reshape(len(rows), width),
                "length": np.array([len(row) for row in rows]),
            }
        )
    joined = join(inputs)
    assert padded_size(inputs) == sum(array.size for array in joined.values())
    for own, share in zip(inputs, split(joined, list(map(len, requests))), strict=True):
        trimmed = trim(share, {"ids": ["length"]})
        assert trimmed["ids"].tolist() == own["ids"].tolist()
        assert trimmed["length"].tolist() == own["length"].tolist()


def test_padding_of_each_type():
    for value, padding in ((b"a", b""), (True, False), (1.5, 0.0)):
        dtype = object if isinstance(value, bytes) else type(value)
        narrow, wide = np.full((1, 1), value, dtype), np.full((1, 2), value, dtype)
        joined = join([{"x": narrow}, {"x": wide}])["x"]
        assert joined.dtype == dtype
        assert joined.tolist() == [[value, padding], [value, value]]


def test_two_axes_are_cut_and_an_axis_without_length_stays():
    answer = {
        "attention": np.ones((2, 5, 7)),
        "rows": np.array([3, 2]),
        "columns": np.array([1, 6]),
    }
    assert trim(answer, {"attention": ["rows", "columns"]})["attention"].shape == (2, 3, 6)
    assert trim(answer, {"attention": [None, "columns"]})["attention"].shape == (2, 5, 6)


def test_an_answer_narrower_than_its_lengths_is_filled():
    answer = {"tokens": np.zeros((1, 0), object), "length": np.array([1])}
    assert trim(answer, {"tokens": ["length"]})["tokens"].tolist() == [[b""]]


@pytest.mark.parametrize(
    "lengths", [{"nothing": ["length"]}, {"ids": ["nothing"]}, {"ids": ["length", "length"]}, {}]
)
def test_lengths_that_do_not_fit_cut_nothing(lengths):
    answer = {"ids": np.zeros((1, 3)), "length": np.array([2])}
    assert trim(answer, lengths)["ids"].shape == (1, 3)


def test_an_output_without_rows_cannot_be_split():
    with pytest.raises(ValueError, match="Expected 3 rows in the output `x`"):
        split({"x": np.zeros(2)}, [1, 2])
