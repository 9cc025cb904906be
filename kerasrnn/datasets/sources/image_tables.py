"""Images that a user's table names, with what the table says of each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from kerasrnn.datasets.readers.bad_rows import checked_rows
from kerasrnn.datasets.readers.image_decoding import read_image
from kerasrnn.datasets.readers.local_files import file_of_split
from kerasrnn.datasets.readers.table_rows import ALSO_TABLES, TABLES, numbered_rows
from kerasrnn.datasets.sources.table_examples import examples_of_table
from kerasrnn.options.source import Split
from kerasrnn.options.words import BadRows

__all__ = ["images_of_table"]


def images_of_table(
    data: str | os.PathLike[str],
    split: Split,
    roles: Sequence[str],
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
    bad_rows: BadRows = "refuse",
    shape: Sequence[int] | None = None,
) -> tf.data.Dataset:
    """Reads the images that a table, or the one of a split in a folder, names.

    Args:
        data: The file or the folder.
        split: `"train"`, `"validation"` or `"test"`; `None` for all of a file.
        roles: The roles of the columns; the first is that of the image, whose path is from the
            file's folder.
        names: What `feature_names` returned.
        encoding: That of the file.
        bad_rows: As in `labelled_texts`.
        shape: Height, width and channels to give the images; those of the first one of the
            training split by default.

    Returns:
        A `tf.data.Dataset` of an image `(H, W, C)` uint8 and of a scalar string for each further
        role.

    Raises:
        ValueError: As `text_pairs`, and for an image that is not there or is none.
    """
    path = file_of_split(data, split, TABLES, ALSO_TABLES)[0]
    rows = examples_of_table(data, split, roles, names, encoding, bad_rows)
    if shape is None:
        shape = _first_shape(data, roles, names, encoding, bad_rows)
    for name, *_ in rows.as_numpy_iterator():  # a bad one is found before anything is written
        read_image(path.parent / name.decode("utf-8"), shape)

    def images() -> Iterator[tuple]:
        for name, *texts in rows.as_numpy_iterator():
            yield read_image(path.parent / name.decode("utf-8"), shape), *texts

    texts = (tf.TensorSpec((), tf.string),) * (len(roles) - 1)
    signature = (tf.TensorSpec(shape, tf.uint8), *texts)
    return tf.data.Dataset.from_generator(images, output_signature=signature)


def _first_shape(data, roles, names, encoding, bad_rows) -> tuple[int, ...]:
    """Returns the shape of the first image of the training split."""
    first_path = file_of_split(data, "train", TABLES, ALSO_TABLES)[0]
    first_rows = numbered_rows(first_path, roles, names, encoding)
    first = next(checked_rows(first_path, first_rows, roles, bad_rows))[0]
    return read_image(first_path.parent / first).shape
