"""A new form of files is one file: every table task reads it."""

import pathlib
import shutil
import subprocess
import sys

import pytest

import kerasrnn

PACKAGE = pathlib.Path(kerasrnn.__file__).parent
OBJECT_ROWS = pathlib.Path("datasets", "readers", "object_rows.py")
# Blocks of `name: value` lines with an empty line between them; `a|b` is a list.
READER = """
from kerasrnn.files import numbered_lines


def blocks(path, encoding):
    row, first = {}, 1
    for number, line in numbered_lines(path, encoding):
        if line:
            name, _, value = line.partition(": ")
            row[name] = value.split("|") if "|" in value else value
        if not line and row:
            yield first, row
            row, first = {}, number + 1
    if row:
        yield first, row


READERS: dict[str, Reader] = {
    ".blocks": blocks,
"""
PROGRAM = """
import gzip, pathlib, sys
import numpy as np
from kerasrnn import datasets
from kerasrnn.datasets.readers.image_decoding import encode_png

folder = pathlib.Path(sys.argv[1])
(folder / "1.png").write_bytes(encode_png(np.full((3, 5, 1), 7, np.uint8)))

def write(name, **row):
    lines = [f"{key}: {value}" for key, value in row.items()]
    (folder / f"{name}.blocks").write_text("\\n".join(lines) + "\\n\\n" + "\\n".join(lines) + "\\n")
    return folder / f"{name}.blocks"

def first(data):
    return [np.asarray(part).tolist() for part in next(data.as_numpy_iterator())]

def packed(path):
    path.with_suffix(".blocks.gz").write_bytes(gzip.compress(path.read_bytes()))
    return path.with_suffix(".blocks.gz")

def refused(path):
    path.write_text(path.read_text() + "\\nbody: odd\\n")
    try:
        return list(datasets.labelled_texts(path, None))
    except ValueError as error:
        return str(error).split("blocks, ")[1]

print([
    first(datasets.text_pairs(write("pairs", source="un chien", target="a dog"), None)),
    first(datasets.labelled_texts(write("texts", label="good", text="fine"), None)),
    np.shape(first(datasets.labelled_images(write("images", image="1.png", label="x"), None))[0]),
    np.shape(first(datasets.captioned_images(write("captions", image="1.png", text="y"), None))[0]),
    first(datasets.tagged_tokens(write("tags", tokens="a|dog", tags="D|N"), None)),
    datasets.texts(write("lines", text="hello"), None).as_numpy_iterator().next(),
    list(datasets.text_inputs(write("inputs", text="good day"), "text")),
    list(datasets.tagged_inputs(write("sentences", tokens="a|cat"))),
    datasets.read_series(write("series", level="3.5", moon="2")).values.tolist(),
    first(datasets.text_pairs(packed(write("small", source="un chat", target="a cat")), None)),
    list(datasets.text_inputs(packed(write("asked", text="good day")), "text")),
    refused(write("odd", text="fine", label="good")),
])
"""
RIGHT = [
    [b"un chien", b"a dog"],
    [b"fine", b"good"],
    (3, 5, 1),
    (3, 5, 1),
    [[b"a", b"dog"], [b"D", b"N"]],
    b"hello",
    ["good day", "good day"],
    [["a", "cat"], ["a", "cat"]],
    [[3.5, 2.0], [3.5, 2.0]],
    [b"un chat", b"a cat"],
    ["good day", "good day"],
    "line 7: expected the field text. Received: body (`features` names another)",
]


@pytest.mark.slow
def test_a_new_form_of_files_is_one_file(tmp_path):
    """It is a reader, and its ending, in `kerasrnn/datasets/readers/object_rows.py`."""
    shutil.copytree(PACKAGE, tmp_path / "kerasrnn", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "kerasrnn" / OBJECT_ROWS
    before, opening, after = path.read_text().partition("READERS: dict[str, Reader] = {\n")
    assert opening
    path.write_text(before + READER + after)
    (tmp_path / "data").mkdir()
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data")]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[-1] == repr(RIGHT)
