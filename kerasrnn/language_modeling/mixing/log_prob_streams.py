"""Streams of token log-probabilities: stored once a model, then mixed and weighted at will."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, check_sentences
from kerasrnn.language_modeling.next_token_model import NextTokenModel

__all__ = ["checked_weights", "em_weights", "mix_streams", "token_stream", "tune_weights"]


def token_stream(model: NextTokenModel, sentences: Iterable[str | Sequence[str]]) -> np.ndarray:
    """Scores a text and strings the scores of its sentences together.

    Args:
        model: Any model of the contract.
        sentences: Sentences, in their order.

    Returns:
        `(N,)` float64, natural logarithms, one for each token of the text, the end token of each
        sentence included.
    """
    return np.concatenate([np.empty(0), *model.token_log_probs(sentences)])


def mix_streams(streams: Sequence[np.ndarray], weights: Sequence[float] | np.ndarray) -> np.ndarray:
    r"""Mixes the probabilities that k models give the same tokens.

    $\log \sum_k \lambda_k P_k(w)$ for each token. A model of weight 0 has no say, also where it
    calls a token impossible.

    Args:
        streams: k arrays of the same shape: natural log-probabilities.
        weights: k weights, not negative, of sum 1.

    Returns:
        float64 of that shape, natural logarithms.

    Raises:
        ValueError: For streams of different shapes, or weights that are no k such numbers.

    Example:

    >>> mix_streams([np.log([0.5, 0.25]), np.log([0.1, 0.75])], [0.5, 0.5])
    array([-1.2039728 , -0.69314718])
    """
    streams = _checked_streams(streams)
    shares = checked_weights(weights, len(streams))
    parts = [stream for stream, share in zip(streams, shares, strict=True) if share]
    if len(parts) == 1:
        return parts[0].copy()
    # The greatest is taken out, so that neither tiny probabilities nor those of 0 do harm.
    top = np.maximum.reduce(parts)
    top = np.where(np.isneginf(top), 0.0, top)
    total = sum(
        share * np.exp(part - top) for part, share in zip(parts, shares[shares > 0], strict=True)
    )
    with np.errstate(divide="ignore"):
        return top + np.log(total)


def em_weights(
    streams: Sequence[np.ndarray],
    start: Sequence[float] | None = None,
    tolerance: float = 1e-9,
    max_steps: int = 1000,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Finds the weights under which the mixture makes held-out text most probable.

    Expectation-maximisation for the weights of a linear mixture (Jelinek and Mercer 1980): a
    model's new weight is its mean share in the probability of the tokens. The likelihood has one
    maximum and no step lowers it, nor does it depend on the start which one is found.

    Args:
        streams: k arrays `(N,)`, the natural log-probabilities of the held-out text's tokens.
        start: k weights to begin with; equal ones by default. A weight of 0 stays 0.
        tolerance: The gain per token, in nats, below which the search ends.
        max_steps: Maximum number of steps.

    Returns:
        The weights, `(k,)` float64 of sum 1, and the trace: the mean log-likelihood of a token
        under the start and after each step, `(steps + 1,)` float64, which never falls. Tokens
        that all models call impossible say nothing about weights, and are left out.

    Raises:
        ValueError: For streams of different lengths, a wrong start, or a text of no token that
            any of the models calls possible.

    Example:

    >>> weights, trace = em_weights([np.log([0.5, 0.1, 0.4]), np.log([0.1, 0.3, 0.2])])
    >>> weights.round(3), bool((np.diff(trace) >= 0).all())
    (array([0.824, 0.176]), True)
    """
    scores = np.stack([stream.ravel() for stream in _checked_streams(streams)])
    number = len(scores)
    weights = checked_weights([1 / number] * number if start is None else start, number)
    top = scores[weights > 0].max(axis=0)
    possible = ~np.isneginf(top)
    if not possible.any():
        raise UserError(
            f"Expected held-out text with a token that a model of positive weight calls possible. "
            f"Received: {len(top)} tokens without one"
        )
    top = top[possible]
    probs = np.exp(scores[:, possible] - top)
    trace = [_mean_log(weights, probs, top)]
    for _ in range(max_steps):
        step = weights * (probs / (weights @ probs)).mean(axis=1)
        step /= step.sum()
        reached = _mean_log(step, probs, top)
        if reached < trace[-1]:
            break  # the gain is below what rounding takes
        weights, gain = step, reached - trace[-1]
        trace.append(reached)
        if gain < tolerance:
            break
    return weights, np.array(trace)


def tune_weights(
    models: Sequence[NextTokenModel], sentences: Iterable[str | Sequence[str]], **options: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Scores held-out text with each model, once, and finds the weights of their mixture.

    Args:
        models: k models of the contract.
        sentences: Held-out text: neither what the models were trained on, nor the test text.
        **options: Those of `em_weights`.

    Returns:
        The weights and the trace of `em_weights`.
    """
    sentences = list(check_sentences("sentences", sentences))
    return em_weights([token_stream(model, sentences) for model in models], **options)


def checked_weights(weights: Sequence[float] | np.ndarray, number: int) -> np.ndarray:
    """Returns weights as `(number,)` float64 if they are not negative and of sum 1."""
    checked = np.asarray(weights, "float64")
    if checked.shape != (number,):
        raise UserError(f"Expected {number} weights, one for each model. Received: {weights}")
    if not (checked >= 0).all() or abs(checked.sum() - 1) > 1e-6:
        raise UserError(f"Expected weights of 0 or more, of sum 1. Received: {weights}")
    return checked / checked.sum()


def _mean_log(weights: np.ndarray, probs: np.ndarray, top: np.ndarray) -> float:
    return float((np.log(weights @ probs) + top).mean())


def _checked_streams(streams: Sequence[np.ndarray]) -> list[np.ndarray]:
    streams = [np.asarray(stream, "float64") for stream in streams]
    if not streams:
        raise UserError("Expected streams of at least one model. Received: none")
    if len({stream.shape for stream in streams}) > 1:
        raise UserError(
            "Expected streams of the same tokens. Received shapes: "
            + ", ".join(str(stream.shape) for stream in streams)
        )
    if any(np.isnan(stream).any() for stream in streams):
        raise UserError("Expected log-probabilities. Received: nan")
    return streams
