"""Dynamic evaluation: a neural model continues to learn from the text that it is tested on."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import check_integer, check_number, check_sentences
from kerasrnn.language_modeling.neural.neural_model import NeuralModel
from kerasrnn.language_modeling.neural.online_learner import OnlineLearner, Place, copy_of
from kerasrnn.language_modeling.neural.segment_reader import read_ids
from kerasrnn.language_modeling.next_token_model import NextTokenModel, Session, encode
from kerasrnn.language_modeling.text_reports import TextReport, stream_report, text_report

__all__ = ["DynamicEvaluation", "DynamicModel"]


class DynamicModel(NextTokenModel):
    r"""A neural model that makes a step of gradient descent after each segment that it scored.

    Mikolov et al. (2010), section 2, "dynamic model": plain SGD at a fixed rate, no epochs, and a
    token is learned from after it is scored, never before. A segment is up to `length` tokens of
    one sentence; after it $\theta \leftarrow \theta - \eta \, \partial L / \partial \theta$ with
    $L$ minus the *sum* of the natural log-probabilities of its tokens, so that the rate is that of
    a single token, as in the paper, whatever the length. The gradient runs back to the segment's
    beginning. What the last segment of a sentence lacks in length is not taken from the next one.

    It learns on a copy: the weights of the given model are never written to.

    Args:
        neural: A `NeuralModel`; its context says whether the states too go from sentence to
            sentence. The weights do in either case.
        learning_rate: η.
        length: Tokens of a segment; 1 learns after each token, as the paper does.
        global_clipnorm: Maximum norm of the gradient of all weights together, or `None`.

    Attributes:
        adapted: A `NeuralModel` of the copy: what it says now, static, with nothing before.

    Raises:
        ValueError: For a rate below 0, a length below 1, or a norm that is not above 0.

    Example:

    >>> vocabulary = Vocabulary(["a", "cat", "sat"])
    >>> model = kerasrnn.language_model(len(vocabulary), cell="elman", units=5)
    >>> dynamic = DynamicModel(NeuralModel(model, vocabulary), learning_rate=0.5, length=1)
    >>> first, second = (float(each.sum()) for each in dynamic.token_log_probs(["a cat"] * 2))
    >>> second > first
    True
    """

    carries_state = True

    def __init__(
        self,
        neural: NeuralModel,
        learning_rate: float = 0.1,
        length: int = 20,
        global_clipnorm: float | None = None,
    ):
        self.learning_rate = check_number("learning_rate", learning_rate)
        self.length = check_integer("length", length)
        if global_clipnorm is not None:
            global_clipnorm = check_number("global_clipnorm", global_clipnorm, above=True)
        self.neural, self.vocabulary = neural, neural.vocabulary
        self.adapted = NeuralModel(copy_of(neural.model), neural.vocabulary, neural.context)
        self._reader = self.adapted.reader
        self._learner = OnlineLearner(self._reader, global_clipnorm)
        self.reset()

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores the tokens of sentences, and learns, from the given model's weights.

        What `adapt` learned is put aside and comes back. See `NextTokenModel.token_log_probs`.
        """
        with self._at(self._origin()):
            return self.adapt(sentences)

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        """Gives the distribution of the next token, see `NextTokenModel.next_log_probs`."""
        (row,) = encode([context], self.vocabulary)
        tokens = read_ids(row)
        with self._at(self._origin()):
            self.adapt(before)
            states = self._states
            *whole, last = self._segments(len(row))
            for segment in whole:  # of the last one the next token is part
                _, states = self._learn(tokens[segment], row[segment], states)
            (log_probs,), *_ = self._reader.follow(tokens[last], states, slice(-1, None))
        return log_probs

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        """Gives the distribution at each token, see `NextTokenModel.distributions`."""
        reached = self._origin()
        for sentence in check_sentences("sentences", sentences):
            (row,) = encode([sentence], self.vocabulary)
            tokens, rows = read_ids(row), []
            with self._at(reached):
                states = self._states
                for segment in self._segments(len(row)):
                    rows.append(self._reader.follow(tokens[segment], states, slice(None))[0])
                    _, states = self._learn(tokens[segment], row[segment], states)
                self._go_on(states)
                reached = self._here()
            yield np.concatenate(rows)

    def session(self) -> Session:
        """Begins a text whose sentences are chosen, see `NextTokenModel.session`.

        It knows nothing of what `adapt` learned, nor does that know of it.
        """
        return _DynamicSession(self)

    def adapt(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores sentences and learns from them, from where it is, and stays there.

        So a model is adapted to a text of another kind, which may be told in parts.

        Args:
            sentences: Sentences in their order.

        Returns:
            What `token_log_probs` gives. An exception on the way leaves what was learned so far;
            `reset` takes it back.
        """
        log_probs = []
        for sentence in check_sentences("sentences", sentences):
            (row,) = encode([sentence], self.vocabulary)
            tokens, states, scores = read_ids(row), self._states, []
            for segment in self._segments(len(row)):
                score, states = self._learn(tokens[segment], row[segment], states)
                scores.append(score)
            self._go_on(states)
            log_probs.append(np.concatenate(scores))
        return log_probs

    def score(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores sentences that might come next, each from where the model is; it stays there.

        Those of one segment, up to `length` tokens with the end token, are scored together; in a
        longer one the weights change, so that each takes its own time.

        Returns:
            For each what `adapt` would give.
        """
        rows = encode(sentences, self.vocabulary)
        short = [i for i, row in enumerate(rows) if len(row) <= self.length]
        readings = self._reader.sentences([rows[i] for i in short], first=self._states)
        scores = {i: each.log_probs for i, each in zip(short, readings, strict=True)}
        for i in set(range(len(rows))) - set(short):
            scores[i] = self._score_long(rows[i])
        return [scores[i] for i in range(len(rows))]

    def reset(self) -> None:
        """Goes back to the weights that the given model has now, with nothing before."""
        self.adapted.model.set_weights(self.neural.model.get_weights())
        self._states = self._reader.states(1)

    def compare(self, sentences: Iterable[str | Sequence[str]]) -> DynamicEvaluation:
        """Scores sentences with the given model as it is, and dynamically.

        Args:
            sentences: Sentences in their order.

        Returns:
            A `DynamicEvaluation`, both side by side.

        Raises:
            ValueError: For a text that `text_report` refuses.
        """
        sentences = list(check_sentences("sentences", sentences))
        static = text_report(self.neural, sentences)
        stream = np.concatenate(self.token_log_probs(sentences))
        return DynamicEvaluation(static, stream_report(stream, sentences, self.vocabulary))

    def _score_long(self, row: np.ndarray) -> np.ndarray:
        tokens, states, scores = read_ids(row), self._states, []
        *whole, last = self._segments(len(row))
        with self._at(self._here()):
            for segment in whole:
                score, states = self._learn(tokens[segment], row[segment], states)
                scores.append(score)
            labels = row[np.newaxis, last].astype("int32")
            score, *_ = self._reader.score(tokens[np.newaxis, last], labels, states)
        return np.concatenate([*scores, score.numpy()[0]])

    def _learn(self, tokens, labels, states: dict[str, Any]) -> tuple[np.ndarray, dict]:
        return self._learner.learn(tokens, labels, states, self.learning_rate)

    def _segments(self, tokens: int) -> list[slice]:
        return [slice(i, min(i + self.length, tokens)) for i in range(0, tokens, self.length)]

    def _go_on(self, states: dict[str, Any]) -> None:
        self._states = states if self.neural.carries_state else self._reader.states(1)

    def _origin(self) -> Place:
        given = self.neural.model.trainable_variables
        return Place([weight.value for weight in given], self._reader.states(1))

    def _here(self) -> Place:
        return Place(self._learner.weights(), self._states)

    @contextlib.contextmanager
    def _at(self, place: Place):
        """Goes somewhere else, and comes back whatever happens there."""
        here = self._here()
        self._learner.put(place.weights)
        self._states = place.states
        try:
            yield
        finally:
            self._learner.put(here.weights)
            self._states = here.states


class _DynamicSession(Session):
    """The weights and states behind what was accepted; the model itself stays where it is."""

    def __init__(self, model: DynamicModel):
        super().__init__(model)
        self._dynamic = model
        self._reached = model._origin()

    def score(self, candidates: Sequence[str | Sequence[str]]) -> list[np.ndarray]:
        with self._dynamic._at(self._reached):
            return self._dynamic.score(candidates)

    def accept(self, sentence: str | Sequence[str]) -> None:
        with self._dynamic._at(self._reached):
            self._dynamic.adapt([sentence])
            self._reached = self._dynamic._here()


@dataclasses.dataclass(frozen=True)
class DynamicEvaluation:
    """A model as it is and dynamically evaluated, side by side.

    Attributes:
        static: The `TextReport` of the model as it is.
        dynamic: That of the model that goes on learning.
    """

    static: TextReport
    dynamic: TextReport

    def __str__(self) -> str:
        return f"static: {self.static}\ndynamic: {self.dynamic}"
