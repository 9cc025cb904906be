"""Canonical composition (NFC) of texts, as core TensorFlow operations.

As in Unicode Standard Annex 15, all texts of a batch at once, as one row of code points: characters
are taken apart, the marks behind each letter sorted, and letters joined with them again.
"""

from __future__ import annotations

import functools

import tensorflow as tf

from kerasrnn.text.unicode_tables import (
    LEADS,
    SYLLABLES,
    TAILS,
    VOWELS,
    combining_classes,
    composites,
    decompositions,
)
from kerasrnn.typing import Tensor

__all__ = ["composed"]

_STOP, _NONE = -1, -2  # what stands before each text, and what pads the row of a table
_SHIFT = 2**21  # puts two code points into one number


def composed(texts: Tensor) -> tf.Tensor:
    """Composes texts canonically, to NFC.

    Args:
        texts: `(N,)` string tensor, UTF-8; an invalid byte becomes U+FFFD.

    Returns:
        `(N,)` string tensor.

    Example:

    >>> composed(tf.constant(["e\\u0323\\u0302"])).numpy()[0].decode()
    'ệ'
    """
    points = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
    points = tf.concat([tf.fill([points.nrows(), 1], _STOP), points], axis=1).flat_values
    points = _compose(*_order(_decompose(points)))
    within = points != _STOP
    rows = tf.boolean_mask(tf.cumsum(tf.cast(~within, tf.int64)) - 1, within)
    points = tf.boolean_mask(points, within)
    number = tf.size(texts, out_type=tf.int64)
    return tf.strings.unicode_encode(
        tf.RaggedTensor.from_value_rowids(points, rows, number, validate=False), "UTF-8"
    )


def _decompose(points):
    """Replaces characters by those that they are made of; syllables of Hangul stay."""
    parts, found = _look_up("decompositions", points)
    alone = tf.pad(points[:, tf.newaxis], [[0, 0], [0, 3]], constant_values=_NONE)
    parts = tf.where(found[:, tf.newaxis], parts, alone)
    return tf.boolean_mask(parts, parts != _NONE)


def _order(points):
    """Sorts the marks behind each letter by their combining classes, which it returns too."""
    classes, found = _look_up("classes", points)
    classes = tf.where(found, classes[:, 0], 0)
    places = tf.where(found)
    letters = tf.cumsum(tf.cast(~found, tf.int32))
    order = tf.argsort(tf.gather_nd(letters * 256 + classes, places), stable=True)
    sorted_places = tf.gather(places, order)
    return tuple(
        tf.tensor_scatter_nd_update(each, places, tf.gather_nd(each, sorted_places))
        for each in (points, classes)
    )


def _compose(points, classes):
    """Joins letters with what stands behind them and is not blocked, until nothing joins."""

    def compose_once(points, classes, _):
        is_letter = classes == 0
        letters = tf.where(is_letter)[:, 0]
        owners = tf.maximum(tf.cumsum(tf.cast(is_letter, tf.int32), exclusive=True) - 1, 0)
        joint = _joint(tf.gather(points, tf.gather(letters, owners)), points)
        # What stands between keeps a mark of the same class, or a letter, from its letter.
        before = tf.roll(classes, 1, 0)
        fits = (joint != _NONE) & ((before == 0) | (before < classes))
        fits &= ~tf.gather(fits, tf.gather(letters, owners))  # that one has to join first
        places = tf.where(fits)[:, 0]
        owners = tf.gather(owners, places)
        first = tf.math.unsorted_segment_min(places, owners, tf.size(letters))
        is_first = places == tf.gather(first, owners)
        places, owners = tf.boolean_mask(places, is_first), tf.boolean_mask(owners, is_first)
        letters = tf.gather(letters, owners)[:, tf.newaxis]
        points = tf.tensor_scatter_nd_update(points, letters, tf.gather(joint, places))
        size = tf.shape(points, tf.int64)
        kept = tf.scatter_nd(places[:, tf.newaxis], tf.ones_like(places), size) == 0
        parts = tf.boolean_mask(points, kept), tf.boolean_mask(classes, kept)
        return *parts, tf.size(places) > 0

    vector = tf.TensorShape([None])
    points, *_ = tf.while_loop(
        lambda points, classes, changed: changed,
        compose_once,
        (points, classes, tf.size(points) > 0),
        shape_invariants=(vector, vector, tf.TensorShape([])),
    )
    return points


def _joint(first, second):
    """What two characters make, `_NONE` where they make nothing."""
    pair = tf.cast(first, tf.int64) * _SHIFT + tf.cast(second, tf.int64)
    pairs, found = _look_up("pairs", pair)
    joint = tf.where(found, pairs[:, 0], _NONE)
    lead, vowel = first - LEADS[0], second - VOWELS[0]
    syllable = SYLLABLES[0] + (lead * len(VOWELS) + vowel) * (len(TAILS) + 1)
    joint = tf.where(_within(first, LEADS) & _within(second, VOWELS), syllable, joint)
    is_open = (first - SYLLABLES[0]) % (len(TAILS) + 1) == 0
    closes = _within(first, SYLLABLES) & is_open & _within(second, TAILS)
    return tf.where(closes, first + second - TAILS[0] + 1, joint)


def _within(points, numbers: range):
    return (points >= numbers[0]) & (points <= numbers[-1])


def _look_up(table: str, keys):
    """The rows of a table, and whether they are those of the keys."""
    known, rows = _tensors()[table]
    places = tf.minimum(tf.searchsorted(known, keys), len(known) - 1)
    return tf.gather(rows, places), tf.gather(known, places) == keys


@functools.cache
def _tensors() -> dict:
    """The tables as tensors, which a SavedModel holds once, however many functions use them."""
    tables = {
        "decompositions": {
            key: (*row, *[_NONE] * (4 - len(row))) for key, row in decompositions().items()
        },
        "classes": {point: [number] for point, number in combining_classes().items()},
        "pairs": {one * _SHIFT + two: [joint] for (one, two), joint in composites().items()},
    }
    with tf.init_scope(), tf.device("CPU"):
        return {
            name: (
                tf.constant(sorted(table), tf.int64 if name == "pairs" else tf.int32),
                tf.constant([table[key] for key in sorted(table)], tf.int32),
            )
            for name, table in tables.items()
        }
