"""Vocabularies: order, rare tokens, and a text file that any token survives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.vocabulary import BEGIN, END, PADDING, RESERVED, UNKNOWN, Vocabulary


def test_reserved_ids():
    assert (PADDING, UNKNOWN, BEGIN, END) == (0, 1, 2, 3)
    vocabulary = Vocabulary(["a"])
    assert [vocabulary.token_of(i) for i in range(5)] == [*RESERVED, "a"]


def test_most_frequent_first_then_by_code_point():
    vocabulary = Vocabulary.build("b a c b a z".split())
    assert vocabulary.tokens == ("a", "b", "c", "z")
    assert vocabulary.counts == (2, 2, 1, 1)


def test_rare_tokens_merge_into_unknown():
    words = ["the"] * 5 + ["cat"] * 2 + ["dog"]
    vocabulary = Vocabulary.build(words, min_count=2)
    assert vocabulary.tokens == ("the", "cat")
    assert vocabulary.id_of("dog") == UNKNOWN
    assert [vocabulary.token_of(vocabulary.id_of(word)) for word in ("the", "cat")] == [
        "the",
        "cat",
    ]
    assert Vocabulary.build(words, max_size=5).tokens == ("the",)


def test_reserved_names_in_a_text_are_ordinary_words():
    vocabulary = Vocabulary.build(["<end>", "<padding>", "<end>"])
    assert vocabulary.id_of("<end>") == len(RESERVED)
    assert vocabulary.id_of("<padding>") == len(RESERVED) + 1


@given(st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=20), st.booleans())
def test_any_token_survives_the_file(tmp_path_factory, tokens, counted):
    try:
        "".join(tokens).encode("utf-8")
    except UnicodeEncodeError:  # no text file holds half of a surrogate pair
        return
    path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.txt"
    vocabulary = Vocabulary(tokens, range(len(tokens)) if counted else None)
    vocabulary.save(path)
    loaded = Vocabulary.load(path)
    assert loaded.tokens == vocabulary.tokens
    if tokens:
        assert loaded.counts == vocabulary.counts
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(vocabulary)


@pytest.mark.parametrize(
    "content, line",
    [
        ("a\t1\n", 1),
        ("", 1),
        ("<padding>\t\n<unknown>\t\n<begin>\t\n<end>\t\na 1\n", 5),
        ("<padding>\t\n<unknown>\t\n<begin>\t\n<end>\t\na\t1\nb\tx\n", 6),
    ],
)
def test_a_broken_file_names_its_line(tmp_path, content, line):
    path = tmp_path / "broken.txt"
    path.write_text(content)
    with pytest.raises(ValueError, match=f"broken.txt, line {line}: expected"):
        Vocabulary.load(path)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Vocabulary(["a", "b", "a"]), "'a' more than once"),
        (lambda: Vocabulary(["a", ""]), "at least one character"),
        (lambda: Vocabulary(["a"], [1, 2]), "Received: 2 counts"),
        (lambda: Vocabulary.build(["a"], min_count=0), "Received: 0"),
        (lambda: Vocabulary.build(["a"], max_size=4), "Received: 4"),
        (lambda: Vocabulary(["a"]).token_of(5), "from 0 to 4. Received: 5"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
