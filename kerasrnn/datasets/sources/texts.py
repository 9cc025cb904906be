"""Sources of plain texts, for language models: an embedded data set, a tfds name, or a file."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator, Mapping

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.features import choose_feature, feature_names
from kerasrnn.datasets.readers.local_files import (
    examples_of_rows,
    file_of_split,
    form_of,
    is_local,
)
from kerasrnn.datasets.readers.object_rows import ALSO_OBJECTS
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.splits import PERIOD, Part, check_split
from kerasrnn.datasets.readers.table_rows import BORDER, PLAIN, TABLES
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.datasets.sources.table_examples import examples_of_table
from kerasrnn.files import is_blank, numbered_lines
from kerasrnn.options.source import Split

__all__ = ["texts"]

FORMS = (".txt", *TABLES)
ALSO = (".text", *ALSO_OBJECTS)
EXPECTED = "one text, or one named 'text'"


def texts(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    whole_file: bool = False,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> tf.data.Dataset:
    """Reads plain texts.

    Args:
        data: An embedded data set (`"python_docs"`), a tensorflow-datasets name whose examples
            have one text, or one named `text` (`"tiny_shakespeare"`, `"imdb_reviews"`), a `.txt`
            file, a `.tsv`, `.csv` or `.jsonl` file, or a folder with a file for each split:
            `train.txt` or `….train.txt`, likewise `validation` (or `valid`, `val`, `dev`) and
            `test`; gzipped or not.
        split: `"train"`, `"validation"` or `"test"`. Of each twenty lines of a single file the
            last two are for validation and test. For each of the two that a tensorflow-datasets
            name has not, it gives up a twentieth of its training split. `None` reads all of a
            file, an `options.FoldSplit` a split of its lines in one of the folds of a
            cross-validation.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        whole_file: Whether a file is one running text, line ends included. Its first 90 % are then
            for training, the next 5 % for validation and the last 5 % for test, cut at line ends
            where some are near, so that each split runs on without a gap. Otherwise each line is
            a text, and lines of white space are none.
        features: Which feature or column is the `text`, such as `"text=title+body"`; several get
            a line end between them.
        encoding: That of a file, a name that Python knows.

    Returns:
        A `tf.data.Dataset` of scalar strings, in the order of the source.

    Raises:
        ValueError: For an unknown data set or split, examples without a text, or a file that is
            not there, is not UTF-8 (naming the line) or is too short for three splits.

    Example:

    >>> speeches = texts("tiny_shakespeare", "validation")  # doctest: +SKIP
    """
    names = feature_names(features, ("text",))
    check_split(split, whole=True)
    if split is None and form_of(data) not in (*FORMS, *ALSO):
        raise UserError(f"Expected a .txt file, of which to read all. Received: {str(data)!r}")
    if not is_local(data, (*FORMS, *ALSO), is_known):
        builder, examples = open_split(data, split, data_dir)
        chosen = choose_feature(builder, "text", EXPECTED, names)
        return examples().map(
            lambda example: tf.strings.join([each.text(example) for each in chosen], BORDER)
        )
    path, part = file_of_split(data, split, FORMS, ALSO)
    if form_of(path) not in PLAIN:
        return examples_of_table(data, split, ("text",), names, encoding).map(lambda text: text)
    if whole_file:
        text = _running_text(path, part, encoding)
        return tf.data.Dataset.from_tensors(tf.constant(text, tf.string))

    def lines() -> Iterator[str]:
        return (line for _, line in numbered_lines(path, encoding) if not is_blank(line))

    return examples_of_rows(lines, part, path, "lines", tf.TensorSpec((), tf.string))


def _running_text(path: pathlib.Path, part: Part | None, encoding: str) -> str:
    """Cuts a part out of the file, each time behind the first line that ends after its share."""
    text = "".join(line for _, line in numbered_lines(path, encoding, ends=True))
    if not text:
        raise UserError(f"{path}: expected a text. Received: an empty file")
    start, end = (0, PERIOD) if part is None else part.cut("text")
    if part is not None:
        note(f"{path}: a running text, whose end is for {' and '.join(part.missing)}, 5 % each")
    piece = text[_cut(text, start) : _cut(text, end)]
    if not piece:
        raise UserError(
            f"{path}: expected a text that is long enough for a training, a validation and a test "
            f"split. Received: {len(text)} characters"
        )
    return piece


def _cut(text: str, twentieths: int) -> int:
    """Returns the place of some twentieths of a text, moved to a line end near it."""
    if twentieths in (0, PERIOD):
        return len(text) if twentieths else 0
    place = int(len(text) * (twentieths / PERIOD))
    line_end = text.find("\n", place, place + len(text) // 50)
    return place if line_end < 0 else line_end + 1
