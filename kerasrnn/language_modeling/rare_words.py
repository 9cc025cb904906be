"""Models whose rare words are merged, over the full vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.language_modeling.next_token_model import NextTokenModel, Session, encode, token_lists
from kerasrnn.vocabulary import RESERVED, UNKNOWN, Vocabulary

__all__ = ["Expanded"]


class Expanded(NextTokenModel):
    r"""A model that knows fewer words, made one over a full vocabulary.

    The rule is that of Mikolov et al. (2010), section 2.1: words that were too rare for the model
    were merged into one token before it was trained, here the unknown token, and share that
    token's probability evenly. With M words of the full vocabulary that the model lacks, each of
    them, and the unknown token of the full vocabulary too, has

    $P(w \mid h) = P(\text{unknown} \mid h) / (M + 1)$,

    all other tokens keep their probability, and the sum is 1. Hence a perplexity that pays for
    rare words, which is comparable with that of models over the full vocabulary and mixes with
    them.

    Args:
        model: A model of the contract.
        vocabulary: The full `Vocabulary`, with all tokens of the model's, in any order.

    Raises:
        ValueError: Where the model knows tokens that the full vocabulary lacks.

    Example:

    >>> from kerasrnn.language_modeling import UniformModel
    >>> small = UniformModel(Vocabulary(["the"]))  # unknown, end and the: 1/3 each
    >>> model = Expanded(small, Vocabulary(["the", "cat", "sat"]))
    >>> np.exp(model.token_log_probs(["the cat"])[0]).round(4)  # the, cat, end
    array([0.3333, 0.1111, 0.3333])
    """

    def __init__(self, model: NextTokenModel, vocabulary: Vocabulary):
        missing = [token for token in model.vocabulary.tokens if token not in vocabulary]
        if missing:
            raise UserError(
                f"Expected a full vocabulary with all {len(model.vocabulary.tokens):,} tokens of "
                f"the model. Received: one of {len(vocabulary.tokens):,} tokens without "
                + ", ".join(map(repr, missing[:3]))
                + " and others" * (len(missing) > 3)
            )
        self.model, self.vocabulary = model, vocabulary
        self.carries_state = model.carries_state
        small = [*range(len(RESERVED)), *map(model.vocabulary.id_of, vocabulary.tokens)]
        self._ids = np.array(small, "int64")  # unknown for the merged words
        self._merged = self._ids == UNKNOWN
        self._share = -np.log(self._merged.sum())

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        sentences = list(token_lists(sentences))
        return self._shared(sentences, self.model.token_log_probs(sentences))

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        return self._expanded(self.model.next_log_probs(context, before))

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        return map(self._expanded, self.model.distributions(sentences))

    def session(self) -> Session:
        return _ExpandedSession(self)

    def _shared(self, sentences: Sequence[Any], scores: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Takes from the scores of the small model's unknown token what is the others' share."""
        ids = encode(sentences, self.model.vocabulary)
        pairs = zip(scores, ids, strict=True)
        return [score + self._share * (each == UNKNOWN) for score, each in pairs]

    def _expanded(self, rows: np.ndarray) -> np.ndarray:
        return rows[..., self._ids] + self._share * self._merged


class _ExpandedSession(Session):
    def __init__(self, model: Expanded):
        super().__init__(model)
        self._model = model
        self._part = model.model.session()

    def __enter__(self) -> Session:
        self._part.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._part.__exit__(*error)

    def score(self, candidates: Sequence[str | Sequence[str]]) -> list[np.ndarray]:
        candidates = list(token_lists(candidates, "candidates"))
        return self._model._shared(candidates, self._part.score(candidates))

    def accept(self, sentence: str | Sequence[str]) -> None:
        self._part.accept(sentence)
