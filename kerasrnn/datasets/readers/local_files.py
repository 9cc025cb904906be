"""A user's own files: their lines, their form, and which of them belong to a split."""

from __future__ import annotations

import itertools
import os
import pathlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.splits import HELD_OUT, SPLIT_NAMES, Part, part_of
from kerasrnn.options.source import FoldSplit, Split

__all__ = ["examples_of_rows", "file_of_split", "files_of_split", "form_of", "is_local"]

ROWS_AT_ONCE = 1024


def form_of(path: str | os.PathLike[str]) -> str:
    """Returns the ending of a file's name in lower case, `.tsv` of `a.tsv` and of `A.TSV.GZ`."""
    return pathlib.Path(_unpacked(path)).suffix.lower()


def _unpacked(path: str | os.PathLike[str]) -> str:
    """Returns the name of a file without the ending that says that it is packed."""
    path = pathlib.Path(path)
    return path.stem if path.suffix.lower() == ".gz" else path.name


def is_local(
    data: str | os.PathLike[str], forms: Sequence[str], known: Callable[[str], bool]
) -> bool:
    """Whether a user means a file or a folder, rather than a data set's name.

    Args:
        data: What the user gave.
        forms: Endings of the files that will do.
        known: Whether a text is the name of a data set; a folder or a file of that name is not
            meant.

    Raises:
        UserError: For a file whose name ends otherwise.
    """
    if form_of(data) in forms:
        return True
    path = pathlib.Path(data)
    if not path.exists() or known(str(data)):
        return False
    if not path.is_dir():
        raise UserError(
            f"Expected a file that ends with {', '.join(forms[:-1])} or {forms[-1]}, packed by "
            f"gzip or not. Received: {str(data)!r}"
        )
    return True


def file_of_split(
    data: str | os.PathLike[str], split: Split, forms: Sequence[str], also: Sequence[str] = ()
) -> tuple[pathlib.Path, Part | None]:
    """Finds the file that a split is in.

    Args:
        data: A file, or a folder with a file for each split: its name is that of the split, or
            begins with it and goes on with `_` or `-`; something with a dot may stand before it.
            A validation or test split that a folder has not is held out of its training file.
        split: `"train"`, `"validation"` or `"test"`, of a file perhaps in a fold; `None` for all
            of a file.
        forms: Endings of the files that will do.
        also: Endings that will do too where a folder has no other file of a split.

    Returns:
        The file, and the part of it to read: `None` for all of it.

    Raises:
        ValueError: Where there is no such file, or more than one.
    """
    path = pathlib.Path(data)
    if not path.is_dir():
        if not path.is_file():
            raise UserError(f"Expected a file. Received: {str(path)!r}, which is not there")
        return path, part_of(split)
    if isinstance(split, FoldSplit):
        raise UserError(f"Expected one file, of which to make folds. Received: {path}, a folder")
    there = {name: _of_form(files_of_split(path, name), forms, also) for name in SPLIT_NAMES}
    missing = tuple(name for name in HELD_OUT if not there[name])
    files = there["train" if split in missing else split] if split else []
    if split is None or len(files) != 1:
        raise UserError(
            f"Expected one file of the {split} split in {path}, such as {split}{forms[0]}. "
            f"Received: {', '.join(each.name for each in files) or 'none'}"
        )
    whole = split not in missing and (split != "train" or not missing)
    return files[0], None if whole else Part(split, missing)


def _of_form(files, forms: Sequence[str], also: Sequence[str]) -> list[pathlib.Path]:
    found = [path for path in files if form_of(path) in forms]
    return found or [path for path in files if form_of(path) in also]


def files_of_split(folder: pathlib.Path, split: Split) -> list[pathlib.Path]:
    """Returns the files of a folder that are named as a split is, whatever their form."""
    names = SPLIT_NAMES.get(split, ()) if isinstance(split, str) else ()
    return [each for each in sorted(folder.iterdir()) if _split_part(each) in names]


def _split_part(path: pathlib.Path) -> str:
    stem = pathlib.Path(_unpacked(path)).stem
    return re.split("[_-]", stem.split(".")[-1])[0].lower()


def examples_of_rows(
    rows: Callable[[], Iterator[Any]], part: Part | None, name: object, what: str, signature: Any
) -> tf.data.Dataset:
    """Makes a data set of the rows of a file that belong to a split.

    All rows are read once before, so that a bad one is found at the beginning; none are kept.

    Args:
        rows: Reads the rows anew.
        part: Which rows; `None` for all.
        name: What they are of, for the error.
        what: What they are, for the error.
        signature: Of one row, as `tf.data.Dataset.from_generator` takes it.

    Returns:
        A `tf.data.Dataset`, in the order of the file.

    Raises:
        ValueError: Where there is no row, or too few for three splits.
    """
    number = sum(1 for _ in rows())
    if number == 0 and part is None:
        raise UserError(f"{name}: expected {what}. Received: none")
    if part is not None and number < part.period:
        raise UserError(
            f"{name}: expected at least {part.period} {what}, for there to be a training, a "
            f"validation and a test split. Received: {number}"
        )

    period, kept = (1, (0,)) if part is None else (part.period, part.places)
    if part is not None:
        note(f"{name}: {part.said(what)}")

    def chosen() -> Iterator[Any]:
        return (row for i, row in enumerate(rows()) if i % period in kept)

    if any(spec.shape.rank or spec.dtype != tf.string for spec in tf.nest.flatten(signature)):
        return tf.data.Dataset.from_generator(chosen, output_signature=signature)

    # Into the graph many at a time, which is several times as fast.
    def in_bulk() -> Iterator[Any]:
        rows = chosen()
        while some := list(itertools.islice(rows, ROWS_AT_ONCE)):
            columns = zip(*some, strict=True) if isinstance(signature, tuple) else [some]
            columns = tuple(_bytes(column) for column in columns)
            yield columns if isinstance(signature, tuple) else columns[0]

    batched = tf.nest.map_structure(lambda spec: tf.TensorSpec((None,), tf.string), signature)
    return tf.data.Dataset.from_generator(in_bulk, output_signature=batched).unbatch()


def _bytes(texts: Sequence[str]) -> np.ndarray:
    """As objects, since NumPy's own strings lose a NUL at their end."""
    return np.array([text.encode("utf-8") for text in texts], dtype=object)
