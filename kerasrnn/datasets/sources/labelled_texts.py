"""Where labelled texts come from: a data set's name or a table."""

from __future__ import annotations

import os
from collections.abc import Mapping

import tensorflow as tf

from kerasrnn.datasets.readers.features import choose_feature, feature_names, text_features
from kerasrnn.datasets.readers.local_files import is_local
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import ALL_TABLES, BORDER
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.datasets.sources.gold_labels import with_gold_labels
from kerasrnn.datasets.sources.table_examples import examples_of_table
from kerasrnn.options.source import Split
from kerasrnn.options.words import BadRows
from kerasrnn.text.as_written import as_written

__all__ = ["labelled_texts"]


def labelled_texts(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    bad_rows: BadRows = "refuse",
) -> tf.data.Dataset:
    """Reads texts with a label each.

    Args:
        data: An embedded data set (`"languages"`, `"messages"`), a tensorflow-datasets name whose
            examples are a text, or two, and a class (`"imdb_reviews"`, `"glue/mrpc"`); a `.tsv`
            file with a text, a tab and a label on each line, or a first line that names its
            columns; a `.csv` or `.jsonl` file; or a folder with such a file for each split. What is
            guessed of a file, such as that the label is before its text, `notes_to` prints.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`. A split whose classes are
            hidden (-1, as in the tests of GLUE) counts as one that is not there.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are `text` and `label`, such as
            `"text=title+body,label=stars"`; several texts get a line end between them. Columns of
            a file without a header have numbers, from 1. In a dictionary a list names columns of
            any letters: `{"text": ["title, body", "C++"]}`.
        encoding: That of a file, a name that Python knows.
        bad_rows: What is done with a row of a file whose label is missing, empty or what programs
            write for no value (NaN, None, null): `"refuse"`, `"skip"`, or `"keep"`, by which each
            label is what its cell holds, white space around it included.

    Returns:
        A `tf.data.Dataset` of `(text, label)`, scalar strings, the label being its name.

    Raises:
        ValueError: For an unknown data set or split, or examples that are no labelled texts; for
            a file as in `text_pairs`.

    Example:

    >>> texts = labelled_texts("languages", "validation")
    """
    check_split(split, whole=True)
    names = feature_names(features, ("text", "label"))
    if is_local(data, ALL_TABLES, is_known):
        return examples_of_table(data, split, ("text", "label"), names, encoding, bad_rows)
    builder, examples = open_split(data, split, data_dir)
    names = {"text": _two_texts(builder), **names} if _two_texts(builder) else names
    texts = choose_feature(builder, "text", "one text and one class", names)
    (label,) = choose_feature(builder, "label", "one text and one class", names)

    def pair(example):
        parts = [text.text(example) for text in texts]
        return tf.strings.join(parts, BORDER), label.text(example)

    if len(texts) == 1:
        return examples(label).map(as_written(pair))
    return with_gold_labels(examples, label, f"the {split} split of {data}").map(as_written(pair))


def _two_texts(builder) -> list[str]:
    """Names the texts of a builder that has two, neither of them named by itself as the one."""
    if builder.info.supervised_keys:
        return []
    names = [each.name for each in text_features(builder)]
    return names if len(names) == 2 and "text" not in names else []
