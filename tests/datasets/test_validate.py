"""What `fit` cannot check."""

import numpy as np
import pytest

from kerasrnn import encoder_decoder
from kerasrnn.datasets import validate


@pytest.fixture(scope="module")
def model():
    return encoder_decoder(11, 13, units=2, embedding=3)


def good():
    x = {
        "source": np.array([[5, 6, 0], [10, 4, 7]]),
        "target": np.array([[2, 4, 5, 0, 0], [2, 4, 12, 6, 7]]),
    }
    y = np.array([[4, 5, 3, 0, 0], [4, 12, 6, 7, 3]])
    return x, y, (y != 0).astype("float32")


def test_a_good_batch_passes(model):
    validate(model, *good())
    x, y, _ = good()
    validate(model, x, y, np.ones(2))


def broken(change):
    x, y, weights = good()
    return change(x, y, weights) or (x, y, weights)


BREAKAGES = {
    "left padding": (
        lambda x, y, w: x["source"].__setitem__((0, 0), 0),
        "`source` to be padded on the right only.*row 0",
    ),
    "hole": (lambda x, y, w: x["target"].__setitem__((1, 2), 0), "row 1"),
    "empty row": (lambda x, y, w: x["source"].__setitem__(0, 0), "one token.*row 0"),
    "id too large": (
        lambda x, y, w: x["source"].__setitem__((1, 0), 11),
        "ids of `source` from 0 to 10. Received: 0 to 11",
    ),
    "negative id": (lambda x, y, w: x["target"].__setitem__((1, 1), -1), "Received: -1 to"),
    "label too large": (lambda x, y, w: y.__setitem__((1, 1), 13), "from 0 to 12. Received: 0 to"),
    "missing input": (lambda x, y, w: x.pop("target") is None, "Expected the inputs"),
    "float ids": (
        lambda x, y, w: x.__setitem__("source", x["source"] * 1.0),
        r"integer ids \(B, T\)",
    ),
    "flat ids": (lambda x, y, w: x.__setitem__("source", x["source"][0]), r"integer ids \(B, T\)"),
    "label shape": (lambda x, y, w: (x, y[:, :3], w[:, :3]), r"\(2, 5\). Received: \(2, 3\)"),
    "weight shape": (lambda x, y, w: (x, y, w[:, :3]), r"Received: \(2, 3\)"),
}


@pytest.mark.parametrize("change, message", BREAKAGES.values(), ids=BREAKAGES)
def test_a_bad_batch_is_named(model, change, message):
    with pytest.raises(ValueError, match=message):
        validate(model, *broken(change))
