"""Neural language models under the contract of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import keras
import numpy as np

from kerasrnn.checks import UserError, check_sentences
from kerasrnn.language_modeling.neural.segment_reader import SegmentReader, read_ids
from kerasrnn.language_modeling.next_token_model import NextTokenModel, Session, encode
from kerasrnn.options.words import Context, words
from kerasrnn.vocabulary import Vocabulary

__all__ = ["CONTEXTS", "NeuralModel", "check_context"]

CONTEXTS = words(Context)


class NeuralModel(NextTokenModel):
    """Gives the probabilities of a Keras model that predicts the next token.

    Where a sentence begins the model reads the begin id, and it predicts the end id behind the
    last token, as `datasets.stream_batches` and `datasets.text_examples` train it.

    Args:
        model: What `language_model` or `fixed_window_language_model` returned, of any cell and
            output; its weights are looked at in each call, so that training goes on to count.
        vocabulary: The `Vocabulary` it was built for.
        context: What the model knows where a sentence begins: `"sentence"`, nothing; `"stream"`,
            the sentences before, as it was trained with `datasets.stream_batches`.

    Attributes:
        reader: The `SegmentReader`, for who has ids.

    Raises:
        ValueError: For a model that sees more of a text than what is before each token, a
            vocabulary that is not the one it was built for, an unknown context, or another
            backend of Keras than TensorFlow.

    Example:

    >>> vocabulary = Vocabulary(["a", "cat", "sat"])
    >>> model = kerasrnn.language_model(len(vocabulary), cell="elman", units=5)
    >>> neural = NeuralModel(model, vocabulary, context="stream")
    >>> [log_probs.shape for log_probs in neural.token_log_probs(["a cat sat", ""])]
    [(4,), (1,)]
    """

    def __init__(self, model: keras.Model, vocabulary: Vocabulary, context: Context = "sentence"):
        self.context: Context = check_context(context)
        self.model = model
        self.reader = SegmentReader(model)
        self.vocabulary = vocabulary
        if self.reader.vocabulary_size != len(vocabulary):
            raise UserError(
                f"Expected a vocabulary of {self.reader.vocabulary_size} ids, as the model has. "
                f"Received: {len(vocabulary)}"
            )

    @property
    def carries_state(self) -> bool:
        """Whether what a sentence gets depends on the sentences before it."""
        return self.context == "stream"

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores the tokens of sentences, see `NextTokenModel.token_log_probs`."""
        rows = encode(sentences, self.vocabulary)
        if self.carries_state:
            readings, _ = self.reader.stream(rows, self.reader.states(1))
        else:
            readings = self.reader.sentences(rows)
        return [reading.log_probs for reading in readings]

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        """Gives the distribution of the next token, see `NextTokenModel.next_log_probs`."""
        states = self.reader.states(1)
        if self.carries_state:
            _, states = self.reader.stream(encode(before, self.vocabulary), states)
        (row,) = encode([context], self.vocabulary)
        (log_probs,), *_ = self.reader.follow(read_ids(row), states, slice(-1, None))
        return log_probs

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        """Gives the distribution at each token, see `NextTokenModel.distributions`."""
        states = self.reader.states(1)
        for sentence in check_sentences("sentences", sentences):
            (row,) = encode([sentence], self.vocabulary)
            log_probs, _, after = self.reader.follow(read_ids(row), states, slice(None))
            yield log_probs
            if self.carries_state:
                states = after

    def session(self) -> Session:
        """Begins a text whose sentences are chosen, see `NextTokenModel.session`."""
        return _StreamSession(self) if self.carries_state else Session(self)


class _StreamSession(Session):
    """The states behind what was accepted; all candidates are scored from them at once."""

    def __init__(self, model: NeuralModel):
        super().__init__(model)
        self._neural = model
        self._states = model.reader.states(1)

    def score(self, candidates: Sequence[str | Sequence[str]]) -> list[np.ndarray]:
        rows = encode(candidates, self._neural.vocabulary)
        readings = self._neural.reader.sentences(rows, first=self._states)
        return [reading.log_probs for reading in readings]

    def accept(self, sentence: str | Sequence[str]) -> None:
        rows = encode([sentence], self._neural.vocabulary)
        _, self._states = self._neural.reader.stream(rows, self._states)


def check_context(context: Context) -> Context:
    """Returns one of `CONTEXTS`, or refuses it."""
    if context not in CONTEXTS:
        raise UserError(f"Expected `context` to be one of {CONTEXTS}. Received: {context!r}")
    return context
