"""The splits that a tagger learns from and is measured on, in one scheme, each counted once."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets import TaggedCounts, TaggedSplit
from kerasrnn.layers.schemes import Pair, Scheme
from kerasrnn.options import Tag
from kerasrnn.options.folds import fold_name

__all__ = ["TaggedData"]

READ_AT_ONCE = 1024


class TaggedData:
    """Sentences with a label for each token, by split.

    What is asked of the tokens and the labels of a split comes from one pass over it.

    Args:
        options: The options of the training.
    """

    def __init__(self, options: Tag):
        self._options = options
        self._counts: dict[str, TaggedCounts] = {}
        self._splits: dict[str, TaggedSplit] = {}

    def counts(self, split: str) -> TaggedCounts:
        """Counts tokens and labels of a split, the labels as they are in the data."""
        if split not in self._counts:
            self._counts[split] = self._split(split).counts(self._options.max_length)
        return self._counts[split]

    @functools.cached_property
    def scheme(self) -> Scheme | None:
        """How the labels of the training split mark entities; `None` for labels as they are."""
        wanted = self._options.scheme or "none"
        if wanted == "none":
            return None
        return self._split("train").scheme(wanted, self.counts("train"))

    def sentences(self, split: str) -> Any:
        """Reads `(tokens, labels)`, `(T,)` string each."""
        read = self._split(split)
        if self.scheme is None:
            return read.sentences()
        return read.in_scheme(self.scheme, counts=self.counts(split))

    def labels(self) -> tuple[str, ...]:
        """Returns the names of the labels of the training split, sorted.

        Raises:
            UserError: For less than two of them.
        """
        labels = self.counts("train").labels.names(self.scheme)
        if len(labels) < 2:
            raise UserError(f"Expected at least two labels to tell apart. Received: {labels}")
        return labels if self.scheme is None else tuple(self.scheme.completed(labels))

    def check_labels(
        self, split: str, labels: Sequence[str], allowed: Mapping[str, Any] | None
    ) -> None:
        """Checks that the labels of a split can be learned, or compared where it is that of test.

        Args:
            split: The split.
            labels: The names of the labels of the training split.
            allowed: What `layers.bio_constraints` returned where only such paths can be learned.

        Raises:
            UserError: For another label or path, whose line is named, and for no sentence at all.
        """
        of_test = split == "test"
        counts = self.counts(split)
        found = counts.labels if of_test else counts.fitting
        # What is in a scheme keeps to its rules.
        paths = None if of_test or self.scheme is not None else allowed
        if not set(found.names(self.scheme)) <= set(labels) or (
            paths is not None and not _are_legal(found.pairs(), labels, paths)
        ):
            self._refuse_first(split, labels, paths)
        if not found.sentences and not of_test:
            raise UserError(
                f"Expected sentences of 1 to {self._longest} tokens in the {_name(split)} split. "
                "Received: none"
            )

    @property
    def _longest(self) -> float:
        return self._options.max_length or math.inf

    def _split(self, split: str) -> TaggedSplit:
        if split not in self._splits:
            guess = self._options.scheme is not None  # else a run of an earlier version
            source = self._options.source(self._options.data, split)
            self._splits[split] = TaggedSplit(*source.place, **source.form, guess=guess)
        return self._splits[split]

    def _refuse_first(
        self, split: str, names: Sequence[str], allowed: Mapping[str, Any] | None
    ) -> None:
        """Raises for the first sentence whose labels cannot be learned; reads the split again.

        A label that a fold lacks is an error in its test, and its sentence does not steer it.
        """
        for i, labels in enumerate(_labels(self.sentences(split))):
            if split != "test" and not 0 < len(labels) <= self._longest:
                continue  # left out
            wrong = next((t for t, label in enumerate(labels) if label not in names), None)
            if wrong is not None and fold_name(self._options):
                continue
            if wrong is not None:
                raise UserError(
                    f"{self._split(split).place(i, wrong)}: expected the labels of the "
                    f"{_name(split)} split to be those of the training split, {first_of(names)}. "
                    f"Received: {labels[wrong]!r}"
                )
            steps = itertools.pairwise([None, *labels, None])
            if allowed is not None and not _are_legal(steps, names, allowed):
                raise UserError(
                    f"{self._split(split).place(i, 0)}: expected labels that keep to BIO, or to "
                    f"IOBES where some begin with E- or S-, in the {_name(split)} split "
                    "(scheme='auto' repairs them, output_layer='softmax' takes any). Received: "
                    f"{' '.join(labels)}"
                )


def _name(split: str) -> str:
    return "training" if split == "train" else split


def _labels(sentences: Any) -> Iterator[list[str]]:
    for _, batch in sentences.ragged_batch(READ_AT_ONCE):
        for row in batch.to_list():
            yield [label.decode("utf-8", "replace") for label in row]


def _are_legal(pairs: Iterable[Pair], names: Sequence[str], allowed: Mapping[str, Any]) -> bool:
    """Whether labels may follow each other; `None` stands before and behind a sentence."""
    ids = {name: i for i, name in enumerate(names)}

    def is_legal(before: str | None, label: str | None) -> bool:
        if before is None:
            return label is None or allowed["start"][ids[label]]
        if label is None:
            return allowed["end"][ids[before]]
        return allowed["transition"][ids[before]][ids[label]]

    return all(is_legal(*pair) for pair in pairs)
