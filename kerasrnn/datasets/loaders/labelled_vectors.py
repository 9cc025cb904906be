"""Where sequences of vectors come from: a file of arrays, a long table, or a folder of them."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.feature_names import feature_names
from kerasrnn.datasets.readers.local_files import (
    examples_of_rows,
    file_of_split,
    files_of_split,
    form_of,
)
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import ALSO_TABLES, TABLES
from kerasrnn.datasets.sequences.array_file import ARRAYS, sequences_of_arrays
from kerasrnn.datasets.sequences.labelled_sequences import LabelledSequences
from kerasrnn.datasets.sequences.sensor_table import sequences_of_table, value_columns
from kerasrnn.datasets.sequences.sequence_numbers import NUMBER
from kerasrnn.datasets.sources.builders import is_known
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.options.source import Split

__all__ = [
    "ROLES",
    "as_vectors",
    "has_vectors",
    "labelled_vectors",
    "numbered_names",
    "read_sequences",
    "sequences_of_file",
    "vector_columns",
]

ROLES = ("features", "lengths", "label", "id", "time", "values")


def labelled_vectors(
    data: str | os.PathLike[str],
    split: Split = "train",
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    per_step: bool = False,
    columns: Sequence[str] | None = None,
) -> tf.data.Dataset:
    """Reads sequences of vectors with a label each, or with one for each step.

    Args:
        data: A `.npz` file with the arrays `features`, `labels` and perhaps `lengths`, see
            `read_sequences`; a `.csv`, `.tsv` or `.jsonl` file with a row for each step, of which
            `features` names the column of ids; or a folder with such a file for each split.
        split: `"train"`, `"validation"` or `"test"`: of each twenty sequences, not rows, of a file
            the 19th is for validation and the 20th for test; `None` is all of a file.
        features: What arrays or columns are called, such as `"id=run,time=t,label=class"` or
            `"features=x,label=y"`.
        encoding: That of a table.
        per_step: Whether each step has a label.
        columns: Names of the columns of a table that are the values.

    Returns:
        A `tf.data.Dataset` of `(features, label)`: `(T, F)` float32, and a scalar string, or `(T,)`
        strings, one for each step.

    Raises:
        ValueError: As `read_sequences`, or for too few sequences for three splits.

    Example:

    >>> train = labelled_vectors("runs.csv", features="id=run,time=t")  # doctest: +SKIP
    """
    check_split(split, whole=True)
    path, part = file_of_split(data, split, (*ARRAYS, *TABLES), ALSO_TABLES)
    found = read_sequences(
        path, features=features, encoding=encoding, per_step=per_step, columns=columns
    )
    pairs = list(zip(found.features, found.labels or (), strict=True))
    kind = tf.TensorSpec((None,) if per_step else (), tf.string)
    signature = (tf.TensorSpec((None, len(found.columns)), tf.float32), kind)
    return examples_of_rows(lambda: iter(pairs), part, path, "sequences", signature)


def read_sequences(
    path: str | os.PathLike[str],
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    labelled: bool = True,
    per_step: bool = False,
    columns: Sequence[str] | None = None,
) -> LabelledSequences:
    """Reads all sequences of a file.

    Args:
        path: The file: of arrays, see `sequences_of_arrays`, or a table, see `sequences_of_table`.
        features: As in `labelled_vectors`.
        encoding: That of a table.
        labelled: Whether there have to be labels.
        per_step: Whether they belong to steps.
        columns: Names of the columns of a table that are the values.

    Raises:
        ValueError: As these functions.
    """
    # Which columns are numbers about a sequence may be said of one that is to be answered.
    names = feature_names(features, ROLES if labelled else (*ROLES, NUMBER))
    return sequences_of_file(
        path, names, encoding, labelled=labelled, per_step=per_step, columns=columns
    )


def sequences_of_file(
    path: str | os.PathLike[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
    *,
    labelled: bool = True,
    per_step: bool = False,
    columns: Sequence[str] | None = None,
) -> LabelledSequences:
    """Does as `read_sequences` by names that are read.

    Args:
        path: The file.
        names: By role the names of arrays or columns.
        encoding: That of a table.
        labelled: Whether there have to be labels.
        per_step: Whether they belong to steps.
        columns: Names of the columns of a table that are the values.
    """
    kind = {"labelled": labelled, "per_step": per_step}
    if form_of(path) in ARRAYS:
        return sequences_of_arrays(path, names, **kind)
    return sequences_of_table(path, names, encoding, **kind, columns=columns)


def numbered_names(
    path: str | os.PathLike[str], features: Mapping[str, str] | str | None
) -> dict[str, list[str]]:
    """Reads the names of arrays or columns where each sequence has numbers.

    Args:
        path: The file; in a table the column `number` has them, where none is named.
        features: What the user named.
    """
    names = feature_names(features, (*ROLES, NUMBER))
    return names if form_of(path) in ARRAYS else {NUMBER: [NUMBER], **names}


def has_vectors(
    data: str | os.PathLike[str], features: Mapping[str, str] | str | None = None
) -> bool:
    """Whether data are sequences of vectors: arrays, or a table of which an id is named.

    Args:
        data: As in `labelled_vectors`, or anything else.
        features: What the user named.

    Example:

    >>> has_vectors("walks.npz"), has_vectors("walks.csv", "id=walk"), has_vectors("reviews.csv")
    (True, True, False)
    """
    names: Mapping[str, Any] = {}
    with contextlib.suppress(UserError):  # whoever reads it for good will say so
        names = feature_names(features, (*ROLES, NUMBER, "text", "image", "frames", "tags"))
    if "id" in names or form_of(data) in ARRAYS:
        return True
    path = pathlib.Path(data)
    if not path.is_dir() or is_known(str(data)):
        return False
    return any(form_of(each) in ARRAYS for each in files_of_split(path, "train"))


def as_vectors(raw: Any, *, per_step: bool = False) -> tf.data.Dataset:
    """Makes a data set of sequences of vectors with labels, however they come.

    Args:
        raw: Of `(features, label)`, as `labelled_vectors` gives them: a `tf.data.Dataset`, a list,
            a table or a generator.
        per_step: Whether each step has a label.

    Raises:
        ValueError: For what is no sequence of vectors, or another number of labels.

    Example:

    >>> data = as_vectors([([[1.0, 2.0]], "up"), ([[3.0, 4.0], [5.0, 6.0]], "down")])
    >>> [tuple(features.shape) for features, _ in data]
    [(1, 2), (2, 2)]
    """
    role = "labels" if per_step else "label"
    return as_dataset(raw, ("features", role), ranks={"features": 2, "labels": 1})


def vector_columns(
    data: str | os.PathLike[str],
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    numbered: bool = False,
) -> tuple[str, ...] | None:
    """Returns the names of the features of the training split; `None` for those of arrays.

    Args:
        data: As in `labelled_vectors`.
        features: As in `labelled_vectors`.
        encoding: That of a table.
        numbered: Whether columns of it are numbers about each sequence, see `numbered_vectors`.
    """
    path, _ = file_of_split(data, "train", (*ARRAYS, *TABLES), ALSO_TABLES)
    if form_of(path) in ARRAYS:
        return None
    names = numbered_names(path, features) if numbered else feature_names(features, ROLES)
    return tuple(value_columns(path, names, encoding))
