"""Where raw examples come from: an embedded data set, a tfds name, or a file."""

from __future__ import annotations

import difflib
import os
import pathlib

import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.datasets.tab_separated import tab_separated_pairs

__all__ = ["EMBEDDED", "features_of_kind", "labelled_texts", "open_split", "text_pairs"]

# What `kerasrnn_<name>` is for.
EMBEDDED = {
    "dates": "translate",
    "digits": "caption",
    "languages": "classify",
    "moving_digits": "frames",
    "python_docs": "language-model",
    "python_tokens": "tag",
}
SPLIT_NAMES = {
    "train": ("train",),
    "validation": ("validation", "dev", "val", "valid"),
    "test": ("test",),
}
# Where a data set has no validation or test split, these shares of its training split stand in.
CUTS = {"validation": "train[90%:95%]", "test": "train[95%:]"}


def text_pairs(
    data: str | os.PathLike, split: str = "train", data_dir: str | os.PathLike | None = None
) -> tf.data.Dataset:
    """Reads pairs of texts.

    Args:
        data: An embedded data set (`"dates"`), a tensorflow-datasets name whose examples are
            pairs of texts (`"ted_hrlr_translate/pt_to_en"`), or a `.tsv` file with a source, a
            tab and a target on each line.
        split: `"train"`, `"validation"` or `"test"`. A data set without one of the last two
            lends the last tenth of its training split to them.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.

    Returns:
        A `tf.data.Dataset` of `(source, target)`, scalar strings.

    Raises:
        ValueError: For an unknown data set or split, or examples that are no pairs of texts.

    Example:

    >>> pairs = text_pairs("dates", "validation")
    """
    if pathlib.Path(data).suffix == ".tsv":
        _check_split(split)
        return tab_separated_pairs(data, split)
    builder, examples = open_split(data, split, data_dir)
    source, target = _pair_features(builder)
    return examples().map(lambda example: (example[source], example[target]))


def labelled_texts(
    data: str | os.PathLike, split: str = "train", data_dir: str | os.PathLike | None = None
) -> tf.data.Dataset:
    """Reads texts with a label each.

    Args:
        data: An embedded data set (`"languages"`), a tensorflow-datasets name whose examples are a
            text and a class (`"imdb_reviews"`), or a `.tsv` file with a text, a tab and a label on
            each line.
        split: `"train"`, `"validation"` or `"test"`, as in `text_pairs`.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.

    Returns:
        A `tf.data.Dataset` of `(text, label)`, scalar strings, the label being its name.

    Raises:
        ValueError: For an unknown data set or split, or examples that are no labelled texts.

    Example:

    >>> texts = labelled_texts("languages", "validation")
    """
    if pathlib.Path(data).suffix == ".tsv":
        _check_split(split)
        return tab_separated_pairs(data, split)
    builder, examples = open_split(data, split, data_dir)
    text = features_of_kind(builder, tfds.features.Text, "one text and one class")
    label = features_of_kind(builder, tfds.features.ClassLabel, "one text and one class")
    names = tf.constant(builder.info.features[label].names)
    return examples().map(lambda example: (example[text], tf.gather(names, example[label])))


def open_split(data: str | os.PathLike, split: str, data_dir: str | os.PathLike | None = None):
    """Opens a split of an embedded data set or of a tensorflow-datasets name.

    Args:
        data: The name.
        split: `"train"`, `"validation"` or `"test"`. A data set without one of the last two lends
            the last tenth of its training split to them.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.

    Returns:
        The builder, for its features to be looked at, and a function without arguments that
        prepares the data set and gives the `tf.data.Dataset` of its examples.

    Raises:
        ValueError: For an unknown data set or split.
    """
    _check_split(split)
    builder = _builder(str(data), data_dir)

    def examples() -> tf.data.Dataset:
        builder.download_and_prepare()
        return builder.as_dataset(split=_splits(builder)[split])

    return builder, examples


def features_of_kind(builder: tfds.core.DatasetBuilder, kind, expected: str) -> str:
    """Names the feature of a builder that is of a kind, its supervised one where there are many.

    Args:
        builder: The builder.
        kind: A class of `tfds.features`, or a function that tells whether a feature is meant.
        expected: What the data set is expected to hold, for the error.

    Returns:
        The name.

    Raises:
        ValueError: Where there is none, or several.
    """
    features = builder.info.features
    test = (lambda feature: isinstance(feature, kind)) if isinstance(kind, type) else kind
    names = [name for name in features if test(features[name])]
    if len(names) > 1:
        names = [name for name in names if name in (builder.info.supervised_keys or ())]
    if len(names) != 1:
        raise ValueError(
            f"Expected a data set of {expected}. Received: {builder.name!r} with the features "
            f"{', '.join(features)}"
        )
    return names[0]


def _check_split(split: str) -> None:
    if split not in SPLIT_NAMES:
        raise ValueError(f"Expected `split` to be one of {tuple(SPLIT_NAMES)}. Received: {split!r}")


def _builder(name: str, data_dir) -> tfds.core.DatasetBuilder:
    registered = f"kerasrnn_{name}" if name in EMBEDDED else name
    if registered.split("/")[0] not in tfds.list_builders(with_community_datasets=False):
        close = difflib.get_close_matches(name, [*EMBEDDED, *tfds.list_builders()], n=3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise ValueError(
            f"Expected a data set: one of the embedded ones ({', '.join(EMBEDDED)}), a name of "
            f"tensorflow-datasets, or a .tsv or .txt file. Received: {name!r}.{hint}"
        )
    try:
        return tfds.builder(registered, data_dir=data_dir)
    except (ValueError, tfds.core.DatasetNotFoundError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"Data set {name!r} cannot be opened: {reason}") from error


def _pair_features(builder: tfds.core.DatasetBuilder) -> tuple[str, str]:
    """Names the two text features of a builder: its supervised keys, or its only two texts."""
    features = builder.info.features
    texts = [name for name in features if isinstance(features[name], tfds.features.Text)]
    keys = builder.info.supervised_keys or texts
    if len(keys) != 2 or not set(keys) <= set(texts):
        raise ValueError(
            "Expected a data set of text pairs for translation. "
            f"Received: {builder.name!r} with the features {', '.join(features)}"
        )
    return tuple(keys)


def _splits(builder: tfds.core.DatasetBuilder) -> dict[str, str]:
    there = builder.info.splits
    splits = {
        split: next((name for name in names if name in there), None)
        for split, names in SPLIT_NAMES.items()
    }
    if splits["train"] is None:
        raise ValueError(
            f"Expected a data set with a training split. Received: {builder.name!r} with "
            f"{', '.join(there) or 'none'}"
        )
    missing = [split for split, name in splits.items() if name is None]
    if missing:
        splits["train"] = "train[:90%]"
        splits |= {split: CUTS[split] for split in missing}
    return splits
