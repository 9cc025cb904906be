"""Pairs of texts from a file: a source, a tab, a target on each line."""

from __future__ import annotations

import os
from collections.abc import Iterator

import tensorflow as tf

__all__ = ["tab_separated_pairs"]

# Of each twenty lines, the 19th goes to validation and the 20th to test.
PERIOD = 20
PLACES = {"train": range(18), "validation": (18,), "test": (19,)}


def tab_separated_pairs(path: str | os.PathLike, split: str) -> tf.data.Dataset:
    """Streams the pairs of one split of a UTF-8 file.

    Args:
        path: The file. Of each twenty lines, the last two are for validation and test.
        split: `"train"`, `"validation"` or `"test"`.

    Returns:
        A `tf.data.Dataset` of `(source, target)`, scalar strings.

    Raises:
        ValueError: Where the file is not there or has fewer than twenty lines, or, naming the
            line, where one is not UTF-8 or has not two columns; all before the first pair.
    """
    if not os.path.isfile(path):
        raise ValueError(f"Expected a file. Received: {str(path)!r}, which is not there")
    if sum(1 for _ in _rows(path)) < PERIOD:
        raise ValueError(
            f"{path}: expected at least {PERIOD} lines, for there to be a training, a validation "
            "and a test split"
        )

    def pairs() -> Iterator[tuple[str, str]]:
        for number, row in enumerate(_rows(path)):
            if number % PERIOD in PLACES[split]:
                yield row

    text = tf.TensorSpec((), tf.string)
    return tf.data.Dataset.from_generator(pairs, output_signature=(text, text))


def _rows(path) -> Iterator[tuple[str, str]]:
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                columns = line.decode("utf-8").rstrip("\r\n").split("\t")
            except UnicodeDecodeError as error:
                raise ValueError(f"{path}, line {number}: expected UTF-8. {error}") from error
            if len(columns) != 2:
                raise ValueError(
                    f"{path}, line {number}: expected a source, a tab and a target. "
                    f"Received: {len(columns)} columns"
                )
            yield columns[0], columns[1]
