"""Sentences to be labelled: as many out as in, whatever the form of the file."""

import gzip
import json

import pytest

from kerasrnn.datasets import tagged_inputs

SENTENCES = [["EU", "rejects", "10\xa0000"], ["#1"], ["a\x85b", "\u2028", "calls", "."]]
LABELS = [["B-ORG", "O", "O"], ["O"], ["O", "O", "O", "B-X"]]


def lines(*columns, between="\t"):
    """The sentences, with other columns around the token."""
    for tokens, labels in zip(SENTENCES, LABELS, strict=True):
        for token, label in zip(tokens, labels, strict=True):
            yield between.join(column.format(token=token, label=label) for column in columns)
        yield ""


def universal():
    yield "# newdoc id = 1"
    for tokens in SENTENCES:
        yield "# text = " + " ".join(tokens)
        yield "\t".join(["1-2", "both", *"_" * 8])
        for i, token in enumerate(tokens, start=1):
            yield "\t".join([str(i), token, "x", "NOUN", *"_" * 6])
        yield "\t".join(["1.1", "hidden", *"_" * 8])
        yield ""


def objects(**others):
    for tokens in SENTENCES:
        yield json.dumps({"tokens": tokens, **others})


FORMS = {
    "labels.conll": ([*lines("{token}", "{label}", between=" ")], None),
    "labels.tsv": ([*lines("{token}", "{label}")], None),
    "bare.conll": ([*lines("{token}")], None),
    "bare.tsv": ([*lines("{token}")], None),
    "many.conll": ([*lines("{token}", "NNP", "I-NP", "{label}", between=" ")], None),
    "named.conll": ([*lines("x", "{token}", "{label}")], "tokens=2,tags=3"),
    "unlabelled.conll": ([*lines("x", "{token}")], "tokens=2,tags=7"),
    "header.tsv": (["label\tword", *lines("{label}", "{token}")], None),
    "chosen.tsv": (["a\tb", *lines("{label}", "{token}")], "tokens=b,tags=other"),
    "documents.conll": (["-DOCSTART- -X-", "", *lines("{token}", "O", between=" ")], None),
    "remarks.conll": (["# id 5 domain=en", "# a b c", *lines("{token}", "O")], None),
    "a.bio": ([*lines("{token}", "{label}", between=" ")], None),
    "long.txt": ([*lines("{token}", "O")] * 3, None),
    "list.json": (["[", ",\n".join(objects()), "]"], None),
    "a.conllu": ([*universal()], None),
    "a.jsonl": ([*objects()], None),
    "labels.jsonl": ([*objects(tags=["not looked at"])], None),
    "words.jsonl": ([*objects(words=["x"])], "tokens=tokens,tags=ner"),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FORMS)
def test_every_form(tmp_path, name, packed):
    rows, features = FORMS[name]
    data = b"\xef\xbb\xbf" + "".join(f"{row}\r\n" for row in rows).encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if packed else data)
    assert list(tagged_inputs(path, features=features)) == SENTENCES * (
        3 if name == "long.txt" else 1
    )


def test_other_files_have_a_sentence_on_each_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("EU  rejects\xa0it\n\n \t\na\u2028b c", encoding="latin-1", errors="replace")
    found = list(tagged_inputs(path, encoding="latin-1"))
    assert found == [["EU", "rejects\xa0it"], [], [], ["a?b", "c"]]


def test_a_text_file_of_sentences_is_no_file_of_columns(tmp_path):
    path = tmp_path / "a.txt"
    for text in (
        "we go\n\nyou go\n",
        "we go\n" * 20,
        "we go\n\n" * 19,
        "we\n\n" * 20,
        "we go\nyes\n\n" * 20,
    ):
        path.write_text(text)
        assert list(tagged_inputs(path)) == [line.split() for line in text.split("\n")[:-1]]


def test_no_sentence_of_json_lines_is_left_out(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"tokens": []}\n{"tokens": ["-DOCSTART-"]}\n{"tokens": ["a", ""]}\n')
    assert list(tagged_inputs(path)) == [[], ["-DOCSTART-"], ["a", ""]]


@pytest.mark.parametrize("name", ["a.conll", "a.tsv", "a.conllu", "a.jsonl", "a.txt"])
def test_an_empty_file_has_no_sentence(tmp_path, name):
    path = tmp_path / name
    path.write_text("")
    assert list(tagged_inputs(path)) == []


@pytest.mark.parametrize(
    "name, text, message",
    [
        ("a.conll", "a b\nc\n", "a.conll, line 2: expected a token, a tab or a space, and a label"),
        ("a.tsv", "a\nb\tc\n", "a.tsv, line 2: expected 1 column, as"),
        ("a.jsonl", '{"tokens": "a b"}', "line 1: expected a list of tokens. Received: 'a b'"),
        ("a.jsonl", '{"tokens": [1]}', "line 1: expected a list of tokens"),
        ("a.jsonl", '{"texts": []}', "line 1: expected the field tokens"),
        ("a.txt", "a\n\xff", "a.txt, line 2: expected UTF-8"),
        ("a.CSV", "token,label\nEU,B-ORG\n", "ends with .tsv, .* Received: .*a.CSV"),
    ],
)
def test_a_bad_line_is_named(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=message):
        list(tagged_inputs(path))
