"""The vocabulary of a training text, of any size, in bounded memory."""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.checks import check_choice
from kerasrnn.options.words import Level, Normalization
from kerasrnn.text.as_written import as_written
from kerasrnn.text.counting import HELD, TokenCounter
from kerasrnn.text.learn_subwords import learn_subwords
from kerasrnn.text.levels import LEVELS, SUBWORD, split
from kerasrnn.text.normalization import NORMALIZATIONS, prepare
from kerasrnn.text.raw_texts import batches_of_texts
from kerasrnn.text.subwords import SubwordSplitter, words_with_spaces
from kerasrnn.vocabulary import RESERVED, Vocabulary

__all__ = ["learn_vocabularies", "learn_vocabulary"]

SPLIT_AT_ONCE = 100_000


def learn_vocabulary(
    texts: Iterable[Any],
    level: Level,
    min_count: int = 1,
    max_size: int | None = None,
    lowercase: bool = False,
    normalization: Normalization = "none",
) -> Vocabulary:
    """Counts the tokens of texts, or learns subwords; arguments as those of `Tokenizer.train`.

    Returns:
        A `Vocabulary`.

    Example:

    >>> learn_vocabulary(["so so", "it"], "word").tokens
    ('so', 'it')
    """
    _check(level, min_count, max_size, normalization)
    batches: Any = batches_of_texts(texts)

    def flat(batch):
        return _tokens(batch, level, lowercase, normalization)

    is_data = isinstance(batches, tf.data.Dataset)  # whose batches are split side by side
    parts = batches.map(as_written(flat), tf.data.AUTOTUNE) if is_data else map(flat, batches)
    with TokenCounter() as counter:
        for part in parts:
            counter.add(part.numpy().tolist())
        return _learned(counter, level, min_count, max_size)


def learn_vocabularies(
    batches: Iterable[Sequence[tf.Tensor]],
    sides: int,
    level: Level,
    min_count: int = 1,
    max_size: int | None = None,
    lowercase: bool = False,
    normalization: Normalization = "none",
) -> list[Vocabulary]:
    """Learns a vocabulary for each side of texts that belong together, which are read once.

    Args:
        batches: Of `(B,)` string tensors, one for each side.
        sides: Their number.
        level: That of `Tokenizer.train`, with all that follows.
        min_count: As there.
        max_size: As there.
        lowercase: As there.
        normalization: As there.

    Returns:
        The `Vocabulary` of each side.

    Example:

    >>> batch = tf.constant(["so it", "so"]), tf.constant(["1 2", "1"])
    >>> [vocabulary.tokens for vocabulary in learn_vocabularies([batch], 2, "word")]
    [('so', 'it'), ('1', '2')]
    """
    _check(level, min_count, max_size, normalization)
    with contextlib.ExitStack() as stack:
        counters = [stack.enter_context(TokenCounter()) for _ in range(sides)]
        for batch in batches:
            for counter, texts in zip(counters, batch, strict=True):
                tokens = _tokens(texts, level, lowercase, normalization)
                counter.add(tokens.numpy().tolist())
        return [_learned(counter, level, min_count, max_size) for counter in counters]


def _check(
    level: Level, min_count: int, max_size: int | None, normalization: Normalization
) -> None:
    Vocabulary.build([], min_count, max_size)  # are they in their range?
    check_choice("level", level, (*LEVELS, SUBWORD))
    check_choice("normalization", normalization, NORMALIZATIONS)


def _tokens(batch, level: Level, lowercase: bool, normalization: Normalization) -> tf.Tensor:
    batch = prepare(batch, lowercase, normalization)
    words = words_with_spaces(batch) if level == SUBWORD else split(batch, level)
    return words.flat_values


def _learned(
    counter: TokenCounter, level: Level, min_count: int, max_size: int | None
) -> Vocabulary:
    if level == SUBWORD:
        words = counter.counts(max_number=HELD)  # the rarest of millions teach nothing
        return _with_counts(learn_subwords(words, min_count, max_size), words)
    number = None if max_size is None else max_size - len(RESERVED)
    return Vocabulary.build(counter.counts(min_count, number), min_count, max_size)


def _with_counts(vocabulary: Vocabulary, words: Mapping[str, int]) -> Vocabulary:
    """Counts how often each piece occurs in the text, which is not how often it was merged."""
    splitter, names = SubwordSplitter(vocabulary), list(words)
    counts: collections.Counter[str] = collections.Counter()
    for start in range(0, len(names), SPLIT_AT_ONCE):
        chosen = names[start : start + SPLIT_AT_ONCE]
        for word, pieces in zip(chosen, splitter.split(tf.constant(chosen)).to_list(), strict=True):
            for piece in pieces:
                counts[piece.decode("utf-8")] += words[word]
    return Vocabulary(vocabulary.tokens, [counts[token] for token in vocabulary.tokens])
