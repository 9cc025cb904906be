"""Tokenizers of tokens that are counted, and of the characters in them."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterator, Mapping

import tensorflow as tf

from kerasrnn.options.words import Normalization
from kerasrnn.text import Tokenizer, prepare, split
from kerasrnn.vocabulary import Vocabulary

__all__ = ["character_tokenizer", "token_tokenizer"]

AT_ONCE = 100_000


def token_tokenizer(
    counts: Mapping[bytes, int],
    min_count: int = 1,
    max_size: int | None = None,
    *,
    lowercase: bool = False,
    normalization: Normalization = "nfc",
) -> Tokenizer:
    """Makes the tokenizer whose vocabulary are the frequent tokens.

    Args:
        counts: How often each token occurs in the training split, see `count_tagged`.
        min_count: As in `Vocabulary.build`.
        max_size: As in `Vocabulary.build`.
        lowercase: As of the `Tokenizer`.
        normalization: As of the `Tokenizer`.

    Returns:
        A `Tokenizer` of the level `"whitespace"`.

    Example:

    >>> token_tokenizer({b"The": 1, b"the": 1, b"cat": 1}, 2, lowercase=True).vocabulary.tokens
    ('the',)
    """
    words: collections.Counter[str] = collections.Counter()
    for tokens, numbers in _batches(counts):
        prepared = prepare(tokens, lowercase, normalization).numpy().tolist()
        for token, number in zip(prepared, numbers, strict=True):
            words[token.decode("utf-8", "replace")] += number
    vocabulary = Vocabulary.build(words, min_count, max_size)
    return Tokenizer(vocabulary, "whitespace", lowercase, normalization)


def character_tokenizer(
    counts: Mapping[bytes, int], min_count: int = 1, *, normalization: Normalization = "nfc"
) -> Tokenizer:
    """Makes the tokenizer of the characters that tokens consist of, which keep their case.

    Args:
        counts: How often each token occurs in the training split, see `count_tagged`.
        min_count: As in `Vocabulary.build`.
        normalization: As of the `Tokenizer`.

    Returns:
        What `Tokenizer.train` of all these tokens returns: a `Tokenizer` of the level
        `"character"`.

    Example:

    >>> character_tokenizer({b"no": 2, b"on": 1, b"so": 1}, 2).vocabulary.tokens
    ('o', 'n')
    """
    characters: collections.Counter[bytes] = collections.Counter()
    for tokens, numbers in _batches(counts):
        rows = split(prepare(tokens, False, normalization), "character").to_list()
        for row, number in zip(rows, numbers, strict=True):
            for character in row:
                characters[character] += number
    found = {character.decode("utf-8"): number for character, number in characters.items()}
    vocabulary = Vocabulary.build(found, min_count)
    return Tokenizer(vocabulary, "character", normalization=normalization)


def _batches(counts: Mapping[bytes, int]) -> Iterator[tuple[tf.Tensor, list[int]]]:
    """Yields many tokens at a time, and how often each of them occurs."""
    items = iter(counts.items())
    while some := list(itertools.islice(items, AT_ONCE)):
        tokens, numbers = zip(*some, strict=True)
        yield tf.constant(tokens, tf.string), list(numbers)
