"""The pieces of words that byte-pair encoding learns from a training text."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Mapping

from kerasrnn.checks import UserError
from kerasrnn.text.levels import BOUNDARY
from kerasrnn.vocabulary import RESERVED, Vocabulary

__all__ = ["USUAL_SIZE", "learn_subwords"]

USUAL_SIZE = 8_000
AT_ONCE = 1_000  # repetitions of a word in one string, so that none becomes too long


def learn_subwords(
    words: Mapping[str, int], min_count: int = 1, max_size: int | None = None
) -> Vocabulary:
    """Learns the characters and the most useful pieces of words, by byte-pair encoding.

    The most frequent pair of neighbours becomes a piece, step by step (Sennrich et al. 2016,
    section 3.2). HuggingFace's `tokenizers` does the work; the learned pieces do not need it.

    Args:
        words: How often each word occurs in the training text, see `words_with_spaces`.
        min_count: Minimum number of occurrences of a character, and of a pair that merges.
        max_size: Maximum number of ids, reserved ids included; 8,000 by default. Of more
            characters than that the frequent ones stay.

    Returns:
        A `Vocabulary`: the characters, then the pieces in the order in which they were learned.

    Raises:
        ValueError: Where `tokenizers` is not installed, or for numbers out of range.

    Example:

    >>> learn_subwords({"▁low": 5, "▁lower": 2}, max_size=13).tokens
    ('e', 'l', 'o', 'r', 'w', '▁', 'lo', '▁lo', '▁low')
    """
    tokenizers = _library()
    max_size = USUAL_SIZE if max_size is None else max_size
    characters: collections.Counter[str] = collections.Counter()
    for word, count in words.items():
        for character in word:
            characters[character] += count
    known = set(Vocabulary.build(characters, min_count, max_size).tokens)
    learner = tokenizers.Tokenizer(tokenizers.models.BPE())
    # The words are there already; the boundary stands in none of them.
    learner.pre_tokenizer = tokenizers.pre_tokenizers.Split(BOUNDARY, "removed")
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=max_size - len(RESERVED), min_frequency=min_count, show_progress=False
    )
    learner.train_from_iterator(_repeated(words, known), trainer)
    ids = learner.get_vocab()
    return Vocabulary(sorted(ids, key=lambda token: ids[token]))


def _repeated(words: Mapping[str, int], known: set[str]) -> Iterator[str]:
    """Yields each word as often as it occurs, split where it has a character that is not known."""
    for word, count in words.items():
        word = "".join(letter if letter in known else BOUNDARY for letter in word)
        for start in range(0, count, AT_ONCE):
            yield (word + BOUNDARY) * min(AT_ONCE, count - start)


def _library():
    try:
        import tokenizers
    except ImportError:
        raise UserError(
            'Expected the package tokenizers, which learns subwords: pip install "kerasrnn['
            'subwords]" (a model that has learned them needs it no more). Received: none'
        ) from None
    return tokenizers
