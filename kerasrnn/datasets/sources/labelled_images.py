"""Where images with a class each come from: a data set's name or a table."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.column_names import find_names
from kerasrnn.datasets.readers.features import KINDS, choose_feature, feature_names, find_features
from kerasrnn.datasets.readers.image_decoding import resized
from kerasrnn.datasets.readers.image_files import is_image_name
from kerasrnn.datasets.readers.local_files import file_of_split, form_of, is_local
from kerasrnn.datasets.readers.reader_notes import note, without_notes
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import ALL_TABLES, ALSO_TABLES, PLAIN, TABLES, table_rows
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.datasets.sources.image_tables import images_of_table
from kerasrnn.files import numbered_lines, split_words
from kerasrnn.options.source import Split
from kerasrnn.options.words import BadRows

__all__ = ["has_images", "labelled_images"]

EXPECTED = "one image and one class"
ROLES = ("image", "label")


def labelled_images(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    bad_rows: BadRows = "refuse",
    image_shape: Sequence[int] | None = None,
) -> tf.data.Dataset:
    """Reads images with a class each.

    Args:
        data: A tensorflow-datasets name whose examples are an image and a class (`"mnist"`); a
            `.tsv` file with the path of an image (from the file's folder), a tab and a label on
            each line; a `.csv` or `.jsonl` file with the columns `image` and `label`; or a folder
            with such a file for each split.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`; `None` is all of a file.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are `image` and `label`, such as
            `"image=file,label=digit"`.
        encoding: That of a file, a name that Python knows.
        bad_rows: As in `labelled_texts`.
        image_shape: Height, width and channels to give the images; those of the first one of the
            training split by default.

    Returns:
        A `tf.data.Dataset` of `(image, label)`: `(H, W, C)` uint8, and a scalar string, the name
        of the class.

    Raises:
        ValueError: For an unknown data set or split, or examples of another kind; for a file as
            in `text_pairs`, and for an image that is not there or is none.

    Example:

    >>> images = labelled_images("digits", "validation", features="image=image,label=label")
    """
    check_split(split, whole=True)
    names = feature_names(features, ROLES)
    if is_local(data, ALL_TABLES, is_known):
        return images_of_table(data, split, ROLES, names, encoding, bad_rows, image_shape)
    builder, examples = open_split(data, split, data_dir)
    (image,) = choose_feature(builder, "image", EXPECTED, names)
    (label,) = choose_feature(builder, "label", EXPECTED, names)

    def pair(example):
        return image.value(example), label.text(example)

    images = examples(label).map(pair)
    if image_shape is None and None in images.element_spec[0].shape:
        train = images
        if split != "train":
            train = open_split(data, "train", data_dir)[1](label).map(pair)
        image_shape = next(iter(train.take(1)))[0].shape
    if image_shape is None:
        return images
    return images.map(
        lambda image, name: (resized(image, image_shape), name),
        num_parallel_calls=tf.data.AUTOTUNE,
    )


def has_images(
    data: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> bool:
    """Whether it is images, rather than texts, that data has a class for.

    Args:
        data: As in `labelled_images` or in `labelled_texts`.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: What the user named; an `image` or a `text` among them decides.
        encoding: That of a file, a name that Python knows.

    Returns:
        Otherwise of a data set, whether its supervised keys, or its only features that will do,
        are images; of a table with tabs whose first line does not name its columns, whether one
        of that line's is the path of an image file; of another table, whether it has the column
        `image` and no column `text`. Of a file `note` says which.

    Raises:
        ValueError: For an unknown data set, or a file that is not there.

    Example:

    >>> has_images("mnist"), has_images("languages")
    (True, False)
    """
    names = feature_names(features, ("text", *ROLES))
    if {"image", "text"} & names.keys():
        return "image" in names
    if is_local(data, ALL_TABLES, is_known):
        path, _ = file_of_split(data, "train", TABLES, ALSO_TABLES)
        images = _table_has_images(path, names, encoding)
        taken, other = ("paths of images", "text") if images else ("texts", "image")
        note(f"{path}: {taken} with a label each (`features` such as {other}=NAME says otherwise)")
        return images
    builder, _ = open_split(data, "train", data_dir)
    there = find_features(builder.info.features)
    inputs = (builder.info.supervised_keys or ((),))[0]
    named = [there[name] for name in tf.nest.flatten(inputs) if name in there]
    found = named or [each for each in there.values() if len(each.keys) == 1]
    return any(map(KINDS["image"], found)) and not any(map(KINDS["text"], found))


def _table_has_images(path: pathlib.Path, names: Mapping[str, Any], encoding: str) -> bool:
    if form_of(path) in (".tsv", *PLAIN) and not names:
        _, line = next(numbered_lines(path, encoding), (1, ""))
        cells = line.split("\t")
        if "label" not in find_names(cells, ("label",)):
            return any(is_image_name(each) and _is_path(path.parent, each) for each in cells)
        return "text" not in find_names(cells, ("text",)) and "image" in find_names(cells, ROLES)
    text, image = (_has_column(path, role, names, encoding) for role in ("text", "image"))
    return image and not text


def _is_path(folder: pathlib.Path, cell: str) -> bool:
    """Whether a cell is a path rather than a text that ends as one."""
    return len(split_words(cell)) == 1 or (folder / cell).is_file()


def _has_column(path: pathlib.Path, role: str, names: Mapping[str, Any], encoding: str) -> bool:
    with without_notes(), contextlib.suppress(UserError):  # whoever reads it for good will say so
        return next(table_rows(path, (role,), names, encoding), None) is not None
    return False
