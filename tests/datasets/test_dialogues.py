"""Dialogues: the turns before an answer, whole dialogues in a split, and bad lines."""

import pytest

from kerasrnn.datasets import dialogue_pairs


def write(path, dialogues, end="\n"):
    blocks = ["".join(f"{turn}\t{answer}{end}" for turn, answer in each) for each in dialogues]
    path.write_bytes(end.join(blocks).encode())
    return path


def read(path, split, turns):
    pairs = dialogue_pairs(path, split, turns).as_numpy_iterator()
    return [(source.decode(), target.decode()) for source, target in pairs]


def many(number=23):
    return [[(f"t{i}{j}", f"a{i}{j}") for j in range(1 + i % 3)] for i in range(number)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_source_is_the_last_turns(tmp_path, end):
    path = write(tmp_path / "talk.tsv", many(), end)
    assert read(path, "train", 3)[:6] == [
        ("t00", "a00"),
        ("t10", "a10"),
        ("t10\na10\nt11", "a11"),
        ("t20", "a20"),
        ("t20\na20\nt21", "a21"),
        ("t21\na21\nt22", "a22"),
    ]
    assert read(path, "train", 1)[:3] == [("t00", "a00"), ("t10", "a10"), ("t11", "a11")]


def test_a_dialogue_is_in_one_split(tmp_path):
    path = write(tmp_path / "talk.tsv", many(41))
    answers = {
        split: [answer for _, answer in read(path, split, 2)]
        for split in ("train", "validation", "test")
    }
    assert sorted(sum(answers.values(), [])) == sorted(a for each in many(41) for _, a in each)
    assert answers["validation"] == [a for i in (18, 38) for _, a in many(41)[i]]
    assert answers["test"] == [a for i in (19, 39) for _, a in many(41)[i]]


def test_without_empty_lines_each_line_is_alone(tmp_path):
    (tmp_path / "talk.tsv").write_text("".join(f"t{i}\ta{i}\n" for i in range(20)))
    assert read(tmp_path / "talk.tsv", "train", 5)[1] == ("t1", "a1")


def test_bad_files(tmp_path):
    path = write(tmp_path / "talk.tsv", many())
    with pytest.raises(ValueError, match="`turns` to be an integer of at least 1. Received: 0"):
        dialogue_pairs(path, "train", 0)
    with pytest.raises(ValueError, match="nowhere.tsv', which is not there"):
        dialogue_pairs(tmp_path / "nowhere.tsv", "train", 1)
    with pytest.raises(ValueError, match="at least 20 dialogues"):
        dialogue_pairs(write(path, many(19)), "train", 1)
    path.write_text("a\tb\n\nno tab\n")
    with pytest.raises(ValueError, match="line 3: expected a turn.* Received: 1 columns"):
        dialogue_pairs(path, "train", 1)
    path.write_bytes(b"a\tb\n\xff\tc\n")
    with pytest.raises(ValueError, match="line 2: expected UTF-8"):
        dialogue_pairs(path, "train", 1)
