"""Texts of a file whose labels are asked for: as many as there are rows, whatever its form."""

import csv
import gzip
import io
import json

import pytest

from kerasrnn.datasets import text_inputs

# Separators, quotes, a line end inside and nothing at all.
TEXTS = ['good; "film"', "so, so", "two\nlines", "\u2028 end", "", "a|b", "7"]
PLAIN = [text.replace("\n", " ") for text in TEXTS]


def as_csv(rows, between=","):
    file = io.StringIO()
    csv.writer(file, delimiter=between).writerows(rows)
    return file.getvalue()


def as_tsv(rows):
    return "".join("\t".join(row) + "\n" for row in rows)


def beside(texts, label="neg pos"):
    return [(text, label.split()[i % 2]) for i, text in enumerate(texts)]


def swapped(rows):
    return [row[::-1] for row in rows]


JSON = "".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(TEXTS))
LISTED = json.dumps([{"text": text, "label": None} for text in TEXTS], indent=1)
LONG = [f"{text} and what follows" for text in PLAIN]
FORMS = {
    "csv": ("a.csv", as_csv([("text", "label"), *beside(TEXTS)]), None, TEXTS),
    "csv without labels": ("a.csv", as_csv([("id", "text"), *swapped(beside(TEXTS))]), None, TEXTS),
    "csv, a column": ("a.csv", as_csv([("text",), *((text,) for text in TEXTS)]), None, TEXTS),
    "csv, no header": ("a.csv", as_csv([(text,) for text in TEXTS]), None, TEXTS),
    "csv, numbers": ("a.csv", as_csv(swapped(beside(TEXTS))), "label=1,text=2", TEXTS),
    "csv, the label's number gone": (
        "a.csv",
        as_csv([(t,) for t in TEXTS]),
        "label=1,text=2",
        TEXTS,
    ),
    "semicolons": ("a.csv", as_csv([("Text", "x"), *beside(TEXTS)], ";"), None, TEXTS),
    "tabs in a csv": ("a.CSV", as_csv([("x", "text"), *swapped(beside(TEXTS))], "\t"), None, TEXTS),
    "tsv": ("a.tsv", as_tsv(beside(PLAIN)), None, PLAIN),
    "tsv, header": ("a.tsv", as_tsv([("label", "text"), *swapped(beside(PLAIN))]), None, PLAIN),
    "tsv, label first": ("a.tsv", as_tsv(swapped(beside(LONG))), None, LONG),
    "tsv, a column": ("a.tsv", as_tsv([(text,) for text in PLAIN]), None, PLAIN),
    "tsv, a named column": ("a.TSV", as_tsv([("text",), *((t,) for t in PLAIN)]), None, PLAIN),
    "jsonl": ("a.jsonl", JSON, None, TEXTS),
    "json lines": ("a.json", JSON, None, TEXTS),
    "a list": ("a.json", LISTED, None, TEXTS),
    "txt": ("a.txt", "".join(f"{text}\n" for text in PLAIN), None, PLAIN),
    "txt, columns": ("a.txt", as_tsv(beside(PLAIN)), None, PLAIN),
    "anything": ("a", "".join(f"{text}\n" for text in PLAIN), None, PLAIN),
}


@pytest.mark.parametrize("end", ["", ".gz", ".GZ"])
@pytest.mark.parametrize("name, content, features, wanted", FORMS.values(), ids=FORMS)
def test_rows_in_are_rows_out(name, content, features, wanted, end, tmp_path):
    path = tmp_path / (name + end)
    content = b"\xef\xbb\xbf" + content.encode()
    path.write_bytes(gzip.compress(content) if end else content)
    assert list(text_inputs(path, "text", features=features)) == wanted


def test_sources_and_images(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("eins\tone\n\nzwei\ttwo\n")
    assert list(text_inputs(path, "source")) == ["eins", "zwei"]
    path.write_text("target\tsource\none\teins\n")
    assert list(text_inputs(path, "source")) == ["eins"]
    path.write_text("a.png\n\nb.png\n")
    assert list(text_inputs(path, "image")) == ["a.png", "", "b.png"]


def test_other_encodings_and_what_is_wrong(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("id;text\n1;für\n".encode("cp1252"))
    assert list(text_inputs(path, "text", encoding="cp1252")) == ["für"]
    with pytest.raises(ValueError, match="a.csv, line 2: expected UTF-8"):
        list(text_inputs(path, "text"))
    path.write_text("id,review_text\n1,good\n")
    message = "line 1: expected a header with the column text .*text=2 .* Received: id, review_text"
    with pytest.raises(ValueError, match=message):
        list(text_inputs(path, "text"))
    path.write_text('text,label\n"two\nlines",a\nx,b,c\n')
    with pytest.raises(ValueError, match="line 4: expected 2 columns, as in the header. .*: 3"):
        list(text_inputs(path, "text"))
    with pytest.raises(ValueError, match="`role` to be one of"):
        text_inputs(path, "label")
