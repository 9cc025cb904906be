"""Where videos with a label for each frame come from: a data set's name, or values in Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.features import Feature, choose_feature, feature_names, find_features
from kerasrnn.datasets.sources.builders import open_split
from kerasrnn.datasets.sources.raw_examples import as_dataset
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
) -> tf.data.Dataset:
    """Reads videos with a label for each frame.

    Args:
        data: An embedded data set (`"moving_digits"`), or a tensorflow-datasets name whose
            examples are a sequence of frames and a sequence of classes, or one class
            (`"ucf101"`), which then counts for each frame.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features are `frames` and `tags`, or the one class that is the `label`,
            such as `"frames=video,label=label"`.

    Returns:
        A `tf.data.Dataset` of `(frames, labels)`: `(T, H, W, C)` uint8, and `(T,)` string, the
        names of the classes.

    Raises:
        ValueError: For an unknown data set or split, or examples of another kind.

    Example:

    >>> films = labelled_frames("moving_digits", "validation")
    """
    names = feature_names(features, ("frames", "tags", "label"))
    builder, examples = open_split(data, split, data_dir)
    (frames,) = choose_feature(builder, "frames", EXPECTED, names)
    tags = _tags(builder, names)

    def parts(film):
        images, labels = frames.value(film), tags.text(film)
        return images, labels if tags.depth else tf.fill(tf.shape(images)[:1], labels)

    return examples(None if tags.depth else tags).map(as_written(parts))


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
