"""Where videos with a label for each frame come from: a data set's name, files, or Python."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.features import Feature, choose_feature, feature_names, find_features
from kerasrnn.datasets.readers.local_files import is_local
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.datasets.videos.video_sources import VIDEO_FILES, videos_of_files
from kerasrnn.options.source import Split
from kerasrnn.text.as_written import as_written

__all__ = ["films_with_labels", "labelled_frames"]

EXPECTED = "films with a class for each frame"


def labelled_frames(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    frame_shape: Sequence[int] | None = None,
    image_size: Sequence[int] | None = None,
) -> tf.data.Dataset:
    """Reads videos with a label for each frame.

    Args:
        data: An embedded data set (`"moving_digits"`), or a tensorflow-datasets name whose
            examples are a sequence of frames and a sequence of classes, or one class
            (`"ucf101"`), which then counts for each frame. Or a `.csv`, `.tsv` or `.jsonl` file
            with the columns `video`, the path of a folder of images or of an animated GIF,
            `frame`, the name of an image or the number of a frame from 1, and `label`; a `.npz`
            file with the arrays `frames`, `lengths` and `labels`; or a folder with such a file for
            each split.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`; `None` is all of a file.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features are `frames` and `tags`, or the one class that is the `label`,
            such as `"frames=video,label=label"`; of a file what it calls its columns or arrays.
        encoding: That of a table.
        frame_shape: Height, width and channels to give the frames of files; those of the first
            one of the training split by default.
        image_size: Height and width to give the frames.

    Returns:
        A `tf.data.Dataset` of `(frames, labels)`: `(T, H, W, C)` uint8, and `(T,)` string, the
        names of the classes.

    Raises:
        ValueError: For an unknown data set or split, or examples of another kind.

    Example:

    >>> films = labelled_frames("moving_digits", "validation")
    """
    check_split(split, whole=True)
    names = feature_names(features, ("frames", "tags", "label", "video", "frame", "lengths"))
    if is_local(data, VIDEO_FILES, is_known):
        return videos_of_files(data, split, names, encoding, frame_shape, image_size)
    builder, examples = open_split(data, split, data_dir)
    (frames,) = choose_feature(builder, "frames", EXPECTED, names)
    tags = _tags(builder, names)

    def parts(film):
        images, labels = frames.value(film), tags.text(film)
        if image_size is not None:
            images = _resized(images, image_size)
        return images, labels if tags.depth else tf.fill(tf.shape(images)[:1], labels)

    return examples(None if tags.depth else tags).map(as_written(parts))


def _resized(frames, size: Sequence[int]):
    """Gives frames `(T, H, W, C)` another size, by area."""
    pixels = tf.image.resize(frames, tuple(size), method="area")
    return tf.cast(tf.round(pixels), tf.uint8)


def _tags(builder, names: Mapping[str, Any]) -> Feature:
    """Finds the classes of the frames, or the one of the video."""
    there = find_features(builder.info.features).values()
    if not names.keys() & {"tags", "label"} and not any(_is_class(each) for each in there):
        raise UserError(
            f"Expected a data set of {EXPECTED}. Received: {builder.name!r}, whose films have no "
            f"classes, with the features {', '.join(builder.info.features)}"
        )
    role = "tags" if any(_is_class(each) and each.depth == 1 for each in there) else "label"
    role = next(iter(names.keys() & {"tags", "label"}), role)
    return choose_feature(builder, role, EXPECTED, names)[0]


def _is_class(feature: Feature) -> bool:
    return hasattr(feature.kind, "num_classes")


def films_with_labels(raw: Any) -> tf.data.Dataset:
    """Makes a data set of videos with a label for each frame, however they come.

    Args:
        raw: Of `(frames, labels)`, see `labelled_frames` and `raw.as_dataset`.

    Returns:
        The data set that `labelled_frames` would return.
    """
    return as_dataset(raw, ("frames", "labels"), ranks={"frames": 4, "labels": 1})
