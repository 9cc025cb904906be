"""Where texts with numbers come from: a data set's name or a table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from kerasrnn.checks import UserError, check_choice
from kerasrnn.datasets.readers.bad_rows import MISSING, checked_rows
from kerasrnn.datasets.readers.features import choose_feature, feature_names
from kerasrnn.datasets.readers.local_files import examples_of_rows, file_of_split, is_local
from kerasrnn.datasets.readers.number_rows import number_of_cell
from kerasrnn.datasets.readers.object_rows import has_objects
from kerasrnn.datasets.readers.reader_notes import note, without_notes
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_layout import layout_of
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
from kerasrnn.options.words import BadNumbers, words
from kerasrnn.text.as_written import as_written

__all__ = ["number_names", "texts_with_numbers"]

ROLES, EXPECTED = ("text", "number"), "one text and one number"
Names = Mapping[str, Sequence[str]]


def texts_with_numbers(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    bad_rows: BadNumbers = "refuse",
) -> tf.data.Dataset:
    """Reads texts with one or several numbers each: a rating, a price.

    Args:
        data: A `.tsv`, `.csv` or `.jsonl` file with a column of texts and columns of numbers, or a
            folder with such a file for each split; or a tensorflow-datasets name whose examples
            have a text and a number.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are `text` and `number`, such as
            `"text=review,number=stars+price"`, see `labelled_texts`.
        encoding: That of a file, a name that Python knows.
        bad_rows: What is done with a row of a file that lacks a number, whose cell is empty or
            holds what programs write for no value (NaN, None, null): `"refuse"` or `"skip"`.

    Returns:
        A `tf.data.Dataset` of `(text, numbers)`, a scalar string and `(K,)` float64.

    Raises:
        ValueError: For an unknown data set or split, examples without a text and a number, or a
            cell that is no number, whose line is named.

    Example:

    >>> reviews = texts_with_numbers("reviews.csv", "validation")  # doctest: +SKIP
    """
    check_split(split, whole=True)
    names = feature_names(features, ROLES)
    if is_local(data, ALL_TABLES, is_known):
        return _of_table(data, split, names, encoding, bad_rows)
    builder, examples = open_split(data, split, data_dir)
    texts = choose_feature(builder, "text", EXPECTED, names)
    numbers = choose_feature(builder, "number", EXPECTED, names)

    def pair(example):
        text = tf.strings.join([each.text(example) for each in texts], BORDER)
        values = [tf.cast(each.value(example), tf.float64) for each in numbers]
        return text, tf.stack(values)

    return examples().map(as_written(pair))


def number_names(
    data: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> tuple[str, ...]:
    """Names the K numbers that `texts_with_numbers` reads, by their columns or features.

    Args:
        data: As in `texts_with_numbers`.
        data_dir: As in `texts_with_numbers`.
        features: As in `texts_with_numbers`.
        encoding: As in `texts_with_numbers`.

    Raises:
        ValueError: As in `texts_with_numbers`, or where two of them have one name.
    """
    names = feature_names(features, ROLES)
    if is_local(data, ALL_TABLES, is_known):
        path, _ = file_of_split(data, "train", TABLES, ALSO_TABLES)
        with without_notes():
            found = tuple(column_titles(path, ROLES, names, encoding)["number"])
    else:
        builder, _ = open_split(data, "train", data_dir)
        found = tuple(each.name for each in choose_feature(builder, "number", EXPECTED, names))
    if len(set(found)) != len(found):
        raise UserError(f"Expected distinct columns of numbers. Received: {', '.join(found)}")
    return found


def _of_table(
    data: str | os.PathLike[str], split: Split, names: Names, encoding: str, bad_rows: BadNumbers
) -> tf.data.Dataset:
    """Streams texts and numbers of a table, each number checked."""
    check_choice("bad_rows", bad_rows, words(BadNumbers))
    path, part = file_of_split(data, split, TABLES, ALSO_TABLES)
    with without_notes():
        titles = column_titles(path, ROLES, names, encoding)["number"]
        # Only beside a semicolon or a tab a comma can stand in a number.
        separator = "," if has_objects(path) else layout_of(path, ROLES, names, encoding).separator

    def rows() -> Iterator[tuple[str, ...]]:
        found = _numbers(path, numbered_rows(path, ROLES, names, encoding), titles, separator)
        return checked_rows(path, _whole(path, found, bad_rows), ROLES, "keep")

    signature = (tf.TensorSpec((), tf.string), tf.TensorSpec((), tf.string))
    examples = examples_of_rows(rows, part, path, "lines", signature)

    def parsed(text, cells):
        numbers = tf.strings.to_number(tf.strings.split(cells, BORDER), tf.float64)
        return text, tf.ensure_shape(numbers, [len(titles)])

    return examples.map(parsed)


def _numbers(
    path: object, rows: Iterator[tuple[int, tuple[str, ...]]], titles: list[str], separator: str
) -> Iterator[tuple[int, str, list[float | None]]]:
    """Yields the line, the text and the numbers of each row; `None` for one that is missing."""
    for line, (text, cells) in rows:
        values: list[float | None] = []
        for title, cell in zip(titles, cells.split(BORDER), strict=False):
            missing = cell.strip(WHITE_SPACE) in MISSING
            value = None if missing else number_of_cell(cell, separator)
            if value is None and not missing:
                expected = f"a number in the column {title}"
                raise wrong_line(path, line, expected, f"{cell!r:.60}")
            values.append(value)
        if len(values) != len(titles) or cells.count(BORDER) >= len(titles):
            raise wrong_line(path, line, "a number in each cell", f"{cells!r:.60}")
        yield line, text, values


def _whole(
    path: object, rows: Iterator[tuple[int, str, list[float | None]]], bad_rows: BadNumbers
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yields the rows that lack no number, which are written such that a graph reads them alike."""
    total, skipped, first = 0, 0, 0
    for line, text, values in rows:
        total += 1
        if None in values:
            if bad_rows == "refuse":
                raise wrong_line(
                    path, line, "a number", "an empty cell (`bad_rows` skip leaves such rows out)"
                )
            first = first or line
            skipped += 1
            continue
        yield line, (text, BORDER.join(map(repr, values)))
    if skipped:
        note(
            f"{path}: skipped {skipped:,} of {total:,} rows, the first in line {first}, that lack "
            "a number"
        )
