"""What one pass over tagged sentences counts, so that nothing has to be read again for it."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.layers.schemes import Pair, Scheme

__all__ = ["LabelCounts", "TaggedCounts", "count_tagged"]

READ_AT_ONCE = 1024
# A label, between the one before it and the one after it; `None` beyond the ends of a sentence.
Triple = tuple[str | None, str, str | None]


@dataclasses.dataclass(frozen=True)
class LabelCounts:
    """How often labels occur.

    Attributes:
        triples: How often each label occurs between two others, in the order of their first
            occurrence; what a scheme makes of a label depends on no more.
        sentences: The number of sentences.
        empty: How many of them have no token.
    """

    triples: collections.Counter[Triple]
    sentences: int
    empty: int

    def pairs(self) -> collections.Counter[Pair]:
        """Counts which labels follow each other, as `layers.schemes.label_pairs` does."""
        pairs: collections.Counter[Pair] = collections.Counter()
        for (before, label, after), number in self.triples.items():
            pairs[before, label] += number
            if after is None:
                pairs[label, None] += number
        if self.empty:
            pairs[None, None] = self.empty
        return pairs

    def names(self, scheme: Scheme | None = None) -> tuple[str, ...]:
        """Returns the names of the labels, sorted; with a scheme those that it rewrites them to."""
        return tuple(sorted({_right(triple, scheme) for triple in self.triples}))

    def numbers(self, labels: Sequence[str], scheme: Scheme | None = None) -> np.ndarray:
        """Returns how often each label occurs, `(L,)` int64, as `count_labels` does.

        Args:
            labels: Names of the L labels.
            scheme: One that rewrites them, or `None`.

        Raises:
            KeyError: For a label that is not among them.
        """
        numbers = dict.fromkeys(labels, 0)
        for triple, number in self.triples.items():
            numbers[_right(triple, scheme)] += number
        return np.array([*numbers.values()], "int64")

    def total(self) -> int:
        """Returns the number of tokens."""
        return self.triples.total()

    def rewrites(self, scheme: Scheme, target: str | None = None) -> bool:
        """Whether `Scheme.rewrite` changes the labels of any sentence."""
        return any(_right(triple, scheme, target) != triple[1] for triple in self.triples)

    def repairs(self, scheme: Scheme) -> int:
        """Returns the number of labels that break the rules of their own scheme."""
        return sum(
            number
            for triple, number in self.triples.items()
            if _place(triple) in _in_context(scheme.repairs, triple)
        )


@dataclasses.dataclass(frozen=True)
class TaggedCounts:
    """What `count_tagged` counts.

    Attributes:
        tokens: How often each token occurs.
        labels: How often each label occurs.
        fitting: The same of the sentences alone that `tagged_examples` does not leave out.
    """

    tokens: collections.Counter[bytes]
    labels: LabelCounts
    fitting: LabelCounts


class _Labels:
    def __init__(self):
        self.triples: collections.Counter = collections.Counter()
        self.sentences = self.empty = 0

    def add(self, labels: Sequence[bytes]) -> None:
        # There is one place more before and behind labels than there are labels.
        self.triples.update(zip([None, *labels], labels, [*labels[1:], None], strict=False))
        self.sentences, self.empty = self.sentences + 1, self.empty + (not labels)

    def counted(self) -> LabelCounts:
        texts = {name: name.decode("utf-8", "surrogateescape") for _, name, _ in self.triples}
        found = {
            (texts.get(before), texts[label], texts.get(after)): number
            for (before, label, after), number in self.triples.items()
        }
        return LabelCounts(collections.Counter(found), self.sentences, self.empty)


def count_tagged(sentences: tf.data.Dataset, max_length: int | None = None) -> TaggedCounts:
    """Counts the tokens and the labels of sentences in one pass.

    Args:
        sentences: Of `(tokens, labels)`, `(T,)` string each, see `tagged_tokens`; or a list, a
            table or a generator of them.
        max_length: As in `tagged_examples`.

    Returns:
        The counts.

    Example:

    >>> sentences = tf.data.Dataset.from_tensors((["a", "cat", "a"], ["DET", "NOUN", "DET"]))
    >>> counts = count_tagged(sentences, max_length=2)
    >>> counts.tokens[b"a"], counts.labels.names(), counts.fitting.names()
    (2, ('DET', 'NOUN'), ())
    """
    tokens: collections.Counter[bytes] = collections.Counter()
    of_all, of_fitting = _Labels(), _Labels()
    read = as_dataset(sentences, ("tokens", "labels"), ranks={"tokens": 1, "labels": 1})
    for words, names in read.ragged_batch(READ_AT_ONCE):
        for row, labels in zip(_rows(words), _rows(names), strict=True):
            tokens.update(row)
            of_all.add(labels)
            if row and (max_length is None or len(row) <= max_length):
                of_fitting.add(labels)
    return TaggedCounts(tokens, of_all.counted(), of_fitting.counted())


def _rows(batch) -> list[list[bytes]]:
    """Sentences whose number of tokens is known before are not ragged by themselves."""
    return batch.to_list() if isinstance(batch, tf.RaggedTensor) else batch.numpy().tolist()


def _place(triple: Triple) -> int:
    return 0 if triple[0] is None else 1


def _in_context(read: Callable[..., Any], triple: Triple, *options):
    """Reads the labels of a triple as those of a sentence."""
    return read([label for label in triple if label is not None], *options)


def _right(triple: Triple, scheme: Scheme | None, target: str | None = None) -> str:
    if scheme is None:
        return triple[1]
    return _in_context(scheme.rewrite, triple, target)[_place(triple)]
