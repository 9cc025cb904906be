"""Loaders of texts with several labels each."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import ENCODED_AT_ONCE
from kerasrnn.datasets.loaders.labels import label_table
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.text import Tokenizer
from kerasrnn.text.as_written import as_written

__all__ = ["multi_label_examples"]


def multi_label_examples(
    texts: tf.data.Dataset,
    tokenizer: Tokenizer,
    labels: Sequence[str],
    max_length: int | None = None,
) -> Examples:
    """Encodes texts with several labels for a `many_to_one` of token ids with L outputs.

    Args:
        texts: Of `(text, labels)`, a scalar string and `(None,)` strings, see
            `multi_labelled_texts`.
        tokenizer: Tokenizer of the texts.
        labels: The names of the L labels.
        max_length: Maximum number of tokens of a text; the first ones stay.

    Returns:
        `Examples`, whose batches are `tokens` `(B, T)` int32, padded with 0 on the right; `(B, L)`
        float32, 1 for each label that the text has, else 0; the weights `(B,)` float32, all 1.

    Example:

    >>> texts = [("ciao", ["it", "greeting"]), ("x", [])]
    >>> tokenizer = Tokenizer.train(["ciao"])
    >>> examples = multi_label_examples(texts, tokenizer, ["de", "greeting", "it"])
    >>> tokens, y, sample_weight = next(iter(examples.batches(64)))
    >>> sorted(y.numpy().tolist())
    [[0.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
    """
    texts = as_dataset(texts, ("text", "labels"), ranks={"labels": 1})
    look_up = label_table(labels)

    def encode(texts, names):
        places = names.with_values(look_up(names.values))
        rows = tf.stack([tf.cast(places.value_rowids(), tf.int32), places.values], axis=1)
        shape = [tf.shape(texts)[0], len(labels)]
        # A label that is there twice is there.
        y = tf.scatter_nd(rows, tf.ones_like(places.values, tf.float32), shape)
        return tokenizer.encode(texts)[:, :max_length], tf.minimum(y, 1.0)

    def finish(tokens, y):
        return tokens, y, tf.ones_like(y[:, 0])

    encoded = texts.ragged_batch(ENCODED_AT_ONCE).map(
        as_written(encode), num_parallel_calls=tf.data.AUTOTUNE
    )
    key = ("labels", *tokenizer.key(), list(labels), max_length)
    return Examples(encoded, (0,), finish, key)
