"""Loaders of labelled texts: sentiment, spam, languages."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import encode_in_bulk
from kerasrnn.datasets.loaders.labels import label_table
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.text import Tokenizer

__all__ = ["labelled_text_examples"]


def labelled_text_examples(
    texts: tf.data.Dataset,
    tokenizer: Tokenizer,
    labels: Sequence[str],
    max_length: int | None = None,
) -> Examples:
    """Encodes labelled texts for a `many_to_one` of token ids.

    Args:
        texts: Of `(text, label)`, scalar strings, see `labelled_texts`; or of `(text, label,
            weight)`, where the third is a number, the weight that you give to the text.
        tokenizer: Tokenizer of the texts.
        labels: The names of the classes.
        max_length: Maximum number of tokens of a text; the first ones stay.

    Returns:
        `Examples`, whose batches are `tokens` `(B, T)` int32, padded with 0 on the right; the
        classes `(B,)` int32; the weights `(B,)` float32, those that were given or all 1.

    Example:

    >>> texts = tf.data.Dataset.from_tensors(("ciao", "it"))
    >>> tokenizer = Tokenizer.train(text for text, _ in texts.batch(1))
    >>> examples = labelled_text_examples(texts, tokenizer, ["de", "it"])
    >>> tokens, y, sample_weight = next(iter(examples.batches(64)))
    >>> tuple(tokens.shape), y.numpy().tolist()
    ((1, 4), [1])
    """
    texts = as_dataset(texts, ("text", "label"), ("weight",))
    look_up = label_table(labels)

    def encode(texts, names, *weights):
        weights = (tf.cast(each, tf.float32) for each in weights)
        return tokenizer.encode(texts)[:, :max_length], look_up(names), *weights

    def finish(tokens, y, weights=None):
        return tokens, y, tf.ones_like(y, tf.float32) if weights is None else weights

    key = ("classification", *tokenizer.key(), list(labels), max_length, len(texts.element_spec))
    return Examples(encode_in_bulk(texts, encode), (0,), finish, key)
