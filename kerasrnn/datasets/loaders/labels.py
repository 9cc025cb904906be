"""Names of classes, and their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.checks import UserError, check_texts, first_of
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.typing import Tensor

__all__ = ["check_labels", "check_repeating", "label_names", "label_table", "with_known_labels"]


# Of fewer examples than these each may have a label of its own.
MANY = 100
READ_AT_ONCE = 1024


def label_names(labels: Iterable[Any]) -> tuple[str, ...]:
    """Collects the names of the classes of a training split.

    Args:
        labels: Batches of names, each a string tensor of any shape.

    Returns:
        The names, sorted.
    """
    names = {name for batch in labels for name in tf.reshape(batch, [-1]).numpy().tolist()}
    return tuple(sorted(name.decode("utf-8") for name in names))


def check_labels(labels: Iterable[Any], names: Sequence[str], split: str) -> None:
    """Checks that the classes of another split are those of the training split.

    Args:
        labels: Batches of names, each a string tensor of any shape.
        names: The names of the classes of the training split.
        split: What the other split is called, for the error.

    Raises:
        ValueError: For a name that the training split has not.
    """
    unseen = set(label_names(labels)) - set(names)
    if unseen:
        raise UserError(
            f"Expected the labels of the {split} split to be those of the training split, "
            f"{first_of(names)}. Received: {min(unseen)!r}"
        )


def with_known_labels(
    examples: tf.data.Dataset, names: Sequence[str], training: str
) -> tf.data.Dataset:
    """Leaves out what no model of the training split can answer, and notes how much that is.

    Args:
        examples: Raw examples whose second part is a label, or the labels of the steps, as strings.
        names: The labels of the training split.
        training: What the training is called, for the note.

    Returns:
        The examples all of whose labels are among the names.

    Raises:
        ValueError: Where there is none.

    Example:

    >>> rows = tf.data.Dataset.from_tensor_slices((["a", "b", "c"], ["x", "y", "x"]))
    >>> [text for text, _ in with_known_labels(rows, ["x"], "fold 2").as_numpy_iterator()]
    [b'a', b'c']
    """
    known = tf.constant(check_texts("labels", names, "labels"), tf.string)

    def is_known(_, labels, *__):
        return tf.reduce_all(tf.reduce_any(tf.reshape(labels, [-1, 1]) == known, axis=1))

    counts = examples.map(is_known).batch(READ_AT_ONCE).as_numpy_iterator()
    found = [bool(each) for batch in counts for each in batch]
    if found and not any(found):
        raise UserError(
            f"Expected validation rows of {training} with labels that its training rows have, "
            f"{first_of(names)}. Received: none (do the labels take turns in the file?)"
        )
    if all(found):
        return examples
    left_out = found.count(False)
    note(
        f"{training}: {left_out:,} of {len(found):,} validation rows do not steer, for no training "
        "row has their label"
    )
    return examples.filter(is_known)


def check_repeating(
    names: Sequence[str], number: int, naming: str = "text=2,label=1 or text=NAME,label=NAME"
) -> None:
    """Checks that labels are no texts.

    Args:
        names: The names of the classes.
        number: How many examples have one of them.
        naming: How `features` name columns, for the error.

    Raises:
        ValueError: Where there are more names than half of the examples, which are a hundred or
            more.
    """
    if number >= MANY and 2 * len(names) > number:
        raise UserError(
            f"Expected labels that many examples share. Received: {len(names):,} labels in "
            f"{number:,} examples: are the columns swapped? (`features` such as {naming} "
            f"says which is which) The first labels: {_short(names)}"
        )


def _short(names: Sequence[str]) -> str:
    return ", ".join(f"{name!r:.40}" for name in names[:3])


def label_table(names: Sequence[str], what: str = "label") -> Callable[[Tensor], Tensor]:
    """Makes the function that turns names into numbers.

    Args:
        names: The names; the number of a class is its place.
        what: What the names are, for the error.

    Returns:
        A function from a string tensor to int32 of the same shape. Of a name that is not there
        it raises `tf.errors.InvalidArgumentError`, which names it.
    """
    names = check_texts("labels", names, "labels")
    numbers = tf.range(len(names), dtype=tf.int32)
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant(names, tf.string), numbers), -1
    )

    def look_up(labels):
        found = table.lookup(labels)
        unknown = tf.boolean_mask(labels, found < 0)
        message = f"Expected each {what} to be one of the {len(names)} of the training split."
        with tf.control_dependencies(
            [tf.debugging.Assert(tf.equal(tf.size(unknown), 0), [message, "Received:", unknown])]
        ):
            return tf.identity(found)

    return look_up
