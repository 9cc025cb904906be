"""Loaders of pairs of texts with a label each: paraphrases, entailment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import encode_in_bulk
from kerasrnn.datasets.loaders.labels import label_table
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.text import Tokenizer

__all__ = ["as_labelled_pairs", "labelled_pair_examples"]

ROLES = ("first", "second", "label")


def as_labelled_pairs(raw: Any) -> tf.data.Dataset:
    """Makes a data set whose examples are an input, which is a pair, and its label.

    Args:
        raw: As in `labelled_pair_examples`, or what this function has returned.

    Returns:
        A `tf.data.Dataset` of `((first, second), label)`, or of `((first, second), label, weight)`.

    Example:

    >>> pairs = as_labelled_pairs([("It rains.", "It is wet.", "yes")])
    >>> next(pairs.as_numpy_iterator())
    ((b'It rains.', b'It is wet.'), b'yes')
    """
    pairs = as_dataset(raw, ROLES, ("weight",))
    if isinstance(pairs.element_spec[0], tuple):
        return pairs
    return pairs.map(lambda first, second, *others: ((first, second), *others))


def labelled_pair_examples(
    pairs: Any, tokenizer: Tokenizer, labels: Sequence[str], max_length: int | None = None
) -> Examples:
    """Encodes labelled pairs of texts for a `siamese` model. Both sides have one vocabulary.

    Args:
        pairs: Of `(first, second, label)`, scalar strings, see `labelled_pairs`; or of `(first,
            second, label, weight)`, where the last is a number, the weight that you give to the
            pair.
        tokenizer: Tokenizer of the texts.
        labels: The names of the classes.
        max_length: Maximum number of tokens of a text; the first ones stay.

    Returns:
        `Examples`, whose batches, of pairs whose longer sides have about as many tokens, are the
        dictionary of `first` `(B, T)` and `second` `(B, S)` int32, padded with 0 on the right; the
        classes `(B,)` int32; the weights `(B,)` float32, those that were given or all 1.

    Example:

    >>> pairs = [("ciao", "hi", "same"), ("ciao", "no", "other")]
    >>> tokenizer = Tokenizer.train([["ciao", "hi", "no"]])
    >>> x, y, sample_weight = next(
    ...     iter(labelled_pair_examples(pairs, tokenizer, ["other", "same"]).batches(64))
    ... )
    >>> tuple(x["first"].shape), tuple(x["second"].shape), y.numpy().tolist()
    ((2, 4), (2, 2), [1, 0])
    """
    pairs = as_labelled_pairs(pairs)
    look_up = label_table(labels)

    def encode(texts, names, *weights):
        first, second = (tokenizer.encode(side)[:, :max_length] for side in texts)
        weights = (tf.cast(each, tf.float32) for each in weights)
        return first, second, look_up(names), *weights

    def finish(first, second, y, weights=None):
        weights = tf.ones_like(y, tf.float32) if weights is None else weights
        return {"first": first, "second": second}, y, weights

    key = ("labelled pairs", *tokenizer.key(), list(labels), max_length, len(pairs.element_spec))
    return Examples(encode_in_bulk(pairs, encode), (0, 1), finish, key)
