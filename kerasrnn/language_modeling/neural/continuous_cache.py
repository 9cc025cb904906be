"""The continuous cache: words that followed hidden states like the present one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, check_integer, check_number, check_sentences
from kerasrnn.language_modeling.neural.hidden_cache import HiddenCache
from kerasrnn.language_modeling.neural.neural_model import NeuralModel
from kerasrnn.language_modeling.neural.segment_reader import Reading, read_ids
from kerasrnn.language_modeling.next_token_model import NextTokenModel, Session, encode

__all__ = ["ContinuousCacheModel"]

# Tokens whose hidden states are in memory at once.
READ_AT_ONCE = 4096


class ContinuousCacheModel(NextTokenModel):
    r"""A neural model mixed with a cache over its own hidden states.

    Grave et al. (2017, "Improving neural language models with a continuous cache"), section 3:
    $p(w) = (1 - \lambda) \, p_{model}(w) + \lambda \, p_{cache}(w)$ with
    $p_{cache}(w) \propto \sum_i \exp(\theta \, h_t \cdot h_i) \, [x_{i+1} = w]$ over the last N
    positions i before t, where $h_i$ is what the output layer read and $x_{i+1}$ the token that
    came. The cache goes on from sentence to sentence whatever the context of the model is; the
    end token is in it as all others are. Before the first token, when it is empty, the model
    speaks alone. Nothing is learned: the weights stand still.

    Args:
        neural: A `NeuralModel`.
        weight: λ, from 0 to below 1.
        flatness: θ, 0 or more; with 0 the cache counts the tokens of the window.
        window: N, at least 1.

    Raises:
        ValueError: For a number out of its range.

    Example:

    >>> vocabulary = Vocabulary(["a", "cat", "sat"])
    >>> model = kerasrnn.language_model(len(vocabulary), cell="elman", units=5)
    >>> cached = ContinuousCacheModel(NeuralModel(model, vocabulary), weight=0.2, window=100)
    >>> first, second = (float(each.sum()) for each in cached.token_log_probs(["a cat"] * 2))
    >>> second > first
    True
    """

    carries_state = True

    def __init__(
        self, neural: NeuralModel, weight: float = 0.1, flatness: float = 0.3, window: int = 500
    ):
        self.neural, self.vocabulary = neural, neural.vocabulary
        self.weight, self.flatness = (
            check_number("weight", weight, below=1),
            check_number("flatness", flatness),
        )
        self.window = check_integer("window", window)

    @classmethod
    def tune(
        cls,
        neural: NeuralModel,
        sentences: Iterable[str | Sequence[str]],
        weights: Sequence[float] = (0.05, 0.1, 0.2, 0.3),
        flatnesses: Sequence[float] = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0),
        window: int = 500,
    ) -> tuple[ContinuousCacheModel, dict[tuple[float, float], float]]:
        """Tries all pairs of numbers on validation text, which the model reads once.

        All its hidden states are held in memory, four bytes a token and unit.

        Args:
            neural: A `NeuralModel`.
            sentences: Sentences in their order, which are no part of the test text.
            weights: Values of λ.
            flatnesses: Values of θ.
            window: N, at least 1.

        Returns:
            The model with the best pair, and the perplexity of each pair `(λ, θ)`.

        Raises:
            ValueError: Where there is nothing to try or to read.
        """
        rows = encode(sentences, neural.vocabulary)
        pairs = [
            (check_number("weight", weight, below=1), check_number("flatness", theta))
            for theta in flatnesses
            for weight in weights
        ]
        if not rows or not pairs:
            raise UserError(
                "Expected at least one sentence, one of `weights` and one of `flatnesses`. "
                f"Received: {len(rows)}, {len(weights)} and {len(flatnesses)}"
            )
        readings, _ = _read(neural, rows, neural.reader.states(1))
        labels = np.concatenate(rows)
        log_probs = np.concatenate([reading.log_probs for reading in readings])
        hidden = _hidden(readings)
        perplexities, shares = {}, {}
        for weight, theta in pairs:
            if theta not in shares:
                past = HiddenCache(hidden[:0], labels[:0])
                shares[theta] = past.shares_of(hidden, labels, theta, window)
            mixed = _mix(log_probs, shares[theta], weight)
            perplexities[weight, theta] = float(np.exp(-mixed.mean()))
        best = min(pairs, key=perplexities.__getitem__)
        return cls(neural, *best, window), perplexities

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores the tokens of sentences, see `NextTokenModel.token_log_probs`."""
        rows = encode(sentences, self.vocabulary)
        return self._score(rows)[0]

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        """Gives the distribution of the next token, see `NextTokenModel.next_log_probs`."""
        _, past, states = self._score(encode(before, self.vocabulary))
        (row,) = encode([context], self.vocabulary)
        return self._rows(row, past, states)[0][-1]

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        """Gives the distribution at each token, see `NextTokenModel.distributions`."""
        past, states = self._nothing(), self.neural.reader.states(1)
        for sentence in check_sentences("sentences", sentences):
            (row,) = encode([sentence], self.vocabulary)
            log_probs, past, states = self._rows(row, past, states)
            yield log_probs

    def session(self) -> Session:
        """Begins a text whose sentences are chosen, see `NextTokenModel.session`."""
        return _ContinuousCacheSession(self)

    def _score(self, rows: list[np.ndarray], past: HiddenCache | None = None, states=None):
        """Gives the scores of rows, and what is known behind them."""
        past = self._nothing() if past is None else past
        states = self.neural.reader.states(1) if states is None else states
        scores = []
        for group in _groups(rows):
            readings, states = _read(self.neural, group, states)
            labels = np.concatenate(group)
            hidden = _hidden(readings)
            log_probs = np.concatenate([reading.log_probs for reading in readings])
            shares = past.shares_of(hidden, labels, self.flatness, self.window)
            mixed = _mix(log_probs, shares, self.weight)
            scores += np.split(mixed, np.cumsum([len(row) for row in group])[:-1])
            past = past.followed_by(hidden, labels, self.window)
        return scores, past, states

    def _rows(self, row: np.ndarray, past: HiddenCache, states: dict[str, Any]):
        """Gives `(n, V)` log-probabilities along a row, and what is known behind it."""
        reader = self.neural.reader
        log_probs, hidden, after = reader.follow(read_ids(row), states, slice(None))
        shares = past.distributions(hidden, row, self.flatness, self.window, len(self.vocabulary))
        past = past.followed_by(hidden, row, self.window)
        after = after if self.neural.carries_state else states
        return _mix(log_probs, shares, self.weight), past, after

    def _nothing(self) -> HiddenCache:
        units = self.neural.reader.segment.output["hidden"].shape[-1]
        return HiddenCache(np.zeros((0, units), "float32"), np.zeros(0, "int64"))


class _ContinuousCacheSession(Session):
    """The cache and the states behind what was accepted."""

    def __init__(self, model: ContinuousCacheModel):
        super().__init__(model)
        self._cached = model
        self._past, self._states = model._nothing(), model.neural.reader.states(1)

    def score(self, candidates: Sequence[str | Sequence[str]]) -> list[np.ndarray]:
        rows = encode(candidates, self._cached.vocabulary)
        return [self._cached._score([row], self._past, self._states)[0][0] for row in rows]

    def accept(self, sentence: str | Sequence[str]) -> None:
        rows = encode([sentence], self._cached.vocabulary)
        _, self._past, self._states = self._cached._score(rows, self._past, self._states)


def _hidden(readings: Sequence[Reading]) -> np.ndarray:
    """Joins what the tokens were predicted from, `(N, U)`."""
    return np.concatenate([each.hidden for each in readings if each.hidden is not None])


def _mix(log_probs: np.ndarray, shares: np.ndarray, weight: float) -> np.ndarray:
    """Adds the cache's share to log-probabilities, both of the same shape."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = np.logaddexp(np.log1p(-weight) + log_probs, np.log(weight) + np.log(shares))
    return np.where(np.isnan(shares), log_probs, mixed)


def _read(neural: NeuralModel, rows: list[np.ndarray], states: dict[str, Any]):
    """Reads rows in their order; returns their readings, and the states behind them."""
    if neural.carries_state:
        return neural.reader.stream(rows, states, return_hidden=True)
    return neural.reader.sentences(rows, return_hidden=True), states


def _groups(rows: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Cuts rows into groups that follow each other, of about `READ_AT_ONCE` tokens."""
    group: list[np.ndarray] = []
    for row in rows:
        if group and sum(map(len, group)) + len(row) > READ_AT_ONCE:
            yield group
            group = []
        group.append(row)
    if group:
        yield group
