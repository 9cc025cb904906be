"""What all models that are made of other models share."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kerasrnn.checks import check_sentences
from kerasrnn.language_modeling.mixing.same_vocabulary import reconcile
from kerasrnn.language_modeling.next_token_model import NextTokenModel

__all__ = ["CombinedModel"]


class CombinedModel(NextTokenModel):
    """Several models over the same tokens, whose distributions are combined into one.

    A subclass gives `_combine`: from the models' distributions, all in the order of the ids of
    the first and of the same shape `(..., V)`, natural logarithms, that of the whole.

    Args:
        models: k models of the contract; their ids may be in any order, and those of the first
            are the whole's.

    Raises:
        ValueError: For no model, and for models over different tokens.
    """

    def __init__(self, models: Sequence[NextTokenModel]):
        self.models = tuple(models)
        self._ids = reconcile([model.vocabulary for model in self.models])
        self.vocabulary = self.models[0].vocabulary
        self.carries_state = any(model.carries_state for model in self.models)

    @abc.abstractmethod
    def _combine(self, rows: Sequence[np.ndarray]) -> np.ndarray: ...

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        before = list(before)
        rows = [model.next_log_probs(context, before) for model in self.models]
        return self._combine(self._in_order(rows))

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        return map(self._combine, self._parts(list(check_sentences("sentences", sentences))))

    def _parts(self, sentences: Sequence[str | Sequence[str]]) -> Iterator[list[np.ndarray]]:
        """Yields for each sentence of n tokens the models' distributions, `(n + 1, V)` each."""
        each = (model.distributions(sentences) for model in self.models)
        return map(self._in_order, zip(*each, strict=True))

    def _in_order(self, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
        pairs = zip(rows, self._ids, strict=True)
        return [row if ids is None else row[..., ids] for row, ids in pairs]
