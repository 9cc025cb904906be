"""Dynamic evaluation: a neural model goes on learning from the text that it is tested on."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import numbers
from collections.abc import Iterable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasrnn.language_modeling.neural import NeuralModel
from kerasrnn.language_modeling.next_token_model import NextTokenModel, encode
from kerasrnn.language_modeling.segment_reader import open_log_probs, read_ids

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
        global_clipnorm: The greatest norm of the gradient of all weights together, or `None`.

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
        self.learning_rate = _number("learning_rate", learning_rate)
        if isinstance(length, bool) or not isinstance(length, numbers.Integral) or length < 1:
            raise ValueError(
                f"Expected `length` to be an integer of at least 1. Received: {length!r}"
            )
        self.length = int(length)
        self.global_clipnorm = None
        if global_clipnorm is not None:
            self.global_clipnorm = _number("global_clipnorm", global_clipnorm, above=True)
        self.neural, self.vocabulary = neural, neural.vocabulary
        self.adapted = NeuralModel(_copy(neural.model), neural.vocabulary, neural.context)
        self._reader = self.adapted.reader
        self._variables = [weight.value for weight in self.adapted.model.trainable_variables]
        self.reset()
        reader = self._reader
        specs = reader.ids_spec, reader.ids_spec, reader.states_spec, tf.TensorSpec((), tf.float32)
        self._step = tf.function(self._score_and_learn, input_signature=specs)

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores the tokens of sentences, and learns, from the given model's weights.

        What `adapt` learned is put aside and comes back. See `NextTokenModel.token_log_probs`.
        """
        with self._apart(self._origin()):
            return self.adapt(sentences)

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        """Gives the distribution of the next token, see `NextTokenModel.next_log_probs`."""
        (row,) = encode([context], self.vocabulary)
        with self._apart(self._origin()):
            self.adapt(before)
            # Only a whole segment of the context is learned from before the next token.
            known = (len(row) - 1) // self.length * self.length
            states = self._learn(row[:known], self._states)[1] if known else self._states
            (log_probs,), *_ = self._reader.follow(read_ids(row)[known:], states, slice(-1, None))
        return log_probs

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        """Gives the distribution at each token, see `NextTokenModel.distributions`."""
        reached = self._origin()
        for sentence in sentences:
            (row,) = encode([sentence], self.vocabulary)
            tokens, rows = read_ids(row), []
            with self._apart(reached):
                states = self._states
                for segment in self._segments(row):
                    rows.append(self._reader.follow(tokens[segment], states, slice(None))[0])
                    _, states = self._learn_segment(tokens[segment], row[segment], states)
                self._go_on(states)
                reached = self._now()
            yield np.concatenate(rows)

    def adapt(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores sentences and learns from them, from where it is, and stays there.

        Args:
            sentences: Sentences in their order.

        Returns:
            What `token_log_probs` gives. An exception on the way leaves what was learned so far;
            `reset` takes it back.
        """
        log_probs = []
        for sentence in sentences:
            (row,) = encode([sentence], self.vocabulary)
            scores, states = self._learn(row, self._states)
            self._go_on(states)
            log_probs.append(scores)
        return log_probs

    def score(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores sentences that might come next, each from where the model is, and learns nothing.

        For dynamic rescoring: the hypotheses for one utterance are scored, and `adapt` goes on
        with the one that was chosen. Weights stand still within a hypothesis.

        Returns:
            What `token_log_probs` gives.
        """
        rows = encode(sentences, self.vocabulary)
        return [reading.log_probs for reading in self._reader.sentences(rows, first=self._states)]

    def reset(self) -> None:
        """Goes back to the weights that the given model has now, with nothing before."""
        self._put(self._origin())
        for mine, given in zip(
            self.adapted.model.non_trainable_variables,
            self.neural.model.non_trainable_variables,
            strict=True,
        ):
            mine.assign(given)

    def compare(self, sentences: Iterable[str | Sequence[str]]) -> DynamicEvaluation:
        """Scores sentences with the given model as it is, and dynamically.

        Args:
            sentences: Sentences in their order.

        Returns:
            A `DynamicEvaluation`, both side by side.
        """
        sentences = list(sentences)
        static = self.neural.token_log_probs(sentences)
        return DynamicEvaluation(static, self.token_log_probs(sentences))

    def _learn(self, row: np.ndarray, states: dict) -> tuple[np.ndarray, dict]:
        tokens, scores = read_ids(row), []
        for segment in self._segments(row):
            log_probs, states = self._learn_segment(tokens[segment], row[segment], states)
            scores.append(log_probs)
        return np.concatenate(scores), states

    def _learn_segment(self, tokens, labels, states: dict) -> tuple[np.ndarray, dict]:
        tokens, labels = tokens[np.newaxis], labels[np.newaxis].astype("int32")
        log_probs, states = self._step(tokens, labels, states, self.learning_rate)
        return log_probs.numpy()[0], states

    def _segments(self, row: np.ndarray) -> list[slice]:
        return [slice(start, start + self.length) for start in range(0, len(row), self.length)]

    def _score_and_learn(self, tokens, labels, states, learning_rate):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._variables)
            logits, _, states = self._reader.read(tokens, states)
            log_probs = open_log_probs(logits, labels)
            loss = -tf.reduce_sum(log_probs)
        gradients = [_unique(gradient) for gradient in tape.gradient(loss, self._variables)]
        if self.global_clipnorm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self.global_clipnorm)
        for variable, gradient in zip(self._variables, gradients, strict=True):
            if isinstance(gradient, tf.IndexedSlices):  # the vectors of the tokens read, no others
                change = learning_rate * tf.cast(gradient.values, tf.float32)
                change = tf.cast(change, variable.dtype)
                variable.scatter_sub(tf.IndexedSlices(change, gradient.indices))
            elif gradient is not None:
                change = learning_rate * tf.cast(gradient, tf.float32)
                variable.assign_sub(tf.cast(change, variable.dtype))
        return log_probs, states

    def _go_on(self, states: dict) -> None:
        self._states = states if self.neural.carries_state else self._reader.states(1)

    def _origin(self) -> tuple[list, dict]:
        given = self.neural.model.trainable_variables
        return [weight.value for weight in given], self._reader.states(1)

    def _now(self) -> tuple[list, dict]:
        return [tf.identity(variable) for variable in self._variables], self._states

    def _put(self, where: tuple[list, dict]) -> None:
        weights, self._states = where
        for variable, weight in zip(self._variables, weights, strict=True):
            variable.assign(weight)

    @contextlib.contextmanager
    def _apart(self, where: tuple[list, dict]):
        """Goes somewhere else, and comes back whatever happens there."""
        here = self._now()
        self._put(where)
        try:
            yield
        finally:
            self._put(here)


@dataclasses.dataclass(frozen=True)
class DynamicEvaluation:
    """Static and dynamic scores of the same sentences, side by side.

    Attributes:
        static: What `token_log_probs` of the model as it is gave.
        dynamic: What that of the `DynamicModel` gave.
    """

    static: list[np.ndarray]
    dynamic: list[np.ndarray]

    @property
    def tokens(self) -> int:
        """Number of tokens, end tokens included."""
        return sum(map(len, self.static))

    @property
    def static_perplexity(self) -> float:
        """Perplexity of the model as it is."""
        return _perplexity(self.static)

    @property
    def dynamic_perplexity(self) -> float:
        """Perplexity of the model that goes on learning."""
        return _perplexity(self.dynamic)


def _perplexity(log_probs: list[np.ndarray]) -> float:
    if not log_probs:
        return math.nan
    return float(np.exp(-np.concatenate(log_probs).mean()))


def _copy(model: keras.Model) -> keras.Model:
    """Makes a model of the same layers with weights of its own."""
    # A new model is cloned instead of the given one, whose optimizer would be cloned with it.
    copy = keras.models.clone_model(keras.Model(model.input, model.output))
    copy.set_weights(model.get_weights())
    for mine, given in zip(copy.weights, model.weights, strict=True):
        mine.trainable = given.trainable
    return copy


def _unique(gradient):
    """Adds up the rows of a sparse gradient that have the same index."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    indices, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(indices))
    return tf.IndexedSlices(values, indices, gradient.dense_shape)


def _number(name: str, value: float, *, above: bool = False) -> float:
    number = isinstance(value, numbers.Real) and math.isfinite(value)
    if not number or value < 0 or (above and value == 0):
        bound = "above 0" if above else "of at least 0"
        raise ValueError(f"Expected `{name}` to be a finite number {bound}. Received: {value!r}")
    return float(value)
