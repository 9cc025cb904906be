"""Simulated n-best lists: what a recogniser might have heard, made from text alone.

No speech was ever recognised here. Such lists show whether rescoring works as it should, not what
it is worth on real speech; whoever prints a figure of them says that they are simulated.
"""

from __future__ import annotations

import collections
import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, check_sentences
from kerasrnn.language_modeling.next_token_model import tokens_of
from kerasrnn.language_modeling.rescoring.hypotheses import NBestList
from kerasrnn.language_modeling.rescoring.lattice import Arc, Lattice

__all__ = ["SpellingConfusions", "simulate_lattice", "simulate_nbest"]


class SpellingConfusions:
    """Which words may be heard instead of one another: those that are spelled alike.

    The similarity of two words is the cosine of their counts of characters and of pairs of
    characters, the marks of their begin and end included.

    Args:
        words: W distinct words.
        number: Number of confusions of each word.

    Raises:
        ValueError: For no word, or an empty one.

    Example:

    >>> confusions = SpellingConfusions(["cat", "cats", "dog", "hat"], number=2)
    >>> [word for word, _ in confusions.of("cat")]
    ['cats', 'hat']
    """

    def __init__(self, words: Sequence[str], number: int = 5):
        self.words, self.number = tuple(words), number
        if not self.words or not all(self.words):
            raise UserError(
                "Expected words of at least one letter. Received: none, or an empty one"
            )
        # By part: the words that have it and how much of it, in vectors of length 1.
        postings: dict[str, list[tuple[int, float]]] = {}
        for i, word in enumerate(self.words):
            for part, share in _vector(word).items():
                postings.setdefault(part, []).append((i, share))
        self._postings = {
            part: (np.array([i for i, _ in rows]), np.array([share for _, share in rows]))
            for part, rows in postings.items()
        }
        self._found: dict[str, list[tuple[str, float]]] = {}

    def of(self, word: str) -> list[tuple[str, float]]:
        """Returns the confusions of any word with their similarity, from 0 to 1, the best first."""
        if word not in self._found:
            likeness = np.zeros(len(self.words))
            for part, share in _vector(word).items():
                if part in self._postings:
                    ids, shares = self._postings[part]
                    likeness[ids] += share * shares
            wanted = min(self.number + 1, len(likeness))
            least = max(np.partition(likeness, -wanted)[-wanted], 1e-9)  # not nothing in common
            near = np.flatnonzero(likeness >= least)
            near = near[np.argsort(-likeness[near], kind="stable")].tolist()
            others = [(self.words[i], min(1.0, float(likeness[i]))) for i in near]
            self._found[word] = [pair for pair in others if pair[0] != word][: self.number]
        return self._found[word]


def simulate_lattice(
    utterance: str,
    sentence: str | Sequence[str],
    confusions: SpellingConfusions,
    rng: np.random.Generator,
    noise: float = 1.0,
    distance: float = 10.0,
    deletion: float = 4.0,
    insertion: float = 5.0,
) -> Lattice:
    """Makes a simulated lattice of what might have been heard for a sentence.

    At each place of the sentence stand its word, with acoustic score 0, the words that are
    spelled alike, with a score that falls with the difference in spelling, and silence; between
    the places may be a word too many, one of those like the next word. To all of these scores
    Gaussian noise is added, once, so that the same word at the same place is heard alike in all
    hypotheses, and the acoustics alone often prefer a wrong one.

    Args:
        utterance: Its name.
        sentence: What was said.
        confusions: The words that may be heard for others.
        rng: Where the noise comes from.
        noise: The standard deviation of the acoustic scores, in nats.
        distance: The loss of a word that has nothing in common with the one that was said.
        deletion: The loss of a word that is not heard.
        insertion: The loss of a word too many.

    Returns:
        A `Lattice` whose arcs have acoustic scores and no language scores.
    """
    arcs, node = [], 0
    for said in tokens_of(sentence):
        near = confusions.of(said)
        heard = [(said, 0.0), *((word, -distance * (1 - like)) for word, like in near)]
        extra: list[tuple[str | None, float]] = [(None, 0.0)]
        if near:
            extra.append((near[int(rng.integers(len(near)))][0], -insertion))
        for choices in (extra, [*heard, (None, -deletion)]):
            scores = [score + noise * rng.normal() for _, score in choices]
            arcs += [
                Arc(node, node + 1, word, score)
                for (word, _), score in zip(choices, scores, strict=True)
            ]
            node += 1
    return Lattice(utterance, arcs or [Arc(0, 1)])


def simulate_nbest(
    sentences: Iterable[str | Sequence[str]],
    confusions: SpellingConfusions,
    size: int = 100,
    seed: int = 1,
    **options: Any,
) -> tuple[list[NBestList], dict[str, tuple[str, ...]]]:
    """Makes simulated n-best lists over held-out sentences.

    Args:
        sentences: What was said.
        confusions: The words that may be heard for others, for example those of the training
            text's vocabulary.
        size: Maximum number of hypotheses of a list.
        seed: The seed of all noise. A sentence's noise depends on its place and not on the
            sentences before it.
        **options: Those of `simulate_lattice`.

    Returns:
        The lists of the utterances `simulated-0`, `simulated-1`, ..., the acoustically best
        hypothesis first, and the references by utterance.

    Example:

    >>> confusions = SpellingConfusions(["cat", "cats", "dog", "hat"])
    >>> lists, references = simulate_nbest(["cat dog"], confusions, size=7)
    >>> references, len(lists[0].hypotheses)
    ({'simulated-0': ('cat', 'dog')}, 7)
    """
    lists, references = [], {}
    for i, sentence in enumerate(check_sentences("sentences", sentences)):
        name, rng = f"simulated-{i}", np.random.default_rng([seed, i])
        references[name] = tuple(tokens_of(sentence))
        lists.append(simulate_lattice(name, sentence, confusions, rng, **options).nbest(size))
    return lists, references


def _vector(word: str) -> dict[str, float]:
    """Returns the counts of the characters and their pairs in a word, as a vector of length 1."""
    marked = f"\0{word}\0"
    counts = collections.Counter([*word, *map("".join, itertools.pairwise(marked))])
    length = math.hypot(*counts.values())
    return {part: count / length for part, count in counts.items()}
