"""Sequences of vectors with numbers about each: the mean load of the next day, a dose, a grade."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError, check_choice
from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.loaders.labelled_vectors import numbered_names, sequences_of_file
from kerasrnn.datasets.loaders.vector_examples import (
    SEQUENCES_AT_ONCE,
    VectorScale,
    vector_inputs_of,
)
from kerasrnn.datasets.readers.local_files import examples_of_rows, file_of_split
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import ALSO_TABLES, TABLES
from kerasrnn.datasets.sequences.array_file import ARRAYS
from kerasrnn.datasets.sequences.sequence_numbers import read_numbers
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.metrics import TargetScale
from kerasrnn.options.source import Split
from kerasrnn.options.words import BadNumbers, words
from kerasrnn.text.as_written import as_written

__all__ = [
    "as_numbered_vectors",
    "numbered_vector_examples",
    "numbered_vectors",
    "vector_targets",
]


def numbered_vectors(
    data: str | os.PathLike[str],
    split: Split = "train",
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    bad_rows: BadNumbers = "refuse",
    columns: Sequence[str] | None = None,
) -> tf.data.Dataset:
    """Reads sequences of vectors with one or several numbers each.

    Args:
        data: A `.npz` file with the arrays `features`, `numbers`, `(N,)` or `(N, K)`, and perhaps
            `lengths`, see `read_sequences`; a `.csv`, `.tsv` or `.jsonl` file with a row for each
            step, of which `features` names the columns of ids and of numbers, the same in all rows
            of an id; or a folder with such a file for each split.
        split: `"train"`, `"validation"` or `"test"`, as in `labelled_vectors`.
        features: What arrays or columns are called, such as `"id=day,time=hour,number=load+oil"`.
        encoding: That of a table.
        bad_rows: What is done with a sequence that lacks a number, whose cell is empty or holds
            what programs write for no value, or whose number in an array is NaN: `"refuse"` or
            `"skip"`.
        columns: Names of the columns of a table that are the values.

    Returns:
        A `tf.data.Dataset` of `(features, numbers)`: `(T, F)` float32 and `(K,)` float64.

    Raises:
        ValueError: For a file that cannot be read so, what is no number, or too few sequences for
            three splits.

    Example:

    >>> days = numbered_vectors("days.csv", features="id=day,number=load")  # doctest: +SKIP
    """
    check_split(split, whole=True)
    check_choice("bad_rows", bad_rows, words(BadNumbers))
    path, part = file_of_split(data, split, (*ARRAYS, *TABLES), ALSO_TABLES)
    names = numbered_names(path, features)
    numbers = read_numbers(path, names, encoding)
    found = sequences_of_file(path, names, encoding, labelled=False, columns=columns)
    if len(found.features) != len(numbers.values):
        raise UserError(
            f"{path}: expected numbers about each of {len(found.features)} sequences. "
            f"Received: {len(numbers.values)}"
        )
    kept = _kept(path, numbers.values, numbers.names, bad_rows)
    pairs = [(found.features[i], numbers.values[i]) for i in kept]
    signature = (
        tf.TensorSpec((None, len(found.columns)), tf.float32),
        tf.TensorSpec((len(numbers.targets),), tf.float64),
    )
    return examples_of_rows(lambda: iter(pairs), part, path, "sequences", signature)


def _kept(path, values: np.ndarray, names: Sequence[Any], bad_rows: BadNumbers) -> list[int]:
    """The places of the sequences that lack no number."""
    lacking = np.isnan(values).any(axis=1)
    if lacking.any():
        first = names[int(lacking.argmax())]
        if bad_rows == "refuse":
            raise UserError(
                f"{path}, sequence {first}: expected a number. Received: none (`bad_rows` skip "
                "leaves such sequences out)"
            )
        note(
            f"{path}: skipped {lacking.sum():,} of {len(values):,} sequences, the first {first}, "
            "that lack a number"
        )
    return np.flatnonzero(~lacking).tolist()


def vector_targets(
    data: str | os.PathLike[str],
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> tuple[str, ...]:
    """Names the K numbers that `numbered_vectors` reads, by their columns or arrays.

    Args:
        data: As in `numbered_vectors`.
        features: As in `numbered_vectors`.
        encoding: That of a table.

    Raises:
        ValueError: As `numbered_vectors`.
    """
    path, _ = file_of_split(data, "train", (*ARRAYS, *TABLES), ALSO_TABLES)
    return read_numbers(path, numbered_names(path, features), encoding).targets


def as_numbered_vectors(raw: Any) -> tf.data.Dataset:
    """Makes a data set of sequences of vectors with numbers, however they come.

    Args:
        raw: Of `(features, number)`, as `numbered_vectors` gives them: a `tf.data.Dataset`, a list,
            a table or a generator; a number for each, or K of them.

    Raises:
        ValueError: For what is no sequence of vectors, or numbers of several shapes.
    """
    return as_dataset(raw, ("features", "number"), ranks={"features": 2})


def numbered_vector_examples(sequences: Any, scale: VectorScale, targets: TargetScale) -> Examples:
    """Encodes sequences of vectors for a `many_to_one` of vectors with K outputs.

    Args:
        sequences: A `tf.data.Dataset` of `(features, numbers)`, see `numbered_vectors`.
        scale: That of the features of the training part.
        targets: That of the K numbers, which are standardised by it.

    Returns:
        `Examples`, whose batches are `features` `(B, T, F)` float32, standardised, and `mask`
        `(B, T)` bool, false for padding on the right; the standardised numbers `(B, K)` float32;
        the weights `(B,)` float32, all 1.

    Example:

    >>> days = [([[1.0, 2.0], [3.0, 2.0]], 20.0), ([[3.0, 2.0]], 10.0)]
    >>> scale = VectorScale(mean=(2.0, 2.0), deviation=(1.0, 1.0))
    >>> targets = metrics.TargetScale.fit([[20.0], [10.0]], ["load"])
    >>> batches = numbered_vector_examples(days, scale, targets).batches(64)
    >>> x, y, sample_weight = next(iter(batches))
    >>> x["mask"].numpy().tolist(), y.numpy().tolist()
    ([[True, True], [True, False]], [[1.0], [-1.0]])
    """

    def encode(features, numbers):
        numbers = tf.reshape(tf.cast(numbers, tf.float64), [len(targets.targets)])
        found = tf.cast(targets.scale(numbers), tf.float32)
        return features, found, tf.fill(tf.shape(features)[:1], True)

    def finish(features, y, mask):
        return vector_inputs_of(features, mask, scale), y, tf.ones_like(y[:, 0])

    encoded = as_numbered_vectors(sequences).map(
        as_written(encode), num_parallel_calls=tf.data.AUTOTUNE
    )
    key = ("vector numbers", dataclasses.asdict(scale), dataclasses.asdict(targets))
    return Examples(encoded.ragged_batch(SEQUENCES_AT_ONCE), (0,), finish, key)
