"""Files of tagged tokens as people have them: columns, remarks, schemes and what is wrong where."""

import gzip
import json
import logging
import pathlib

import pytest

from kerasrnn.datasets import TaggedSplit, tagged_tokens
from kerasrnn.layers.schemes import Scheme

REAL = pathlib.Path(__file__).parents[3] / "shared" / "tfds"
real = pytest.mark.skipif(not REAL.is_dir(), reason="the real data sets are not on this machine")

# The beginning of the original files of CoNLL-2003, whose labels are IOB1.
CONLL_2003 = """-DOCSTART- -X- O O

EU NNP I-NP I-ORG
rejects VBZ I-VP O
10\u00a0000 CD I-NP O

Peter NNP I-NP I-PER
Blackburn NNP I-NP I-PER
"""


def read(data, split=None, **options):
    return [
        tuple([each.decode() for each in part.tolist()] for part in pair)
        for pair in tagged_tokens(data, split, **options).as_numpy_iterator()
    ]


def file(tmp_path, text, name="a.conll"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture
def notes(caplog, monkeypatch):
    monkeypatch.setattr("kerasrnn.datasets.readers.reader_notes._said", set())
    caplog.set_level(logging.INFO, "kerasrnn.datasets.notes")
    name = "kerasrnn.datasets.notes"
    return lambda: [each.getMessage() for each in caplog.records if each.name == name]


@pytest.mark.parametrize(
    "between, end", [(" ", "\n"), ("  ", " \r\n"), ("\t", " \n"), (" \t", "\t\r\n")]
)
def test_the_original_form_of_conll_2003(tmp_path, notes, between, end):
    text = CONLL_2003.replace(" ", between).replace("\n", end)
    path = file(tmp_path, gzip.compress(b"\xef\xbb\xbf" + text.encode()), "A.CoNLL.gz")
    words = [["EU", "rejects", "10\u00a0000"], ["Peter", "Blackburn"]]
    assert read(path) == [*zip(words, [["I-ORG", "O", "O"], ["I-PER", "I-PER"]], strict=True)]
    found = read(path, scheme="auto")
    assert found == [*zip(words, [["B-ORG", "O", "O"], ["B-PER", "I-PER"]], strict=True)]
    assert notes() == [
        f"{path}: tokens are column 1 of 4, labels column 4 (--features tokens=1,tags=4)",
        f"{path}: labels are IOB1: read as IOB2",
    ]
    assert read(path, features="tokens=1,tags=3")[0][1] == ["I-NP", "I-VP", "I-NP"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a\tX\nb Y\n", [("a", "X"), ("b", "Y")]),
        ("New York\t\tX\nb\tY\n", [("New York", "X"), ("b", "Y")]),
        (" a X \n\tb\t Y\t\n".replace("\tb", "b"), [("a", "X"), ("b", "Y")]),
        ("New York \t X\n", [("New York", "X")]),
        ("a p\tq X\nb\tp q\tX\n", [("a", "X"), ("b", "X")]),
        ("10\u00a0000\tX\n\u2028\x85 Y\n", [("10\u00a0000", "X"), ("\u2028\x85", "Y")]),
        ("#\tX\n#tag X\n# Y\n", [("#", "X"), ("#tag", "X"), ("#", "Y")]),
        ("# id 5\tdomain=en\n#begin document\na X\n", [("a", "X")]),
        ("# text = a\n# one two three\n#\na X\n", [("a", "X")]),
        ("# = X\n", [("#", "X")]),
        ("Token\tTag\na\tX\n", [("a", "X")]),
        ("# file\npos word\nX a\n", [("a", "X")]),
        ("id word pos ner\n1 a X Y\n", [("a", "Y")]),
        ("a word x\nb tag y\n", [("a", "x"), ("b", "y")]),
        ("-DOCSTART-\na X\n-DOCSTART- O\nb Y\n", [("a", "X"), ("b", "Y")]),
    ],
)
def test_lines_as_people_write_them(tmp_path, text, expected):
    rows = [
        pair
        for tokens, tags in read(file(tmp_path, text))
        for pair in zip(tokens, tags, strict=True)
    ]
    assert rows == expected


def test_named_columns(tmp_path):
    path = file(tmp_path, "# of 2014\nner lemma word\nX l a\nY l b\n\nX l c\n")
    assert read(path, features="tokens=word,tags=ner") == [(["a", "b"], ["X", "Y"]), (["c"], ["X"])]
    with pytest.raises(ValueError, match="or names that stand in the first line, 'ner lemma word'"):
        read(path, features="tokens=word,tags=upos")


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "# GermEval\n1 Schartau B-PER O\n2 sagte O O\n",
            "line 2: expected a token, .* or `features` such as tokens=2,tags=4. "
            "Received: columns 1 1, 2 Schartau, 3 B-PER, 4 O",
        ),
        ("0 a X\n1 b Y\n\n0 c X\n", "such as tokens=2,tags=3"),
        ("doc 0 a X\n" * 3, "such as tokens=2,tags=4"),
        ("a b c d e X\nb c d e f Y\n", "such as tokens=1,tags=6. Received: columns 1 a, 2 b"),
        ("a N X\nb Y\n", "line 2: expected 3 columns, as in the lines before. Received: 'b Y'"),
        ("a X\nb N Y\n", "line 2: expected a token, a tab or a space, and a label. Received: 'b N"),
        ("a\tX\nNew York\t\n", "line 2: expected a token, a tab"),
        ("a\tN\tX\n\tN\tX\n", "line 2: expected 3 columns"),
        ("a X\n#b\n", "line 2: expected a token"),
        ("a\n", "line 1: expected a token"),
    ],
)
def test_what_cannot_be_known_is_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read(file(tmp_path, text))


def test_earlier_versions_took_each_line_for_a_token(tmp_path):
    path = file(tmp_path, "-DOCSTART- O\n\ntoken tag\na X\n")
    found = TaggedSplit(path, None, guess=False).sentences().as_numpy_iterator()
    assert [tokens.tolist() for tokens, _ in found] == [[b"-DOCSTART-"], [b"token", b"a"]]


def test_text_files_of_columns(tmp_path):
    """As CoNLL-2003 is often passed on: train.txt, valid.txt, test.txt."""
    for name, text in (("train", "a X\nb Y\n\nc X\n"), ("valid", "d X\n"), ("test", "e\tY\n")):
        (tmp_path / f"{name}.txt").write_text(text)
    found = [read(tmp_path, split) for split in ("train", "validation", "test")]
    assert found == [[(["a", "b"], ["X", "Y"]), (["c"], ["X"])], [(["d"], ["X"])], [(["e"], ["Y"])]]
    assert read(tmp_path / "train.txt") == found[0]
    assert TaggedSplit(tmp_path, "test").place(0, 0) == f"{tmp_path / 'test.txt'}, line 1"
    # A file of a usual form stands before it.
    file(tmp_path, "f X\n", "test.conll")
    assert read(tmp_path, "test") == [(["f"], ["X"])]


@pytest.mark.parametrize(
    "fields, said",
    [
        (("tokens", "labels"), "tags=labels"),
        (("words", "ner_tags"), "tokens=words, tags=ner_tags"),
        (("tokens", "tags", "labels"), None),  # a field of the very name comes first
    ],
)
def test_usual_names_of_fields(fields, said, tmp_path, notes):
    values = [["a", "b"], ["O", "X"], ["X", "X"]]
    row = json.dumps(dict(zip(fields, values, strict=False)))
    path = file(tmp_path, f"{row}\n" * 3, "a.jsonl")
    assert read(path) == [(["a", "b"], ["O", "X"])] * 3
    assert notes() == ([] if said is None else [f"{path}: read as {said}"])


def test_fields_that_could_both_be_labels_are_to_be_named(tmp_path):
    row = json.dumps({"tokens": ["a"], "labels": ["O"], "pos": ["DET"]})
    path = file(tmp_path, row, "a.jsonl")
    with pytest.raises(ValueError, match="the field tags. Received: tokens, labels, pos"):
        read(path)
    assert read(path, features="tags=pos") == [(["a"], ["DET"])]


def test_documents_in_json_lines(tmp_path):
    rows = [["-DOCSTART-"], ["a"]]
    text = "".join(json.dumps({"tokens": each, "tags": ["O"]}) + "\n" for each in rows)
    assert read(file(tmp_path, text, "a.jsonl")) == [(["a"], ["O"])]


FINE = "a B-X\nb I-X\nc O\n\n"


def test_a_wrong_label_is_repaired_counted_and_named(tmp_path, notes):
    path = file(tmp_path, FINE * 30 + "d O\ne I-X\nf I-X\n\ng I-Y\n")
    found = read(path, scheme="auto")
    assert found[:30] == read(path)[:30]
    assert found[30:] == [(["d", "e", "f"], ["O", "B-X", "I-X"]), (["g"], ["B-Y"])]
    assert notes() == [
        f"{path}: labels are IOB2",
        f"repaired 2 labels of 94: first in {path}, line 122: I-X after O, read as B-X",
    ]
    assert read(path) == read(path, scheme="none")


def test_places_are_those_of_the_split(tmp_path, notes):
    path = file(tmp_path, FINE * 19 + "e I-X\n\n")
    assert read(path, "test", scheme="iob2") == [(["e"], ["B-X"])]
    beginning = "I-X at the beginning of a sentence, read as B-X"
    assert notes()[-1] == f"repaired 1 label of 1: first in {path}, line 77: {beginning}"
    assert TaggedSplit(path, "validation").place(0, 2) == f"{path}, line 75"
    path = file(tmp_path, '{"tokens": ["a"], "tags": ["O"]}\n\n' * 20, "a.jsonl")
    assert TaggedSplit(path, "test").place(0, 0) == f"{path}, line 39"
    with pytest.raises(ValueError, match="wikiann/en, test split, sentence 3, token 2"):
        raise ValueError(TaggedSplit("wikiann/en", "test").place(2, 1))


@pytest.mark.parametrize("label", ["0", "B.X", "b-X", "o"])
def test_a_label_of_no_entity_is_named(tmp_path, label):
    path = file(tmp_path, FINE * 7 + f"d {label}\n")
    with pytest.raises(
        ValueError, match=f"a.conll, line 29: .* such as B-PER. Received: '{label}'"
    ):
        read(path, scheme="auto")
    assert read(path, scheme="none")[7] == (["d"], [label])


def test_labels_that_mark_no_entities_are_as_they_are(tmp_path, notes):
    path = file(tmp_path, "a DET\nb NOUN\n\nc I-X\n")
    assert read(path, scheme="auto") == read(path) and notes() == []
    with pytest.raises(ValueError, match="line 1: expected O or a label such as B-PER. .*'DET'"):
        read(path, scheme="iob1")
    with pytest.raises(ValueError, match="`scheme` to be one of .'auto', 'iob1', .*Received: 'io'"):
        read(path, scheme="io")


def test_units_and_letters_behind_types(tmp_path, notes):
    path = file(tmp_path, "a X_B\nb X_I\nc X_L\nd O\ne Y_U\n")
    assert read(path, scheme="auto") == [([*"abcde"], ["B-X", "I-X", "E-X", "O", "S-Y"])]
    assert notes() == [f"{path}: labels are BILUO: read as BIOES"]


@real
def test_wikiann_is_in_iob2(notes):
    read = TaggedSplit("wikiann/en", "validation", REAL)
    assert read.scheme() == Scheme("iob2") and notes() == ["wikiann/en: labels are IOB2"]
    before, after = read.sentences(), read.in_scheme(Scheme("iob2"))
    rows = [[*each.take(300).as_numpy_iterator()] for each in (before, after)]
    assert all((a[1] == b[1]).all() for a, b in zip(*rows, strict=True))
    assert len(notes()) == 1


@real
def test_parts_of_speech_are_no_scheme():
    assert TaggedSplit("universal_dependencies/en_ewt", "test", REAL).scheme() is None
