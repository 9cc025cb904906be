"""Which level text pairs get where none is given."""

import importlib.util

import pytest
import tensorflow as tf

from kerasrnn.tasks.translate.pair_level import level_of


def pairs(rows):
    return tf.data.Dataset.from_tensor_slices(tuple(map(list, zip(*rows, strict=True))))


WORDS = "walk run look jump turn left right twice thrice around and after opposite".split()
COMMANDS = [
    (" ".join(WORDS[(i * k) % 13] for k in range(1, 12)), " ".join(WORDS[: i % 7 + 6]))
    for i in range(211)
]
PROSE = [
    (f"{i} word{i} of a sentence that has many words, number{7 * i}", f"x{i}" * 11)
    for i in range(211)
]


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        ([("4 mars 2021", "2021-03-04")] * 7, "character"),
        ([("a" * 30, "b" * 30)] * 7, "character"),
        (COMMANDS, "word"),
        (PROSE, "subword"),
        # Both sides count.
        ([(source, "y" * 3) for source, _ in COMMANDS], "word"),
        (
            [(source, target) for (source, _), (_, target) in zip(COMMANDS, PROSE, strict=True)],
            "subword",
        ),
    ],
    ids=["dates", "at the border", "commands", "prose", "short answers", "other answers"],
)
def test_the_level_follows_the_texts(rows, level):
    assert level_of(pairs(rows)) == level


def test_characters_are_counted_and_not_bytes():
    assert level_of(pairs([("э" * 29, "я" * 30)] * 5)) == "character"


def test_without_the_package_that_learns_subwords_there_are_characters(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert level_of(pairs(PROSE)) == "character"
