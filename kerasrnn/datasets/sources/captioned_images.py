"""Where images with a text each come from, or their texts alone: a data set's name or a table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.datasets.readers.features import (
    KINDS,
    NAMED,
    Feature,
    choose_feature,
    feature_names,
    find_features,
)
from kerasrnn.datasets.readers.image_decoding import resized
from kerasrnn.datasets.readers.local_files import is_local
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import ALL_TABLES
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.datasets.sources.image_tables import images_of_table
from kerasrnn.datasets.sources.table_examples import examples_of_table
from kerasrnn.options.source import Split
from kerasrnn.text.as_written import as_written

__all__ = ["caption_texts", "captioned_images"]

EXPECTED = "an image and one text that describes it"
ROLES = ("image", "text")
# Features that hold the texts of an image, perhaps several.
CAPTIONS = ("captions", "caption", "texts", "descriptions")


def captioned_images(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    image_shape: Sequence[int] | None = None,
) -> tf.data.Dataset:
    """Reads images with a text each, and with what the text is asked for by.

    Args:
        data: An embedded data set (`"digits"`, whose texts are asked for by a language), a
            tensorflow-datasets name whose examples are an image and a text, or several texts
            (`"coco_captions"`), each of which makes an example; a `.tsv` file with the path of an
            image (from the file's folder), a tab and a text on each line; a `.csv` or `.jsonl`
            file with the columns `image` and `text`; or a folder with such a file for each split.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`; `None` is all of a file.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are `image` and `text`, such as
            `"image=file,text=caption"`, and of a data set perhaps `start`.
        encoding: That of a file, a name that Python knows.
        image_shape: Height, width and channels to give the images; those of the first one of the
            training split by default.

    Returns:
        A `tf.data.Dataset` of `(image, start, text)`: `(H, W, C)` uint8 and two scalar strings,
        the start being `""` where there is none. Images of several sizes get that of the first
        one of the training split.

    Raises:
        ValueError: For an unknown data set or split, or examples of another kind; for a file as
            in `text_pairs`, and for an image that is not there or is none.

    Example:

    >>> images = captioned_images("digits", "validation")
    """
    check_split(split, whole=True)
    if is_local(data, ALL_TABLES, is_known):
        names = feature_names(features, ROLES)
        images = images_of_table(data, split, ROLES, names, encoding, shape=image_shape)
        return images.map(lambda image, text: (image, "", text))
    names = feature_names(features, ("image", "start", "text"))
    builder, examples = open_split(data, split, data_dir)
    image, start, text = _features(builder, names)

    def parts(example):
        asked = start.text(example) if start else tf.constant("")
        return image.value(example), asked, text.text(example)

    images = examples().map(as_written(parts))
    if text.depth:
        images = images.flat_map(_one_for_each_text)
    if image_shape is None and None in tuple(images.element_spec[0].shape):
        train = images if split == "train" else open_split(data, "train", data_dir)[1]().map(parts)
        image_shape = next(iter(train.take(1)))[0].shape
    if image_shape is None:
        return images
    return images.map(
        lambda image, *texts: (resized(image, image_shape), *texts),
        num_parallel_calls=tf.data.AUTOTUNE,
    )


def caption_texts(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> tf.data.Dataset:
    """Reads the texts of images alone; no image is decoded for it.

    Args:
        data: As in `captioned_images`, with all that follows.
        split: As there.
        data_dir: As there.
        features: As there.
        encoding: As there.

    Returns:
        A `tf.data.Dataset` of `(start, text)`, scalar strings, in the order of `captioned_images`.

    Raises:
        ValueError: As `captioned_images`, but for what is wrong with images.

    Example:

    >>> starts = {start for start, _ in caption_texts("digits", "test").as_numpy_iterator()}
    >>> b"de" in starts
    True
    """
    check_split(split, whole=True)
    if is_local(data, ALL_TABLES, is_known):
        names = feature_names(features, ROLES)
        rows = examples_of_table(data, split, ROLES, names, encoding)
        return rows.map(lambda _, text: ("", text))
    names = feature_names(features, ("image", "start", "text"))
    builder, examples = open_split(data, split, data_dir)
    _, start, text = _features(builder, names)

    def parts(example):
        return start.text(example) if start else tf.constant(""), text.text(example)

    texts = examples(only=[each for each in (start, text) if each is not None]).map(parts)
    return texts.flat_map(_one_for_each_text) if text.depth else texts


def _one_for_each_text(*parts_and_texts) -> tf.data.Dataset:
    *parts, texts = parts_and_texts
    return tf.data.Dataset.from_tensor_slices(texts).map(lambda text: (*parts, text))


def _features(builder, names: Mapping[str, Any]) -> tuple[Feature, Feature | None, Feature]:
    """Finds image, start and text; supervised keys of the form `((image, start), text)` tell."""
    there = find_features(builder.info.features)
    (image,) = choose_feature(builder, "image", EXPECTED, names)
    inputs, outputs = builder.info.supervised_keys or ((), ())
    starts = [name for name in tf.nest.flatten(inputs) if KINDS["start"](there[name])]
    texts = [name for name in tf.nest.flatten(outputs) if KINDS["text"](there[name])]
    named = {**names, **({"text": texts} if texts and "text" not in names else {})}
    if not texts and "text" not in named:
        named |= _several_texts(there)
    (text,) = choose_feature(builder, "text", EXPECTED, named, also=(1,))
    starts = [name for name in names.get("start", starts) if name != text.name]
    if "start" in names:
        choose_feature(builder, "start", EXPECTED, names)
    return image, there[starts[0]] if starts else None, text


def _several_texts(there: Mapping[str, Feature]) -> dict[str, list[str]]:
    """Names the texts of an image where a feature called captions or so holds them."""
    names = [name for name in there if name.split("/")[0] in CAPTIONS]
    names = [name for name in names if NAMED["text"](there[name])]
    return {"text": names} if len(names) == 1 else {}
