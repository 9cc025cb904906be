"""What a dry run shows of an example."""

import numpy as np

from kerasrnn.tasks.preview import example_lines
from kerasrnn.vocabulary import Vocabulary

LETTERS = Vocabulary(["a", " ", "\n", "ñ", "漢", "\x00", "l" * 30])


def test_labels_stand_below_the_tokens_that_they_belong_to():
    x = {"tokens": np.array([4, 1, 8]), "characters": np.array([[4, 0], [5, 6], [7, 0]])}
    lines = example_lines(x, np.array([2, 0, 2]), {"tokens": LETTERS, "labels": ["X", "Y", "ZZZ"]})
    assert lines == [
        "tokens      a    <unknown>  漢",
        "            4    1          8",
        "labels      ZZZ  X          ZZZ",
        "            2    0          2",
        "characters  3 × 2 int64 from 0 to 7",
    ]


def test_source_and_target_with_what_follows():
    x = {"source": np.array([5, 6]), "target": np.array([2, 4])}
    names = {"source": LETTERS, "target": LETTERS, "labels": LETTERS}
    assert example_lines(x, np.array([4, 3]), names) == [
        "source  ␣  ⏎",
        "        5  6",
        "target  <begin>  a",
        "        2        4",
        "labels  a        <end>",
        "        4        3",
    ]


def test_a_class_numbers_and_images():
    names = {"tokens": LETTERS, "labels": ["no", "yes"]}
    assert example_lines({"tokens": np.array([9])}, np.array(1), names)[-1] == "label   yes (1)"
    x = {"features": np.full((3, 5, 1), 0.25), "mask": np.ones(3, bool)}
    assert example_lines(x, np.array([0, 1, 1]), {"labels": ["no", "yes"]}) == [
        "features  3 × 5 × 1 float64 from 0.25 to 0.25",
        "labels    no  yes  yes",
        "          0   1    1",
    ]
    assert example_lines(x, np.array([0.5, -2.0]), {})[1:] == ["labels    0.5  -2"]


def test_what_is_long_is_cut_and_counted():
    (tokens, ids, label) = example_lines(
        {"tokens": np.full(97, 10)}, np.array(0), {"tokens": LETTERS, "labels": ["x"]}
    )
    assert tokens.count("l" * 19 + "…") == ids.count("10") == 2
    assert tokens.endswith("… 97 in all") and max(map(len, (tokens, ids, label))) <= 75
    (tokens, *_) = example_lines({"tokens": np.array([9])}, np.array(0), {"tokens": LETTERS})
    assert tokens == "tokens  ·"
