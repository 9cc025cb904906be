"""Which rows a shard has, and which files a user means."""

import pytest

from kerasrnn.checks import UserError
from kerasrnn.files import PIECE_ROWS, Shard, given_files


@pytest.mark.parametrize("number", [0, 1, 1023, 1024, 1025, 5000, 17 * 1024])
@pytest.mark.parametrize("of", [1, 2, 3, 7, 16])
def test_shards_are_all_rows_in_order_and_begin_between_pieces(number, of):
    ranges = [Shard(i + 1, of).rows(number) for i in range(of)]
    assert [row for rows in ranges for row in rows] == list(range(number))
    assert all(rows.start % PIECE_ROWS == 0 for rows in ranges if len(rows))
    pieces = [-(-len(rows) // PIECE_ROWS) for rows in ranges]
    assert max(pieces) - min(pieces) <= 1


def test_pieces_of_another_size():
    assert [list(Shard(i, 3).rows(7, 2)) for i in (1, 2, 3)] == [[0, 1], [2, 3], [4, 5, 6]]


@pytest.mark.parametrize("text", ["3/16", " 1/1 ", "16/16", "1/99999"])
def test_a_shard_is_read(text):
    shard = Shard.parse(text)
    assert str(shard) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/-3", "1.0/3", "a/b", "1/2/3", "1/100000", "１/３"],
)
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(UserError, match="Expected I/N for --shard, I from 1 to N") as found:
        Shard.parse(text)
    assert repr(text) in str(found.value)


def test_names_of_files_sort_as_the_shards():
    names = [Shard(i, 1200).file_name("predictions") for i in range(1, 1201)]
    assert names == sorted(names) and names[2] == "predictions-00003-of-01200.jsonl"


def test_patterns_are_files_in_the_order_of_their_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("part-2.txt", "part-10.txt", "part-1.txt", "other.txt", "part-[1].txt"):
        (tmp_path / name).write_text("a\n")
    (tmp_path / "part-3.txt").mkdir()
    parts = ["part-1.txt", "part-10.txt", "part-2.txt"]
    assert given_files(["part-[0-9]*.txt"]) == parts
    assert given_files(parts[::-1]) == parts
    assert given_files(["part-[12].txt", "other.txt"]) == ["other.txt", "part-1.txt", "part-2.txt"]
    assert given_files(["part-[1].txt"]) == ["part-[1].txt"]  # there is a file of that name
    assert given_files(["no.txt", "a.en,b.de"]) == ["a.en,b.de", "no.txt"]  # not checked here


@pytest.mark.parametrize(
    "words, message",
    [
        (["no-*.txt"], "Received: 'no-[*].txt', a pattern that none matches"),
        (["a.txt", "a.txt"], "each file once. Received: 'a.txt' twice"),
        (["*.txt", "a.txt"], "each file once. Received: 'a.txt' twice"),
    ],
)
def test_files_that_are_not_there_or_twice(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("a\n")
    with pytest.raises(UserError, match=message):
        given_files(words)
