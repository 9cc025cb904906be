"""Loaders of text pairs: translation, dialogue, normalisation."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import ENCODED_AT_ONCE, encode_pairs, teacher_forcing
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.options.words import Level, Normalization
from kerasrnn.text import Tokenizer, learn_vocabularies

__all__ = ["longest_target", "pair_batches", "pair_examples", "train_tokenizers"]


SIDES = "source", "target"


def train_tokenizers(
    pairs: tf.data.Dataset, level: Level = "character", *, shared: bool = False, **options: Any
) -> tuple[Tokenizer, Tokenizer]:
    """Builds the vocabularies of both sides from the training split.

    Args:
        pairs: Of `(source, target)`, scalar strings.
        level: That of the `Tokenizer`s.
        shared: Whether both sides have one vocabulary, of the tokens of all texts.
        **options: Those of `Tokenizer.train`, for both.

    Returns:
        The tokenizers of the source and of the target; the same one twice where it is shared.
    """
    batches = as_dataset(pairs, SIDES).batch(ENCODED_AT_ONCE)
    if shared:
        texts = (texts for sides in batches for texts in sides)
        tokenizer = Tokenizer.train(texts, level, **options)
        return tokenizer, tokenizer
    return _both_sides(batches, level, **options)


def _both_sides(
    batches: tf.data.Dataset,
    level: Level,
    min_count: int = 1,
    max_size: int | None = None,
    lowercase: bool = False,
    normalization: Normalization = "nfc",
) -> tuple[Tokenizer, Tokenizer]:
    """Does what `Tokenizer.train` does, for both sides in one pass."""
    form: Any = {"lowercase": lowercase, "normalization": normalization}
    found = learn_vocabularies(batches, len(SIDES), level, min_count, max_size, **form)
    source, target = (Tokenizer(vocabulary, level, **form) for vocabulary in found)
    return source, target


def longest_target(pairs: tf.data.Dataset, target: Tokenizer) -> int:
    """Returns the number of tokens of the longest target, the end token counted."""
    lengths = (
        as_dataset(pairs, SIDES)
        .batch(ENCODED_AT_ONCE)
        .map(lambda _, targets: tf.reduce_max(target.encode(targets).row_lengths()))
    )
    return 1 + int(max(lengths.as_numpy_iterator(), default=0))


def pair_examples(pairs: tf.data.Dataset, source: Tokenizer, target: Tokenizer) -> Examples:
    """Encodes pairs of texts for an encoder-decoder.

    Args:
        pairs: Of `(source, target)`, scalar strings; or of `(source, target, weight)`, where the
            third is a number, the weight that you give to the pair.
        source: Tokenizer of the source.
        target: Tokenizer of the target.

    Returns:
        `Examples`, whose batches are those of `steps.teacher_forcing`.
    """
    pairs = as_dataset(pairs, SIDES, ("weight",))
    key = ("pairs", *source.key(), *target.key(), len(pairs.element_spec))
    return Examples(encode_pairs(pairs, source, target), (0, 1), teacher_forcing, key)


def pair_batches(
    pairs: tf.data.Dataset,
    source: Tokenizer,
    target: Tokenizer,
    batch_size: int = 64,
    seed: int | None = None,
) -> tf.data.Dataset:
    """Makes the batches that `fit` and `evaluate` of an encoder-decoder take.

    Args:
        pairs: Of `(source, target)`, scalar strings.
        source: Tokenizer of the source.
        target: Tokenizer of the target.
        batch_size: Pairs in a batch.
        seed: Seed of a shuffle, another one each epoch; `None` keeps the order.

    Returns:
        Of `(x, y, sample_weight)`, see `steps.teacher_forcing`.

    Example:

    >>> pairs = tf.data.Dataset.from_tensors(("4 mars", "03-04"))
    >>> x, y, sample_weight = next(iter(pair_batches(pairs, *train_tokenizers(pairs))))
    >>> tuple(x["source"].shape), tuple(x["target"].shape), tuple(y.shape)
    ((1, 6), (1, 6), (1, 6))
    """
    return pair_examples(pairs, source, target).batches(batch_size, seed)
