"""Where texts with several labels each come from: a data set's name or a table."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.checks import UserError, check_choice
from kerasrnn.datasets.readers.bad_rows import BAD_ROWS, MISSING, checked_rows
from kerasrnn.datasets.readers.features import KINDS, choose_feature, feature_names, find_features
from kerasrnn.datasets.readers.local_files import examples_of_rows, file_of_split, is_local
from kerasrnn.datasets.readers.object_rows import (
    field_names,
    has_objects,
    object_rows,
    text_of_value,
)
from kerasrnn.datasets.readers.reader_notes import note, without_notes
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import (
    ALL_TABLES,
    ALSO_TABLES,
    BORDER,
    TABLES,
    column_titles,
    numbered_rows,
)
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.files import WHITE_SPACE, wrong_line
from kerasrnn.options.source import Split
from kerasrnn.options.words import BadRows
from kerasrnn.text.as_written import as_written

__all__ = ["has_several_labels", "multi_labelled_texts"]

ROLES, EXPECTED = ("text", "label"), "one text and a sequence of classes"
# Between the labels of a row, on their way into the graph; ASCII has it for this.
JOINER = "\x1f"
# What a cell of a column that is a label may hold.
HAS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}
Names = Mapping[str, Sequence[str]]


def multi_labelled_texts(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    bad_rows: BadRows = "refuse",
    label_separator: str | None = None,
) -> tf.data.Dataset:
    """Reads texts with any number of labels each, also none.

    Args:
        data: A `.tsv`, `.csv` or `.jsonl` file, or a folder with such a file for each split, whose
            labels are in one column with a separator between them, or, in JSON lines, in a list;
            or have a column each, of 0 and 1. Or a tensorflow-datasets name whose examples have a
            text and a sequence of classes, or of several numbers from 0 to 1 that `features` names:
            an example has the labels from one half on.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are `text` and `label`, see `labelled_texts`; several of
            these, such as `"label=toxic+insult"`, are a label each.
        encoding: That of a file, a name that Python knows.
        bad_rows: What is done with a row of a file whose labels are NaN, None or null, which an
            empty cell is not: `"refuse"`, `"skip"` or `"keep"`, as a label of that name. Of a label
            with a column of its own every cell has to be 0 or 1, or is missing.
        label_separator: What stands between labels; white space around them does not count.

    Returns:
        A `tf.data.Dataset` of `(text, labels)`, a scalar string and `(None,)` strings, distinct.

    Raises:
        ValueError: As in `labelled_texts`.

    Example:

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text("text,label\\nwell done,praise|work\\nhm,\\n")
    ...     texts = multi_labelled_texts(path, None, label_separator="|")
    ...     [labels.tolist() for _, labels in texts.as_numpy_iterator()]
    [[b'praise', b'work'], []]
    """
    check_split(split, whole=True)
    names = feature_names(features, ROLES)
    if is_local(data, ALL_TABLES, is_known):
        path, part = file_of_split(data, split, TABLES, ALSO_TABLES)
        check_choice("bad_rows", bad_rows, BAD_ROWS)

        def rows() -> Iterator[tuple[str, ...]]:
            found = _labelled(path, names, encoding, label_separator)
            return checked_rows(path, _kept(path, found, bad_rows), ROLES, "keep")

        signature = (tf.TensorSpec((), tf.string),) * 2
        examples = examples_of_rows(rows, part, path, "lines", signature)
        return examples.map(lambda text, labels: (text, _split(labels, JOINER)))
    builder, examples = open_split(data, split, data_dir)
    texts = choose_feature(builder, "text", EXPECTED, names)
    look_up = _of_features(builder, names, label_separator)

    def pair(example):
        return tf.strings.join([each.text(example) for each in texts], BORDER), look_up(example)

    return examples().map(as_written(pair))


def has_several_labels(
    data: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    label_separator: str | None = None,
) -> bool:
    """Whether each text of some data has any number of labels, rather than one.

    Args:
        data: As in `multi_labelled_texts`.
        data_dir: As in `multi_labelled_texts`.
        features: As in `multi_labelled_texts`.
        encoding: As in `multi_labelled_texts`.
        label_separator: As in `multi_labelled_texts`.

    Returns:
        It has where there is a separator, where `features` names several columns of labels, where
        the first of a file of JSON lines has a list, and where a data set has a sequence of classes
        and no single class.

    Example:

    >>> has_several_labels("languages"), has_several_labels("a.csv", label_separator="|")
    (False, True)
    """
    if label_separator is not None:
        return True
    names = feature_names(features, ("image", *ROLES))
    if is_local(data, ALL_TABLES, is_known):
        path, _ = file_of_split(data, "train", TABLES, ALSO_TABLES)
        # Whoever reads it for good will say what is wrong with it.
        with without_notes(), contextlib.suppress(UserError):
            if len(column_titles(path, ("label",), names, encoding)["label"]) > 1:
                return True
            return has_objects(path) and isinstance(_first_label(path, names, encoding), list)
        return False
    builder, _ = open_split(data, "train", data_dir)
    there = find_features(builder.info.features)
    named = [there[name] for name in names.get("label", ()) if name in there]
    if named:
        return len(named) > 1 or named[0].depth == 1
    found = [each for each in there.values() if len(each.keys) == 1]
    return not any(map(KINDS["label"], there.values())) and any(map(KINDS["labels"], found))


def _first_label(path, names: Names, encoding: str) -> Any:
    fields = field_names(path, {"label": names["label"]} if "label" in names else {}, ("label",))
    _, values = next(object_rows(path, fields, encoding), (0, [[None]]))
    return values[0][0]


def _labelled(
    path: os.PathLike[str], names: Names, encoding: str, separator: str | None
) -> Iterator[tuple[int, str, list[str] | None]]:
    """Yields the line, the text and the labels of each row; `None` where these are missing."""
    titles = column_titles(path, ROLES, names, encoding)
    if len(titles["label"]) > 1:
        for line, (text, cells) in numbered_rows(path, ROLES, names, encoding):
            yield line, text, _of_columns(path, line, titles["label"], cells.split(BORDER))
    elif has_objects(path) and isinstance(_first_label(path, names, encoding), list):
        fields = {"text": titles["text"], "label": titles["label"]}
        for line, (texts, (labels,)) in object_rows(path, fields, encoding):
            labels = [] if labels is None else labels
            if not isinstance(labels, list) or not all(isinstance(each, str) for each in labels):
                raise wrong_line(path, line, "a list of labels", f"{labels!r:.60}")
            yield line, BORDER.join(text_of_value(path, line, each) for each in texts), labels
    elif separator is None:
        raise UserError(
            f"{path}: expected several columns of labels, such as label=A+B, or `label_separator`. "
            "Received: one column"
        )
    else:
        for line, (text, cell) in numbered_rows(path, ROLES, names, encoding):
            missing = cell.strip(WHITE_SPACE) in MISSING and cell.strip(WHITE_SPACE)
            yield line, text, None if missing else cell.split(separator)


def _of_columns(
    path: os.PathLike[str], line: int, titles: Sequence[str], cells: Sequence[str]
) -> list[str] | None:
    cells = [cell.strip(WHITE_SPACE).lower() for cell in cells]
    if len(cells) == len(titles):
        for title, cell in zip(titles, cells, strict=True):
            if cell not in HAS and cell not in map(str.lower, MISSING):
                raise wrong_line(path, line, f"0 or 1 in the column {title}", f"{cell!r:.60}")
        if all(cell in HAS for cell in cells):
            return [title for title, cell in zip(titles, cells, strict=True) if HAS[cell]]
    return None


def _kept(
    path: os.PathLike[str], rows: Iterator[tuple[int, str, list[str] | None]], bad_rows: BadRows
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yields the rows whose labels are not missing, these distinct and without blanks."""
    total, skipped = 0, []
    for line, text, labels in rows:
        total += 1
        if labels is None and bad_rows != "keep":
            if bad_rows == "refuse":
                hint = "`bad_rows` skip leaves such rows out"
                raise wrong_line(path, line, "labels", f"a cell without a value ({hint})")
            skipped.append(line)
            continue
        bare = [label.strip(WHITE_SPACE) for label in labels or ()]
        yield line, (text, JOINER.join(dict.fromkeys(each for each in bare if each)))
    if skipped:
        note(
            f"{path}: skipped {len(skipped):,} of {total:,} rows, the first in line {skipped[0]}, "
            "whose labels are missing"
        )


def _split(labels: Any, separator: str) -> Any:
    """Splits a scalar string into `(None,)` strings that are not empty."""
    found = tf.strings.strip(tf.strings.split(labels, separator))
    return tf.unique(tf.boolean_mask(found, found != "")).y


def _of_features(builder, names: Names, separator: str | None) -> Callable[[Any], Any]:
    """Makes the function from an example of a data set to its labels."""
    named = {"labels": names["label"]} if "label" in names else {}
    role = {"label": names["label"]} if "label" in names else {}
    if separator is not None:
        (label,) = choose_feature(builder, "label", EXPECTED, role)
        return lambda example: _split(label.text(example), separator)
    found = choose_feature(builder, "labels", EXPECTED, named)
    if len(found) == 1 and found[0].depth == 1:
        return lambda example: tf.unique(found[0].text(example)).y
    columns = tf.constant([each.name for each in found])

    def of_columns(example):
        values = tf.stack([tf.cast(each.value(example), tf.float32) for each in found])
        return tf.boolean_mask(columns, values >= 0.5)

    return of_columns
