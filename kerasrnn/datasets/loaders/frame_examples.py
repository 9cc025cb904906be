"""Films with a label for each frame: source and loader."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.loaders.labels import label_table
from kerasrnn.datasets.readers.features import Feature, choose_feature, feature_names, find_features
from kerasrnn.datasets.sources.builders import open_split
from kerasrnn.datasets.sources.raw_examples import as_dataset

__all__ = ["films_with_labels", "frame_examples", "labelled_frames"]

EXPECTED = "films with a class for each frame"
FILMS_AT_ONCE = 16


def labelled_frames(
    data: str | os.PathLike,
    split: str = "train",
    data_dir: str | os.PathLike | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
) -> tf.data.Dataset:
    """Reads films with a label for each frame.

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

    return examples(None if tags.depth else tags).map(parts)


def _tags(builder, names: Mapping) -> Feature:
    """Finds the classes of the frames, or the one of the film."""
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


def films_with_labels(raw) -> tf.data.Dataset:
    """Makes a data set of films with a label for each frame, however they come.

    Args:
        raw: Of `(frames, labels)`, see `labelled_frames` and `raw.as_dataset`.

    Returns:
        The data set that `labelled_frames` would return.
    """
    return as_dataset(raw, ("frames", "labels"), ranks={"frames": 4, "labels": 1})


def frame_examples(films, labels: Sequence[str]) -> Examples:
    """Encodes films for a `many_to_many` of frames.

    Args:
        films: Of `(frames, labels)`, see `labelled_frames`; a data set, or a list, a table or a
            generator of them.
        labels: The names of the classes.

    Returns:
        `Examples`, whose batches are `features` `(B, T, H, W, C)` float32 from 0 to 1 and `mask`
        `(B, T)` bool, false for padding on the right; the classes `(B, T)` int32; the weights
        `(B, T)` float32, 0 for padding.
    """
    look_up = label_table(labels)

    def encode(frames, names):
        return frames, look_up(names), tf.fill(tf.shape(names), True)

    def finish(frames, y, mask):
        features = tf.image.convert_image_dtype(frames, tf.float32)
        return {"features": features, "mask": mask}, y, tf.cast(mask, tf.float32)

    encoded = films_with_labels(films).map(encode, num_parallel_calls=tf.data.AUTOTUNE)
    return Examples(encoded.ragged_batch(FILMS_AT_ONCE), (1,), finish, ("frames", list(labels)))
