"""A user's own files: their lines, their form, and which of them belong to a split."""

from __future__ import annotations

import gzip
import itertools
import os
import pathlib
import re
import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError

__all__ = [
    "check_split",
    "decoded_lines",
    "examples_of_rows",
    "file_of_split",
    "files_of_split",
    "form_of",
    "is_local",
]

SPLIT_NAMES = {
    "train": ("train",),
    "validation": ("validation", "dev", "val", "valid"),
    "test": ("test",),
}
# Of each twenty lines of a single file, the 19th goes to validation and the 20th to test.
PERIOD = 20
ROWS_AT_ONCE = 1024
PLACES = {"train": range(18), "validation": (18,), "test": (19,)}


def check_split(split: str) -> None:
    """Raises a `ValueError` for what is no name of a split."""
    if split not in SPLIT_NAMES:
        raise UserError(f"Expected `split` to be one of {tuple(SPLIT_NAMES)}. Received: {split!r}")


def form_of(path: str | os.PathLike) -> str:
    """Returns the ending of a file's name, `.tsv` of `a.tsv` and of `a.tsv.gz`."""
    path = pathlib.Path(path)
    return pathlib.Path(path.stem).suffix if path.suffix == ".gz" else path.suffix


def is_local(data: str | os.PathLike, forms: Sequence[str], known: Callable[[str], bool]) -> bool:
    """Whether a user means a file or a folder, rather than a data set's name.

    Args:
        data: What the user gave.
        forms: Endings of the files that will do.
        known: Whether a text is the name of a data set; a folder of that name is not meant.
    """
    if form_of(data) in forms:
        return True
    return pathlib.Path(data).is_dir() and not known(str(data))


def file_of_split(
    data: str | os.PathLike, split: str | None, forms: Sequence[str]
) -> tuple[pathlib.Path, str | None]:
    """Finds the file that a split is in.

    Args:
        data: A file, or a folder with a file for each split: its name is that of the split, or
            begins with it and goes on with `_` or `-`; something with a dot may stand before it.
        split: `"train"`, `"validation"` or `"test"`; `None` for all of a file.
        forms: Endings of the files that will do.

    Returns:
        The file, and the split of its lines to read: `None` for all of them.

    Raises:
        ValueError: Where there is no such file, or more than one.
    """
    path = pathlib.Path(data)
    if not path.is_dir():
        if not path.is_file():
            raise UserError(f"Expected a file. Received: {str(path)!r}, which is not there")
        return path, split
    files = [each for each in files_of_split(path, split) if form_of(each) in forms]
    if len(files) != 1:
        raise UserError(
            f"Expected one file of the {split} split in {path}, such as {split}{forms[0]}. "
            f"Received: {', '.join(each.name for each in files) or 'none'}"
        )
    return files[0], None


def files_of_split(folder: pathlib.Path, split: str | None) -> list[pathlib.Path]:
    """Returns the files of a folder that are named as a split is, whatever their form."""
    names = SPLIT_NAMES.get(split, ())
    return [each for each in sorted(folder.iterdir()) if _split_part(each) in names]


def _split_part(path: pathlib.Path) -> str:
    stem = path.name.removesuffix(".gz").removesuffix(form_of(path))
    return re.split("[_-]", stem.split(".")[-1])[0]


def decoded_lines(path: str | os.PathLike) -> Iterator[str]:
    """Reads the lines of a UTF-8 file one by one, their ends included.

    Args:
        path: The file; one that ends in `.gz` is unpacked on the way.

    Yields:
        The lines. A byte order mark at the beginning is left out.

    Raises:
        ValueError: Where a line is not UTF-8, which is named, or the file is not packed as its
            name says.
    """
    packed = pathlib.Path(path).suffix == ".gz"
    try:
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise UserError(f"{path}, line {number}: expected UTF-8. {error}") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"{path}: expected a whole gzip file. {error}") from error


def examples_of_rows(
    rows: Callable[[], Iterator], split: str | None, name: object, what: str, signature
) -> tf.data.Dataset:
    """Makes a data set of the rows of a file that belong to a split.

    All rows are read once before, so that a bad one is found at the beginning; none are kept.

    Args:
        rows: Reads the rows anew.
        split: `"train"`, `"validation"` or `"test"`; `None` for all rows.
        name: What they are of, for the error.
        what: What they are, for the error.
        signature: Of one row, as `tf.data.Dataset.from_generator` takes it.

    Returns:
        A `tf.data.Dataset`, in the order of the file.

    Raises:
        ValueError: Where there is no row, or too few for three splits.
    """
    number = sum(1 for _ in rows())
    if number == 0 and split is None:
        raise UserError(f"{name}: expected {what}. Received: none")
    if split is not None and number < PERIOD:
        raise UserError(
            f"{name}: expected at least {PERIOD} {what}, for there to be a training, a validation "
            f"and a test split. Received: {number}"
        )

    def chosen() -> Iterator:
        for i, row in enumerate(rows()):
            if split is None or i % PERIOD in PLACES[split]:
                yield row

    if any(spec.shape.rank or spec.dtype != tf.string for spec in tf.nest.flatten(signature)):
        return tf.data.Dataset.from_generator(chosen, output_signature=signature)

    # Into the graph many at a time, which is several times as fast.
    def in_bulk() -> Iterator:
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
