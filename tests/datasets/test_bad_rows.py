"""Labels that are missing or have blanks around, and texts without a word."""

import json
import logging

import numpy as np
import pytest

from kerasrnn.datasets import labelled_images, labelled_texts, text_pairs
from kerasrnn.datasets.readers.image_decoding import encode_png

ROWS = [(f"text {i}", "no yes".split()[i % 2]) for i in range(23)]


@pytest.fixture
def notes(caplog):
    caplog.set_level(logging.INFO, "kerasrnn.datasets.notes")
    return lambda: " ".join(caplog.messages)


def write(path, rows):
    if path.suffix == ".jsonl":
        lines = [json.dumps(dict(zip(("text", "label"), row, strict=True))) for row in rows]
    else:
        between = {".csv": ",", ".tsv": "\t"}[path.suffix]
        lines = [between.join(str(cell) for cell in row) for row in [("text", "label"), *rows]]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def read(path, split=None, reader=labelled_texts, **options):
    rows = reader(path, split, **options).as_numpy_iterator()
    return [tuple(cell.decode() for cell in row) for row in rows]


MISSING = ["", " ", "nan", "NaN", "None", "null", "NULL", "<NA>", " nan "]
CASES = [(form, label) for form in ("csv", "tsv", "jsonl") for label in MISSING]
CASES += [("jsonl", None), ("jsonl", float("nan"))]


@pytest.mark.parametrize("form, label", CASES)
def test_a_missing_label_is_named_or_skipped(form, label, tmp_path, notes):
    path = write(tmp_path / f"a.{form}", [*ROWS[:7], ("bad", label), *ROWS[7:], ("bad", label)])
    line = 8 if form == "jsonl" else 9
    with pytest.raises(ValueError, match=f"a.{form}, line {line}: expected a label. Received: '"):
        labelled_texts(path)
    assert read(path, bad_rows="skip") == ROWS
    assert read(path, "test", bad_rows="skip") == [ROWS[19]]  # of the rows that are left
    said = f"{path}: skipped 2 of 25 rows, the first in line {line}, whose label is missing"
    assert said in notes()
    kept = read(path, bad_rows="keep")
    assert len(kept) == 25 and kept[7] == (
        "bad",
        json.dumps(label) if label != label else label or "",
    )


@pytest.mark.parametrize("label", ["NA", "none", "0", "false", "-"])
def test_these_are_labels(label, tmp_path):
    rows = [*ROWS, ("text", label)]
    assert read(write(tmp_path / "a.csv", rows)) == rows


def test_blanks_around_a_label_are_none_of_it(tmp_path):
    rows = [
        (f" {text} ", f"{label} " if i % 3 else f" {label}") for i, (text, label) in enumerate(ROWS)
    ]
    path = write(tmp_path / "a.csv", rows)
    assert read(path) == [(f" {text} ", label) for text, label in ROWS]
    assert read(path, bad_rows="keep") == rows
    with pytest.raises(ValueError, match="`bad_rows` to be one of .*'skip'.* Received: 'drop'"):
        labelled_texts(path, bad_rows="drop")


def test_empty_texts_are_counted(tmp_path, notes):
    path = write(tmp_path / "a.tsv", [("", "no"), *ROWS, (" ", "yes")])
    assert read(path) == [("", "no"), *ROWS, (" ", "yes")]
    said = "2 of 25 rows, the first in line 2, whose text is empty: read as one unknown token"
    assert f"{path}: {said}" in notes()
    path = tmp_path / "b.tsv"
    path.write_text("".join(f"{text}\t{label}\n" for text, label in [*ROWS, ("x", "")]))
    assert read(path, reader=text_pairs)[-1] == ("x", "")
    assert f"{path}: 1 of 24 rows, the first in line 24, whose target is empty" in notes()


def test_an_image_without_a_label(tmp_path, notes):
    (tmp_path / "0.png").write_bytes(encode_png(np.full((5, 7, 1), 3, "uint8")))
    path = tmp_path / "a.tsv"
    path.write_text("missing.png\t\n" + "0.png\tdark\n" * 3)
    with pytest.raises(ValueError, match="a.tsv, line 1: expected a label"):
        labelled_images(path, None)
    rows = list(labelled_images(path, None, bad_rows="skip").as_numpy_iterator())
    assert [(image.shape, label) for image, label in rows] == [((5, 7, 1), b"dark")] * 3
