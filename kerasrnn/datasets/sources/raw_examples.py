"""Raw examples of any kind as a `tf.data.Dataset`: lists, arrays, tables, generators."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.sequences.labelled_sequences import as_steps

__all__ = ["as_dataset"]

# What is no text.
NUMBERS = "weight", "weights", "number"
# The number of axes of a film: frames, height, width and channels; of a sequence of vectors: steps
# and features.
FILM, VECTORS = 4, 2


def as_dataset(
    raw: Any,
    roles: Sequence[str],
    optional: Sequence[str] = (),
    *,
    ranks: Mapping[str, int] | None = None,
) -> tf.data.Dataset:
    """Makes a `tf.data.Dataset` of raw examples, however they come.

    Args:
        raw: A `tf.data.Dataset`, which is returned as it is; a table with a column for each role,
            such as a DataFrame or a dictionary of columns; or an iterable of examples, such as a
            list, an array or a generator, which is read once and kept.
        roles: What an example is made of, such as `("text", "label")`.
        optional: What may come behind, such as `("weight",)`.
        ranks: By role the number of axes, where it is not 0. Parts of one axis are strings, of
            different lengths from example to example; of two axes vectors, of different numbers
            of steps; of three axes images; of four axes videos, of different numbers of frames.
            Parts of one axis have as many steps as those of two or four.

    Returns:
        Of tuples of tensors, or of single ones for one role alone. Strings are the type of all but
        numbers.

    Raises:
        ValueError: For a single text, a table that lacks a column, an example of another number of
            parts, or one with a `None` or a NaN among its texts; named by its place. For images
            that are no arrays of numbers from 0 to 255, or not of one shape.

    Example:

    >>> data = as_dataset([("good film", "pos"), ("dull", "neg")], ("text", "label"))
    >>> [label for _, label in data.as_numpy_iterator()]
    [b'pos', b'neg']
    """
    if isinstance(raw, tf.data.Dataset):
        return raw
    rows = _rows(raw, tuple(roles), tuple(optional))
    number = {len(row) for row in rows} or {len(roles)}
    if len(number) > 1:
        raise UserError(
            f"Expected {' and '.join(optional)} with each example or with none. Received: both"
        )
    names = (*roles, *optional)[: number.pop()]
    columns = [
        _column(name, [row[i] for row in rows], (ranks or {}).get(name, 0))
        for i, name in enumerate(names)
    ]
    _check_steps(names, columns)
    columns = tuple(columns) if len(columns) > 1 else columns[0]
    return tf.data.Dataset.from_tensor_slices(columns)


def _rows(raw, roles: tuple, optional: tuple) -> list[tuple]:
    """Returns a tuple for each example."""
    expected = " and ".join(roles)
    if isinstance(raw, (str, bytes, os.PathLike)):
        raise UserError(
            f"Expected examples of {expected}, or their `tf.data.Dataset`. Received: one text, "
            f"{raw!r:.60} (the readers of `datasets`, such as `texts`, read files)"
        )
    if hasattr(raw, "columns") or isinstance(raw, Mapping):
        there = list(getattr(raw, "columns", raw))
        missing = [name for name in roles if name not in there]
        if missing:
            raise UserError(
                f"Expected a table with the columns {', '.join(roles)}. "
                f"Received: {', '.join(map(str, there))}"
            )
        names = [*roles, *(name for name in optional if name in there)]
        return list(zip(*(list(raw[name]) for name in names), strict=True))
    if hasattr(raw, "numpy"):
        raw = raw.numpy()
    if not isinstance(raw, Iterable):
        raise UserError(f"Expected examples of {expected}. Received: {raw!r:.60}")
    if len(roles) == 1 and not optional:
        return [(each,) for each in raw]
    return [_row(each, i, roles, optional) for i, each in enumerate(raw)]


def _row(example, place: int, roles: tuple, optional: tuple) -> tuple:
    if isinstance(example, Mapping):
        example = [example[name] for name in (*roles, *optional) if name in example]
    several = isinstance(example, Iterable) and not isinstance(example, (str, bytes))
    row = tuple(example) if several else (example,)
    if not len(roles) <= len(row) <= len(roles) + len(optional):
        maybe = f", perhaps with {' and '.join(optional)}" if optional else ""
        raise UserError(
            f"Expected examples of {' and '.join(roles)}{maybe}. "
            f"Received: {example!r:.60} at place {place}, from 0"
        )
    return row


def _column(name: str, values: list[Any], rank: int):
    """Makes the tensor of one part of all examples, ragged for sequences of strings."""
    values = [each.numpy() if hasattr(each, "numpy") else each for each in values]
    if not values:
        kind = tf.string if rank < 2 else tf.float32 if rank == VECTORS else tf.uint8
        return tf.zeros([0] * (rank + 1), kind)
    if rank == VECTORS:
        steps = [as_steps(each, f"place {i}, from 0") for i, each in enumerate(values)]
        flat = _numbers(name, steps, np.concatenate)
        return tf.RaggedTensor.from_row_lengths(flat, [len(each) for each in steps])
    if rank == FILM:
        frames = _numbers(name, [_pixels(name, each) for each in values], np.concatenate)
        return tf.RaggedTensor.from_row_lengths(frames, [len(each) for each in values])
    if rank > 1:
        return _numbers(name, [_pixels(name, each) for each in values])
    if rank == 0 and name in NUMBERS:
        return _numbers(name, values)
    if rank == 0:
        return tf.constant([_text(name, each, i) for i, each in enumerate(values)], tf.string)
    rows = []
    for i, each in enumerate(values):
        if isinstance(each, (str, bytes)) or not isinstance(each, Iterable):
            raise UserError(
                f"Expected a list of {name} for each example. Received: {each!r:.60} at place "
                f"{i}, from 0"
            )
        rows.append(list(each))
    flat = [value for row in rows for value in row]
    if name in NUMBERS:
        flat = tf.constant(np.asarray(flat, "float32"))
    else:
        places = [i for i, row in enumerate(rows) for _ in row]
        texts = [_text(name, value, i) for i, value in zip(places, flat, strict=True)]
        flat = tf.constant(texts, tf.string)
    return tf.RaggedTensor.from_row_lengths(flat, [len(row) for row in rows])


def _pixels(name: str, value) -> np.ndarray:
    """Makes uint8 of an image or a video; numbers of other types would be scaled by their range."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise UserError(f"Expected numbers of one shape for each `{name}`") from None
    whole = array.dtype.kind in "ui" and array.size
    if array.dtype != np.uint8 and not (whole and 0 <= array.min() and array.max() <= 255):
        raise UserError(
            f"Expected `{name}` as an array of uint8, from 0 to 255. "
            f"Received: {array.dtype} {array.shape}"
        )
    return array.astype("uint8")


def _check_steps(names: Sequence[str], columns: Sequence[Any]) -> None:
    """Raises a `UserError` for an example that has more labels than tokens or frames, or less."""
    there = [i for i, each in enumerate(columns) if isinstance(each, tf.RaggedTensor)]
    for i in there[1:]:
        lengths = [columns[j].row_lengths().numpy() for j in (there[0], i)]
        other = np.flatnonzero(lengths[0] != lengths[1])
        if other.size:
            raise UserError(
                f"Expected as many {names[i]} as {names[there[0]]} in each example. Received: "
                f"{lengths[1][other[0]]} and {lengths[0][other[0]]} at place {other[0]}, from 0"
            )


def _numbers(name: str, values: list[Any], join: Callable[..., Any] = np.stack):
    try:
        return tf.constant(join([np.asarray(each) for each in values]))
    except (ValueError, TypeError):
        shapes = sorted({np.shape(each) for each in values}, key=str)
        raise UserError(
            f"Expected numbers of one shape for `{name}`. Received: {shapes[:3]}"
        ) from None


def _text(name: str, value, place: int) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise UserError(
            f"Expected `{name}` to be a text. Received: {value!r:.60} at place {place}, from 0"
        )
    return value.encode("utf-8", "replace")
