"""The vocabulary of a training text, of any size, in bounded memory."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf

from kerasrnn.checks import check_choice
from kerasrnn.options.words import Level, Normalization
from kerasrnn.text.counting import HELD, count_tokens
from kerasrnn.text.learn_subwords import learn_subwords
from kerasrnn.text.levels import LEVELS, SUBWORD, split
from kerasrnn.text.normalization import NORMALIZATIONS, prepare
from kerasrnn.text.raw_texts import batches_of_texts
from kerasrnn.text.subwords import SubwordSplitter, words_with_spaces
from kerasrnn.vocabulary import RESERVED, Vocabulary

__all__ = ["learn_vocabulary"]

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
    Vocabulary.build([], min_count, max_size)  # are they in their range?
    check_choice("level", level, (*LEVELS, SUBWORD))
    check_choice("normalization", normalization, NORMALIZATIONS)

    def flat(batch):
        batch = prepare(batch, lowercase, normalization)
        words = words_with_spaces(batch) if level == SUBWORD else split(batch, level)
        return words.flat_values

    batches: Any = batches_of_texts(texts)
    is_data = isinstance(batches, tf.data.Dataset)  # whose batches are split side by side
    parts = batches.map(flat, tf.data.AUTOTUNE) if is_data else map(flat, batches)
    tokens = (part.numpy().tolist() for part in parts)
    if level == SUBWORD:
        words = count_tokens(tokens, max_number=HELD)  # the rarest of millions teach nothing
        return _with_counts(learn_subwords(words, min_count, max_size), words)
    number = None if max_size is None else max_size - len(RESERVED)
    return Vocabulary.build(count_tokens(tokens, min_count, number), min_count, max_size)


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
