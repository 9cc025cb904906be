"""Examples of a data set that have a class: some sets have a few without, marked by -1."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.features import Feature
from kerasrnn.datasets.readers.reader_notes import note

__all__ = ["with_gold_labels"]

READ_AT_ONCE = 1024


def with_gold_labels(
    examples: Callable[..., tf.data.Dataset], label: Feature, name: str
) -> tf.data.Dataset:
    """Leaves out the examples without a class, and notes how many there are.

    In SNLI these are the pairs whose annotators did not agree (Bowman et al. 2015, section 2.2).

    Args:
        examples: What `open_split` returned.
        label: The feature that is the class.
        name: What is read, for the note.

    Returns:
        The others; all of them where the label is no class by its kind.

    Raises:
        ValueError: Where no example has a class.
    """
    rows = examples(label)
    if not isinstance(label.kind, tfds.features.ClassLabel):
        return rows
    total = hidden = 0
    numbers = rows.map(label.value).batch(READ_AT_ONCE)
    for batch in numbers.as_numpy_iterator():
        total += len(batch)
        hidden += int((batch < 0).sum())
    if not hidden:
        return rows
    if hidden == total:
        raise UserError(f"Expected examples with a class in {name}. Received: none, all are -1")
    note(f"{name}: left out {hidden:,} of {total:,} examples, which have no class (-1)")
    return rows.filter(lambda example: label.value(example) >= 0)
