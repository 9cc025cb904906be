"""Where sentences with a label for each token come from: a data set's name or a file."""

from __future__ import annotations

import itertools
import os
import pathlib
from collections.abc import Iterator

import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.datasets.sources import SPLIT_NAMES, open_split
from kerasrnn.datasets.tab_separated import PERIOD, PLACES

__all__ = ["tagged_tokens"]

SUFFIXES = (".tsv", ".conll")
# Which feature is meant where a data set has several sequences of texts, or of classes.
TOKENS = ("tokens", "words")
LABELS = ("labels", "tags", "ner", "ner_tags", "upos", "pos")


def tagged_tokens(
    data: str | os.PathLike, split: str = "train", data_dir: str | os.PathLike | None = None
) -> tf.data.Dataset:
    """Reads sentences that are split into tokens, with a label for each of them.

    A file (`.tsv` or `.conll`, UTF-8) has a token, a tab or a space, and its label on each line,
    and an empty line between sentences. Of each twenty sentences the last two are for validation
    and test.

    Args:
        data: An embedded data set (`"python_tokens"`), a tensorflow-datasets name whose examples
            are a sequence of texts and one of classes (`"wikiann/en"`), or a file. Of several
            such sequences those called tokens or words are read, and those called labels, tags,
            ner, ner_tags, upos or pos, in this order.
        split: `"train"`, `"validation"` or `"test"`. A data set without one of the last two lends
            the last tenth of its training split to them.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.

    Returns:
        A `tf.data.Dataset` of `(tokens, labels)`, `(T,)` string each, the labels being their
        names.

    Raises:
        ValueError: For an unknown data set or split, examples of another kind, or a line of a
            file that has another form, which is named.

    Example:

    >>> sentences = tagged_tokens("wikiann/en", "test")  # doctest: +SKIP
    """
    if pathlib.Path(data).suffix in SUFFIXES:
        if split not in SPLIT_NAMES:
            raise ValueError(
                f"Expected `split` to be one of {tuple(SPLIT_NAMES)}. Received: {split!r}"
            )
        return _sentences_of_file(data, split)
    builder, examples = open_split(data, split, data_dir)
    tokens = _sequence(builder, tfds.features.Text, TOKENS)
    labels = _sequence(builder, tfds.features.ClassLabel, LABELS)
    names = tf.constant(builder.info.features[labels].feature.names)
    return examples().map(lambda example: (example[tokens], tf.gather(names, example[labels])))


def _sequence(builder: tfds.core.DatasetBuilder, kind: type, preferred: tuple[str, ...]) -> str:
    """Names the feature that is a sequence of a kind, the preferred one where there are many."""
    features = builder.info.features
    names = [
        name for name in features if isinstance(getattr(features[name], "feature", None), kind)
    ]
    if len(names) > 1:
        names = [name for name in preferred if name in names][:1]
    if not names:
        raise ValueError(
            "Expected a data set of a sequence of tokens and a sequence of classes. "
            f"Received: {builder.name!r} with the features {', '.join(features)}"
        )
    return names[0]


def _sentences_of_file(path: str | os.PathLike, split: str) -> tf.data.Dataset:
    if not os.path.isfile(path):
        raise ValueError(f"Expected a file. Received: {str(path)!r}, which is not there")
    if sum(1 for _ in _sentences(path)) < PERIOD:
        raise ValueError(
            f"{path}: expected at least {PERIOD} sentences with an empty line between them, for "
            "there to be a training, a validation and a test split"
        )

    def chosen() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        for number, rows in enumerate(_sentences(path)):
            if number % PERIOD in PLACES[split]:
                yield tuple(zip(*rows, strict=True))

    sequence = tf.TensorSpec((None,), tf.string)
    return tf.data.Dataset.from_generator(chosen, output_signature=(sequence, sequence))


def _sentences(path) -> Iterator[list[tuple[str, str]]]:
    for empty, rows in itertools.groupby(_rows(path), lambda row: row is None):
        if not empty:
            yield list(rows)


def _rows(path) -> Iterator[tuple[str, str] | None]:
    """Yields the columns of each line, `None` for an empty one."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise ValueError(f"{path}, line {number}: expected UTF-8. {error}") from error
            columns = text.split("\t" if "\t" in text else " ")
            if not text.strip():
                yield None
            elif len(columns) != 2 or not all(columns):
                raise ValueError(
                    f"{path}, line {number}: expected a token, a tab or a space, and a label. "
                    f"Received: {text!r}"
                )
            else:
                yield columns[0], columns[1]
