"""Linear mixtures of language models."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import check_sentences
from kerasrnn.language_modeling.mixing.combined import CombinedModel
from kerasrnn.language_modeling.mixing.log_prob_streams import checked_weights, mix_streams
from kerasrnn.language_modeling.next_token_model import NextTokenModel, Session

__all__ = ["Mixture"]


class Mixture(CombinedModel):
    r"""The weighted mean of the probabilities of several models.

    $P(w \mid h) = \sum_k \lambda_k P_k(w \mid h)$. Mikolov et al. (2010) give the neural model
    0.75 and the Kneser-Ney model 0.25; `tune_weights` finds the best weights for held-out text.
    A mixture with a `Cache` is a cached model, and a mixture of mixtures is a mixture.

    For many mixtures of the same models on the same text, score each model once with
    `token_stream` and mix the streams with `mix_streams`: this model does the same for one.

    Args:
        models: k models of the contract, over the same tokens; their ids may be in any order,
            and those of the first are the mixture's.
        weights: k weights, not negative, of sum 1.

    Raises:
        ValueError: For wrong weights, and for models over different tokens.

    Example:

    >>> from kerasrnn.language_modeling import UniformModel
    >>> from kerasrnn.vocabulary import Vocabulary
    >>> one, other = Vocabulary(["the", "cat"]), Vocabulary(["cat", "the"])
    >>> mixture = Mixture([UniformModel(one), UniformModel(other)], [0.75, 0.25])
    >>> np.exp(mixture.next_log_probs("the")).round(3)
    array([0.  , 0.25, 0.  , 0.25, 0.25, 0.25])
    """

    def __init__(self, models: Sequence[NextTokenModel], weights: Sequence[float]):
        super().__init__(models)
        self.weights = checked_weights(weights, len(self.models))

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        sentences = list(check_sentences("sentences", sentences))
        return self._mix([model.token_log_probs(sentences) for model in self.models])

    def session(self) -> Session:
        return _MixtureSession(self)

    def _mix(self, scores: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
        """Mixes the models' scores of the same sentences."""
        return [mix_streams(each, self.weights) for each in zip(*scores, strict=True)]

    def _combine(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        return mix_streams(rows, self.weights)


class _MixtureSession(Session):
    """The sessions of the parts, side by side."""

    def __init__(self, model: Mixture):
        super().__init__(model)
        self._mixture = model
        self._parts = [part.session() for part in model.models]
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Session:
        with contextlib.ExitStack() as opening:  # those that were entered end where one fails
            for part in self._parts:
                opening.enter_context(part)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def score(self, candidates: Sequence[str | Sequence[str]]) -> list[np.ndarray]:
        candidates = list(check_sentences("candidates", candidates))
        return self._mixture._mix([part.score(candidates) for part in self._parts])

    def accept(self, sentence: str | Sequence[str]) -> None:
        for part in self._parts:
            part.accept(sentence)
