"""What is counted in encoded batches of a validation split: unknown tokens, scripts, and rows."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from kerasrnn.text.unspaced import is_hangul, unspaced_script
from kerasrnn.vocabulary import BEGIN, END, PADDING, RESERVED, UNKNOWN

__all__ = ["BatchCounts", "count_batches", "named_batches"]


@dataclasses.dataclass(frozen=True)
class BatchCounts:
    """What batches hold.

    Attributes:
        unknown: By the name of each input of ids the number of unknown tokens, and of all tokens
            but padding, begin and end.
        rows: How many rows weigh something; what only fills a batch up does not.
        scripts: By the name of an input the number of known tokens that begin with a letter of
            Hangul, and of each script that writes no spaces.
    """

    unknown: dict[str, tuple[int, int]]
    rows: int
    scripts: dict[str, dict[str, int]] = dataclasses.field(default_factory=dict)


def named_batches(
    model: keras.Model, batches: Iterable[Any], number: int | None = None
) -> Iterator[tuple]:
    """Yields batches as arrays, those of the inputs by their names.

    Args:
        model: The model that they are for.
        batches: Of `(x, y, sample_weight)`.
        number: How many of them; all by default.
    """
    name = model.inputs[0].name
    for x, y, weights in itertools.islice(batches, number):
        x = x if isinstance(x, dict) else {name: x}
        arrays = {key: np.asarray(value) for key, value in x.items()}
        yield arrays, np.asarray(y), np.asarray(weights)


def count_batches(batches: Iterable[Any], names: Mapping[str, Any]) -> BatchCounts:
    """Counts in one pass.

    Args:
        batches: Of `(x, y, sample_weight)`, the inputs by their names, weights `(B,)` or `(B, T)`.
        names: By its name the vocabulary of each input that has one; `labels` is none of them.

    Example:

    >>> batch = {"tokens": np.array([[1, 5, 3, 0]])}, None, np.ones((1, 4))
    >>> count_batches([batch], {"tokens": "abc"})
    BatchCounts(unknown={'tokens': (1, 2)}, rows=1, scripts={})
    """
    found, rows = {name: (0, 0) for name in names if name != "labels"}, 0
    scripts = {name: _Scripts(names[name]) for name in found}
    for x, _, weights in batches:
        rows += int((weights.reshape(len(weights), -1) > 0).any(axis=1).sum())
        for name, (unknown, spoken) in found.items():
            reserved = np.isin(x[name], (PADDING, BEGIN, END))
            found[name] = (
                unknown + int((x[name] == UNKNOWN).sum()),
                spoken + int(x[name].size - reserved.sum()),
            )
            scripts[name].add(x[name])
    counted = {name: each.counts() for name, each in scripts.items()}
    return BatchCounts(found, rows, {name: each for name, each in counted.items() if each})


class _Scripts:
    """Counts tokens by the script that they begin with.

    Args:
        vocabulary: That of the tokens, or anything else, of which nothing is counted.
    """

    def __init__(self, vocabulary: Any):
        names: tuple[str, ...] = getattr(vocabulary, "tokens", ())
        found = [unspaced_script(name) or "Hangul" * is_hangul(name) for name in names]
        self._names = sorted({name for name in found if name})
        places = {"": 0, **{name: i for i, name in enumerate(self._names, 1)}}
        self._table = np.array([0] * len(RESERVED) + [places[name] for name in found])
        self._counts = np.zeros(len(self._names) + 1, np.int64)

    def add(self, ids: np.ndarray) -> None:
        if self._names:
            self._counts += np.bincount(self._table[ids].ravel(), minlength=len(self._counts))

    def counts(self) -> dict[str, int]:
        counted = zip(self._names, self._counts[1:].tolist(), strict=True)
        return {name: number for name, number in counted if number}
