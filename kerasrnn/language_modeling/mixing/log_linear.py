"""Log-linear mixtures of language models: weighted products of their distributions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.language_modeling.mixing.combined import CombinedModel
from kerasrnn.language_modeling.next_token_model import NEVER, NextTokenModel, encode, token_lists

__all__ = ["LogLinearMixture", "log_linear_weights"]


class LogLinearMixture(CombinedModel):
    r"""The normalised product of the distributions of several models, each to a power.

    $P(w \mid h) = \prod_k P_k(w \mid h)^{\lambda_k} / Z(h)$ (Klakow 1998, "Log-linear
    interpolation of language models"). The normaliser Z is a sum over all tokens, so that full
    distributions are computed for each token: V times the work of a linear mixture.

    A token that a model of another weight than 0 calls impossible is impossible.

    Args:
        models: k models of the contract, over the same tokens; their ids may be in any order,
            and those of the first are the mixture's.
        weights: k finite numbers; they need no sum of 1. `log_linear_weights` finds the best.

    Raises:
        ValueError: For other weights, for models over different tokens, and, while scoring, where
            no token is possible for all models.

    Example:

    >>> from kerasrnn.language_modeling import UniformModel
    >>> from kerasrnn.vocabulary import Vocabulary
    >>> uniform = UniformModel(Vocabulary(["the", "cat"]))
    >>> np.exp(LogLinearMixture([uniform, uniform], [0.7, 0.9]).next_log_probs()).round(3)
    array([0.  , 0.25, 0.  , 0.25, 0.25, 0.25])
    """

    def __init__(self, models: Sequence[NextTokenModel], weights: Sequence[float]):
        super().__init__(models)
        self.weights = np.asarray(weights, "float64")
        if self.weights.shape != (len(self.models),) or not np.isfinite(self.weights).all():
            raise UserError(
                f"Expected {len(self.models)} finite weights, one for each model. "
                f"Received: {weights}"
            )

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        sentences = list(token_lists(sentences))
        pairs = zip(encode(sentences, self.vocabulary), self.distributions(sentences), strict=True)
        return [rows[np.arange(len(ids)), ids] for ids, rows in pairs]

    def _combine(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        total = np.zeros_like(rows[0])
        for weight, row in zip(self.weights, rows, strict=True):
            if weight:
                with np.errstate(invalid="ignore"):
                    total = np.where(np.isneginf(row), -np.inf, total + weight * row)
        total[..., list(NEVER)] = -np.inf
        top = total.max(axis=-1, keepdims=True)
        if np.isneginf(top).any():
            raise UserError(
                "Expected in each context a token that all models of the mixture call possible. "
                "Received: one without"
            )
        total -= top
        return total - np.log(np.exp(total).sum(axis=-1, keepdims=True))


def log_linear_weights(
    models: Sequence[NextTokenModel],
    sentences: Iterable[str | Sequence[str]],
    start: Sequence[float] | None = None,
    tolerance: float = 1e-6,
    max_steps: int = 20,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Finds the weights under which the log-linear mixture makes held-out text most probable.

    The log-likelihood is concave in the weights. Its gradient is what the models say of the
    tokens less what they are expected to say, its Hessian the negative covariance of what they
    say, so that Newton's steps, halved until they raise it, reach the maximum in a few passes.
    Each pass computes all distributions again, since storing N V numbers a model would not do.

    Args:
        models: k models of the contract, over the same tokens.
        sentences: Held-out text; some thousand tokens are enough for a few weights.
        start: k weights to begin with; 1/k each by default.
        tolerance: The gain per token, in nats, below which the search ends.
        max_steps: Maximum number of passes over the text.

    Returns:
        The weights, `(k,)` float64, and the trace: the mean log-likelihood of a token at the
        start and after each step, `(steps + 1,)` float64, which never falls.

    Raises:
        ValueError: As `LogLinearMixture`, and for a text without tokens, or with one that a model
            calls impossible.
    """
    sentences = list(token_lists(sentences))
    if not sentences:
        raise UserError("Expected held-out text of at least one sentence. Received: none")
    start = [1 / len(models)] * len(models) if start is None else start
    mixture = LogLinearMixture(models, start)
    weights, (value, gradient, hessian) = mixture.weights, _moments(mixture, sentences)
    trace, passes, scale = [value], 1, 1.0
    # Models that always agree leave the Hessian singular: the least of the best steps is taken.
    step = np.linalg.lstsq(hessian, gradient, rcond=1e-10)[0]
    while passes < max_steps and scale * (gradient @ step) > tolerance:
        found = _moments(LogLinearMixture(models, weights + scale * step), sentences)
        passes += 1
        if found[0] < value:
            scale /= 2
            continue
        weights, scale = weights + scale * step, 1.0
        value, gradient, hessian = found
        trace.append(value)
        step = np.linalg.lstsq(hessian, gradient, rcond=1e-10)[0]
    return weights, np.array(trace)


def _moments(mixture: LogLinearMixture, sentences: Sequence[Any]) -> tuple:
    """Returns the mean log-likelihood of a token, its gradient and its negative Hessian."""
    number, value = 0, 0.0
    gradient = np.zeros(len(mixture.models))
    hessian = np.zeros((len(gradient), len(gradient)))
    for ids, rows in zip(
        encode(sentences, mixture.vocabulary), mixture._parts(sentences), strict=True
    ):
        places = np.arange(len(ids))
        log_probs = mixture._combine(rows)
        said = np.stack(rows)  # (k, n + 1, V)
        if np.isneginf(said[:, places, ids]).any():
            raise UserError(
                "Expected held-out text whose tokens all models call possible. Received: a "
                "sentence with another"
            )
        probs = np.exp(log_probs)
        said = np.where(np.isneginf(said), 0.0, said)  # what is impossible has no share
        expected = (probs * said).sum(axis=-1)
        apart = said - expected[..., None]
        number += len(ids)
        value += log_probs[places, ids].sum()
        gradient += (said[:, places, ids] - expected).sum(axis=1)
        hessian += np.einsum("nv,jnv,knv->jk", probs, apart, apart, optimize=True)
    return value / number, gradient / number, hessian / number
