"""Loaders of sentences with a label for each token: word classes, entities."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.pipeline import ENCODED_AT_ONCE
from kerasrnn.datasets.loaders.labels import label_table
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.text import Tokenizer
from kerasrnn.text.as_written import as_written
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import PADDING

__all__ = ["MAX_CHARACTERS", "character_ids", "tagged_examples"]

# Characters of a token that are read: in English 99 of 100 tokens are shorter.
MAX_CHARACTERS = 20


def tagged_examples(
    sentences: tf.data.Dataset,
    words: Tokenizer,
    labels: Sequence[str],
    characters: Tokenizer | None = None,
    max_length: int | None = None,
) -> Examples:
    """Encodes sentences with a label for each token for a `many_to_many` of token ids.

    Args:
        sentences: Of `(tokens, labels)`, `(T,)` string each, see `tagged_tokens`; or of `(tokens,
            labels, weights)`, where the third are `(T,)` numbers, the weights that you give to
            the tokens. Those without any token are left out.
        words: Tokenizer whose vocabulary has the tokens; how it splits texts does not matter.
        labels: Names of the L labels.
        characters: Tokenizer of the characters, for a model that reads them; or `None`.
        max_length: Maximum number of tokens; longer sentences are left out, since a cut
            one could end within an entity.

    Returns:
        `Examples`, whose batches are `tokens` `(B, T)` int32, padded with 0 on the right, or with
        characters a dictionary of `tokens` and `characters` `(B, T, W)`; the labels `(B, T)`
        int32; the weights `(B, T)` float32, those that were given or 1, and 0 for padding.

    Example:

    >>> sentences = tf.data.Dataset.from_tensors((["a", "cat"], ["DET", "NOUN"]))
    >>> words, letters = Tokenizer(Vocabulary(["cat"])), Tokenizer(Vocabulary("act"))
    >>> examples = tagged_examples(sentences, words, ["DET", "NOUN"], letters)
    >>> x, y, sample_weight = next(iter(examples.batches(64)))
    >>> x["tokens"].numpy().tolist(), tuple(x["characters"].shape), y.numpy().tolist()
    ([[1, 4]], (1, 2, 3), [[0, 1]])
    """
    ranks = {"tokens": 1, "labels": 1, "weights": 1}
    sentences = as_dataset(sentences, ("tokens", "labels"), ("weights",), ranks=ranks)
    look_up = label_table(labels)

    def fits(tokens, *_):
        length = tf.size(tokens)
        return (length > 0) & (length <= (tf.int32.max if max_length is None else max_length))

    def encode(tokens, names, *weights):
        tokens, names = _ragged(tokens), _ragged(names)
        parts = [words.ids_of(tokens), names.with_flat_values(look_up(names.flat_values))]
        if characters is not None:
            letters = character_ids(characters, tokens.flat_values)
            parts.append(tokens.with_flat_values(letters))
        return *parts, *(_ragged(tf.cast(each, tf.float32)) for each in weights)

    def finish(tokens, y, *others):
        x = tokens if characters is None else {"tokens": tokens, "characters": others[0]}
        weights = tf.cast(tokens != PADDING, tf.float32)
        given = others[0 if characters is None else 1 :]
        return x, y, weights * given[0] if given else weights

    batches = sentences.filter(as_written(fits)).ragged_batch(ENCODED_AT_ONCE)
    encoded = batches.map(as_written(encode), num_parallel_calls=tf.data.AUTOTUNE)
    letters = None if characters is None else characters.key()
    parts = len(sentences.element_spec)
    key = ("tagging", *words.key(), letters, MAX_CHARACTERS, list(labels), max_length, parts)
    return Examples(encoded, (0,), finish, key)


def _ragged(batch):
    """A batch of sentences whose number of tokens is known before is not ragged by itself."""
    return batch if isinstance(batch, tf.RaggedTensor) else tf.RaggedTensor.from_tensor(batch)


def character_ids(characters: Tokenizer, tokens: Tensor) -> tf.RaggedTensor:
    """Looks up the first 20 characters of each token.

    Args:
        characters: Tokenizer of the level `"character"`.
        tokens: `(N,)` string tensor.

    Returns:
        `(N, None)` ragged int32 tensor of ids; `""` becomes one unknown character, so that no
        token is without any.
    """
    return characters.encode(tokens)[:, :MAX_CHARACTERS]
