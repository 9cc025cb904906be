"""Batches of words and what stands around them, drawn anew in each epoch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError, check_choice, check_integer
from kerasrnn.datasets.batches.pipeline import read_ahead
from kerasrnn.datasets.contexts.noise import Noise, keep_probabilities
from kerasrnn.datasets.contexts.running_words import RunningWords
from kerasrnn.options.words import Architecture, words
from kerasrnn.vocabulary import PADDING

__all__ = ["WordContexts"]

# A batch: the inputs by their names, the places of the right candidates, and the weights.
Batch = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]


class WordContexts:
    """Words of texts with their neighbours, and drawn words to tell them from, for `word2vec`.

    In each epoch, texts come in another order, frequent words are left out at random, and each
    word reaches as far as a number between 1 and the window that is drawn for it (Mikolov et al.
    2013a, section 3.2; 2013b, section 2.3). Drawn words may be the right one, as in equation 4 of
    the latter.

    Args:
        running: What `running_words` returned.
        counts: How often each of V ids occurs in training, 0 for the reserved ones.
        architecture: `"skip_gram"`: an example for each pair of a word and a neighbour; `"cbow"`:
            one for each word and all its neighbours.
        window: Maximum number W of words on each side.
        negatives: Number K of drawn words in an example.
        subsample: Words above this fraction of the text are left out at random, see
            `keep_probabilities`.

    Raises:
        ValueError: For an unknown architecture or a number out of its range.

    Example:

    >>> running = RunningWords(np.array([4, 5, 4], np.int32), np.array([0, 2, 3]), 0)
    >>> contexts = WordContexts(running, [0, 0, 0, 0, 2, 1], window=1, negatives=3, subsample=0)
    >>> x, y, sample_weight = next(contexts.epoch(batch_size=7, seed=[1]))
    >>> x["context"].tolist(), x["candidates"][:, 0].tolist(), x["candidates"].shape
    ([[4], [5]], [5, 4], (2, 4))
    """

    def __init__(
        self,
        running: RunningWords,
        counts: Sequence[int],
        architecture: Architecture = "skip_gram",
        window: int = 5,
        negatives: int = 5,
        subsample: float = 1e-3,
    ):
        check_choice("architecture", architecture, words(Architecture))
        self._running = running
        self._pairs = architecture == "skip_gram"
        self._window = check_integer("window", window)
        self._negatives = check_integer("negatives", negatives)
        self._keep = keep_probabilities(counts, subsample)
        self._noise = Noise(counts)

    def steps(self, batch_size: int) -> int:
        """Returns the number of batches of an epoch.

        Args:
            batch_size: Running words that a batch is made of, those included that are left out.
        """
        check_integer("batch_size", batch_size)
        return -(-len(self._running.ids) // batch_size)

    def epochs(self, batch_size: int, *, seed: int, first_epoch: int = 0) -> tf.data.Dataset:
        """Makes one endless stream of all epochs, in which a batch depends on its place alone.

        Args:
            batch_size: As in `steps`.
            seed: Seed of all draws.
            first_epoch: The epoch that the stream begins with, from 0.

        Returns:
            Of `(x, y, sample_weight)`: `context` `(B, 1)` int32, or `(B, 2 * W)` of cbow, in which
            0 stands for no word, and `candidates` `(B, 1 + K)` int32, the right word and the drawn
            ones; the place of the right one, `(B,)` int32 zeros; and ones `(B,)` float32. B
            differs from batch to batch.
        """
        if not len(self._running.ids):
            raise UserError("Expected texts with at least one known word. Received: none")

        def batches() -> Iterator[Batch]:
            for epoch in itertools.count(first_epoch):
                yield from self.epoch(batch_size, [seed, epoch])

        return self._dataset(batches)

    def once(self, batch_size: int) -> tf.data.Dataset:
        """Makes the batches of one epoch, the same ones each time, to validate on.

        Args:
            batch_size: As in `steps`.
        """
        return self._dataset(lambda: self.epoch(batch_size, [0]))

    def epoch(self, batch_size: int, seed: Sequence[int]) -> Iterator[Batch]:
        """Yields the batches of an epoch as arrays.

        Args:
            batch_size: As in `steps`.
            seed: Seed of the draws.
        """
        ids, starts = self._running.ids, self._running.starts
        order = np.random.default_rng(seed).permutation(len(starts) - 1)
        lengths = np.diff(starts)[order]
        # The places of the words of the texts in their new order, and the text of each.
        texts = np.repeat(np.arange(len(order)), lengths)
        begins = np.cumsum(lengths) - lengths
        places = np.arange(len(ids)) + np.repeat(starts[:-1][order] - begins, lengths)
        for step in range(self.steps(batch_size)):
            some = slice(step * batch_size, (step + 1) * batch_size)
            rng = np.random.default_rng([*seed, step])
            yield self.sample(ids[places[some]], texts[some], rng)

    def sample(self, ids: np.ndarray, texts: np.ndarray, rng: np.random.Generator) -> Batch:
        """Draws the examples of some running words.

        Args:
            ids: `(N,)` int32, the words.
            texts: `(N,)` int, the number of the text of each.
            rng: What draws.

        Returns:
            A batch, see `epochs`. Where there is no pair it is one of padding, whose weight is 0.
        """
        kept = rng.random(len(ids)) < self._keep[ids]
        ids, texts = ids[kept], texts[kept]
        reach = rng.integers(1, self._window, size=len(ids), endpoint=True)
        find = word_pairs if self._pairs else word_windows
        context, right = find(ids, texts, reach, self._window)
        weights = np.ones(len(right), np.float32)
        if not len(right):
            context, right = (
                np.full((1, context.shape[1]), PADDING, np.int32),
                np.zeros(1, np.int32),
            )
            weights = np.zeros(1, np.float32)
        drawn = self._noise.draw(rng, (len(right), self._negatives))
        candidates = np.concatenate([right[:, np.newaxis], drawn], axis=1).astype(np.int32)
        return (
            {"context": context, "candidates": candidates},
            np.zeros(len(right), np.int32),
            weights,
        )

    def _dataset(self, batches: Any) -> tf.data.Dataset:
        width = 1 if self._pairs else 2 * self._window
        x = {
            "context": tf.TensorSpec((None, width), tf.int32),
            "candidates": tf.TensorSpec((None, 1 + self._negatives), tf.int32),
        }
        y, weights = tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None,), tf.float32)
        made = tf.data.Dataset.from_generator(batches, output_signature=(x, y, weights))
        return read_ahead(made)


def word_pairs(
    ids: np.ndarray, texts: np.ndarray, reach: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs each word with each neighbour within its reach.

    Args:
        ids: `(N,)` int32, the words.
        texts: `(N,)` int, the text of each, beyond which nothing reaches.
        reach: `(N,)` int, how many words far each reaches, on both sides.
        window: The furthest reach.

    Returns:
        The words `(M, 1)` and their neighbours `(M,)`.

    Example:

    >>> ids, texts, reach = np.array([[7, 8, 9], [0, 0, 0], [2, 1, 1]])
    >>> words, neighbours = word_pairs(ids, texts, reach, 2)
    >>> sorted(zip(words[:, 0].tolist(), neighbours.tolist()))
    [(7, 8), (7, 9), (8, 7), (8, 9), (9, 8)]
    """
    found, neighbours = [ids[:0]], [ids[:0]]
    for distance in range(1, min(window, len(ids) - 1) + 1):
        left, right = slice(None, -distance), slice(distance, None)
        same = texts[left] == texts[right]
        for here, there in ((left, right), (right, left)):
            within = same & (reach[here] >= distance)
            found.append(ids[here][within])
            neighbours.append(ids[there][within])
    return np.concatenate(found)[:, np.newaxis], np.concatenate(neighbours)


def word_windows(
    ids: np.ndarray, texts: np.ndarray, reach: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Gathers around each word its neighbours within its reach.

    Args:
        ids: As in `word_pairs`, with all that follows.
        texts: As there.
        reach: As there.
        window: The furthest reach W.

    Returns:
        The neighbours `(M, 2 * W)`, 0 for none, and the words `(M,)`; a word that is alone is none
        of them.

    Example:

    >>> ids, texts, reach = np.array([[7, 8, 9], [0, 0, 0], [2, 1, 1]])
    >>> [each.tolist() for each in word_windows(ids, texts, reach, 2)]
    [[[0, 0, 8, 9], [0, 7, 9, 0], [0, 8, 0, 0]], [7, 8, 9]]
    """
    offsets = np.array([*range(-window, 0), *range(1, window + 1)])
    places = np.arange(len(ids))[:, np.newaxis] + offsets
    inside = np.clip(places, 0, max(len(ids) - 1, 0))
    within = (places == inside) & (np.abs(offsets) <= reach[:, np.newaxis])
    within &= texts[inside] == texts[:, np.newaxis]
    context = np.where(within, ids[inside], ids.dtype.type(PADDING))
    kept = within.any(axis=1)
    return context[kept], ids[kept]
