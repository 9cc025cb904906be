"""Columns of tables: separators, headers, names of any letters; what is guessed is said."""

import csv
import io
import json
import logging

import numpy as np
import pytest

from kerasrnn.datasets import labelled_images, labelled_texts, text_pairs, texts
from kerasrnn.datasets.readers.image_decoding import encode_png

ROWS = [
    (f"text{',' * (i % 3)} {i}{';' * (i % 5)} of some length", "no yes maybe".split()[i % 3])
    for i in range(47)
]


def write(path, rows, between=None):
    file = io.StringIO()
    if between is None:
        file.write("".join("\t".join(row) + "\n" for row in rows))
    else:
        csv.writer(file, delimiter=between).writerows(rows)
    path.write_text(file.getvalue(), encoding="utf-8")
    return path


def read(reader, path, **options):
    rows = reader(path, None, **options).as_numpy_iterator()
    return [tuple(cell.decode() for cell in row) for row in rows]


@pytest.fixture
def notes(caplog):
    caplog.set_level(logging.INFO, "kerasrnn.datasets.notes")
    return lambda: " ".join(caplog.messages)


def swapped(rows):
    return [row[::-1] for row in rows]


@pytest.mark.parametrize("between, called", [(";", ";"), ("\t", "tabs"), ("|", "|"), (",", None)])
@pytest.mark.parametrize("features", [None, "text=2,label=1", "label=kind"])
def test_what_separates_the_columns_of_a_csv(between, called, features, tmp_path, notes):
    header = {None: [("label", "text")], "label=kind": [("kind", "text")]}.get(features, [])
    path = write(tmp_path / "a.csv", header + swapped(ROWS), between)
    assert read(labelled_texts, path, features=features) == ROWS
    assert (f"{path}: {called} between the columns" in notes()) == (called is not None)


@pytest.mark.parametrize("name", ["C++", "title, body", "a+b", 'say "x"', " kept ", "naïve\u2028"])
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
def test_columns_of_any_name(name, form, tmp_path):
    if form == "jsonl":
        path = tmp_path / "a.jsonl"
        lines = (json.dumps({name: text, "label": label}) + "\n" for text, label in ROWS)
        path.write_text("".join(lines))
    else:
        rows = [(name, "label"), *ROWS]
        path = write(tmp_path / f"a.{form}", rows, "," if form == "csv" else None)
    quoted = name.replace('"', '\\"')
    assert read(labelled_texts, path, features={"text": [name]}) == ROWS
    assert read(labelled_texts, path, features=f'text="{quoted}",label=label') == ROWS
    if "," not in name:
        assert read(labelled_texts, path, features=f"text={name}") == ROWS


@pytest.mark.parametrize(
    "header, said",
    [
        (("text", "label"), None),
        (("label", "text"), None),
        (("Sentiment", "REVIEW"), "text=REVIEW, label=Sentiment"),
    ],
)
def test_a_first_line_of_names_is_a_header(header, said, tmp_path, notes):
    rows = ROWS if header[0] == "text" else swapped(ROWS)
    path = write(tmp_path / "a.tsv", [header, *rows])
    assert read(labelled_texts, path) == ROWS
    assert f"{path}: the first line is a header" in notes()
    assert ("are taken for" in notes()) == bool(said) and (said or "") in notes()
    pairs = write(tmp_path / "b.tsv", [("target", "source", "id"), *((*row, "7") for row in ROWS)])
    assert read(text_pairs, pairs) == swapped(ROWS)
    one = write(tmp_path / "c.tsv", [("text",), *((text,) for text, _ in ROWS)])
    assert [text.decode() for text in texts(one, None).as_numpy_iterator()] == [
        text for text, _ in ROWS
    ]


def test_a_first_line_of_other_words_is_a_row(tmp_path, notes):
    rows = [("text", "no"), ("label", "yes"), *ROWS]
    assert read(labelled_texts, write(tmp_path / "a.tsv", rows)) == rows
    assert "header" not in notes()


def test_a_label_that_is_before_its_text(tmp_path, notes):
    path = write(tmp_path / "a.tsv", swapped(ROWS))
    assert read(labelled_texts, path) == ROWS
    assert (
        f"{path}: column 2, which is longer and does not repeat, is taken for the text" in notes()
    )
    assert read(labelled_texts, path, features="text=1,label=2") == swapped(ROWS)
    assert read(text_pairs, path) == swapped(ROWS)  # where neither is a label


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        [("ok", "positive label"), ("ok", "negative label"), ("ok", "neutral label")],
        [(f"{i % 3}", "a long text of which there is but one") for i in range(43)],
        [(f"word {i % 3}", f"{i}" * 4) for i in range(43)],
        [(f"{i}", f"a long text {i}") for i in range(43)],
    ],
    ids=["text first", "three rows", "both repeat", "not shorter", "nothing repeats"],
)
def test_otherwise_the_text_is_first(rows, tmp_path):
    path = write(tmp_path / "a.tsv", rows)
    assert read(labelled_texts, path, bad_rows="keep") == rows


def test_cells_longer_than_those_that_python_takes(tmp_path):
    rows = [("x" * 140_000, "a"), ("two\r\nlines\x00", 'b "quoted"'), ("y" * 262_147, "")]
    path = write(tmp_path / "a.csv", [("text", "label"), *rows, ("", "b")], ",")
    assert read(labelled_texts, path, bad_rows="keep") == [*rows, ("", "b")]


def test_empty_lines_are_no_rows_and_lines_are_those_of_the_file(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("\n".join("\t".join(row) for row in ROWS) + "\n\n \n")
    assert read(labelled_texts, path) == ROWS
    path.write_text("a\tb\n\nc\n")
    with pytest.raises(
        ValueError, match="a.tsv, line 3: expected a text, a tab and a label. .*: 1"
    ):
        labelled_texts(path, None)
    path.write_text("id\ttext\tlabel\n1\ta\tb\n\tc\n")
    with pytest.raises(ValueError, match="a.tsv, line 3: expected 3 columns, as in the header"):
        labelled_texts(path, None)
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,b\n\n  \n")
    assert read(labelled_texts, path) == [("a", "b")]
    path.write_text('text,label\r\n\r\n"a\r\nb",c\r\n"d\r\ne"\r\n')
    with pytest.raises(
        ValueError, match="a.csv, line 5: expected 2 columns, as in the header. .*1"
    ):
        labelled_texts(path, None)
    path.write_text('text,label\na,b\n"c\nd,e\n')
    with pytest.raises(ValueError, match="a.csv, lines 3 to the end: expected comma-separated"):
        labelled_texts(path, None)


def test_a_header_that_lacks_a_column(tmp_path):
    path = write(tmp_path / "a.csv", [("a;b", *(f"c{i}" for i in range(30))), *ROWS], ";")
    with pytest.raises(ValueError) as error:
        labelled_texts(path)
    message = str(error.value)
    assert "line 1: expected a header with the column text (`features` such as" in message
    assert "text=2 the second one of a file without a header" in message
    assert message.endswith("c8 and 21 more")


def test_an_image_that_is_behind_its_label(tmp_path, notes):
    (tmp_path / "0.png").write_bytes(encode_png(np.full((5, 7, 1), 3, "uint8")))
    path = write(tmp_path / "a.tsv", [("dark", "0.png")] * 3)
    assert [label for _, label in labelled_images(path, None).as_numpy_iterator()] == [b"dark"] * 3
    assert "column 2, whose names are those of image files, is taken for the image" in notes()
