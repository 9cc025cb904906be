"""Where pairs of texts with a label come from: a data set's name or a table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.column_names import PAIRED
from kerasrnn.datasets.readers.features import choose_feature, feature_names, text_features
from kerasrnn.datasets.readers.local_files import is_local
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import ALL_TABLES, BORDER, numbered_rows
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.datasets.sources.gold_labels import with_gold_labels
from kerasrnn.datasets.sources.table_examples import examples_of_table
from kerasrnn.options.source import Split
from kerasrnn.options.words import BadRows
from kerasrnn.text.as_written import as_written

__all__ = ["labelled_pairs", "pair_inputs"]

SIDES = ("first", "second")
ROLES = (*SIDES, "label")
EXPECTED = "two texts and one class"


def labelled_pairs(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    bad_rows: BadRows = "refuse",
) -> tf.data.Dataset:
    """Reads pairs of texts with a label each: whether they mean the same, whether one follows.

    Args:
        data: An embedded data set (`"paraphrases"`), a tensorflow-datasets name whose examples are
            two texts and a class (`"glue/mrpc"`, `"glue/qqp"`, `"snli"`); a `.tsv` file with two
            texts and a label on each line, tabs between them, or a first line that names its
            columns; a `.csv` or `.jsonl` file; or a folder with such a file for each split.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`. A split whose classes are
            hidden (-1, as in the tests of GLUE) counts as one that is not there; where single
            examples have none, as in SNLI, these are left out, and counted by a note.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are `first`, `second` and `label`, such as
            `"first=premise,second=hypothesis,label=gold"`; found by usual names by default, such as
            `sentence1` and `sentence2`.
        encoding: That of a file, a name that Python knows.
        bad_rows: As in `labelled_texts`; a dash instead of a label is a missing one too.

    Returns:
        A `tf.data.Dataset` of `(first, second, label)`, scalar strings, the label being its name.

    Raises:
        ValueError: For an unknown data set or split, or examples that are no such pairs; for a
            file as in `text_pairs`.

    Example:

    >>> pairs = labelled_pairs("paraphrases", "validation")
    """
    check_split(split, whole=True)
    names = feature_names(features, ROLES)
    if is_local(data, ALL_TABLES, is_known):
        return examples_of_table(data, split, ROLES, names, encoding, bad_rows)
    builder, examples = open_split(data, split, data_dir)
    names = {**_sides(builder, names), **names}
    *sides, (label, *more) = (choose_feature(builder, each, EXPECTED, names) for each in ROLES)
    if more:
        raise UserError(f"Expected one feature for label. Received: {'+'.join(names['label'])}")

    def triple(example):
        texts = ([part.text(example) for part in side] for side in sides)
        return (*(tf.strings.join(parts, BORDER) for parts in texts), label.text(example))

    rows = with_gold_labels(examples, label, f"the {split} split of {data}")
    return rows.map(as_written(triple))


def _sides(builder, names: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Names the two texts of a builder by their usual names, or because there are no others."""
    there = [each.name for each in text_features(builder)]
    if set(SIDES) <= names.keys():
        return {}
    if not names.keys() & set(SIDES):
        known = [pair for pair in PAIRED if set(pair) <= set(there)]
        if len(known) == 1:
            return {side: [name] for side, name in zip(SIDES, known[0], strict=True)}
    else:
        named = next(names[side] for side in SIDES if side in names)
        there = [name for name in there if name not in named]
        if len(there) == 1:
            return {side: there for side in SIDES}
    raise UserError(
        f"Expected a data set of {EXPECTED}. Received: {builder.name!r} with the features "
        f"{', '.join(builder.info.features)} (`features` such as first=NAME,second=NAME tells "
        "which)"
    )


def pair_inputs(
    path: str | os.PathLike[str],
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> Iterator[tuple[str, str]]:
    """Streams the pairs of a file for a prediction, read as in training.

    Args:
        path: A `.csv` or `.jsonl` file, or one with tabs between the columns, perhaps gzipped; with
            labels or without.
        features: As the training was told.
        encoding: That of the file, a name that Python knows.

    Yields:
        The first and the second text of each row.

    Raises:
        ValueError: For a file that is not there, or a row of another form, whose line is named.

    Example:

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "new.tsv")
    ...     _ = path.write_text("It rains.\\tIt is wet.\\nIt snows.\\tIt is hot.\\n")
    ...     list(pair_inputs(path))
    [('It rains.', 'It is wet.'), ('It snows.', 'It is hot.')]
    """
    rows = numbered_rows(path, SIDES, feature_names(features, ROLES), encoding, beside=True)
    return ((first, second) for _, (first, second) in rows)
