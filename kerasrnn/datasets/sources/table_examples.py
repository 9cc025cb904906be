"""Columns of a table as examples: what all tables of texts share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from kerasrnn.datasets.readers.bad_rows import checked_rows
from kerasrnn.datasets.readers.local_files import examples_of_rows, file_of_split
from kerasrnn.datasets.readers.table_rows import ALSO_TABLES, TABLES, numbered_rows
from kerasrnn.options.source import Split
from kerasrnn.options.words import BadRows

__all__ = ["examples_of_table"]


def examples_of_table(
    data: str | os.PathLike[str],
    split: Split,
    roles: Sequence[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
    bad_rows: BadRows = "refuse",
) -> tf.data.Dataset:
    """Streams columns of a table, or of the one of a split in a folder.

    Args:
        data: The file or the folder.
        split: `"train"`, `"validation"` or `"test"`; `None` for all of a file.
        roles: The roles of the columns.
        names: What `feature_names` returned.
        encoding: That of the file.
        bad_rows: As in `labelled_texts`.

    Returns:
        A `tf.data.Dataset` of a scalar string for each role.

    Raises:
        ValueError: As `text_pairs`.
    """
    path, part = file_of_split(data, split, TABLES, ALSO_TABLES)
    signature = (tf.TensorSpec((), tf.string),) * len(roles)

    def rows() -> Iterator[tuple[str, ...]]:
        rows = numbered_rows(path, roles, names, encoding)
        return checked_rows(path, rows, roles, bad_rows)

    return examples_of_rows(rows, part, path, "lines", signature)
