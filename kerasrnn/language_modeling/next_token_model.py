"""The contract of all language models, neural and counted."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import check_sentences
from kerasrnn.files import split_words
from kerasrnn.vocabulary import BEGIN, END, PADDING, Vocabulary

__all__ = ["NextTokenModel", "Session", "encode", "token_lists", "tokens_of"]

# What no model ever predicts: the open vocabulary is all other ids.
NEVER = (PADDING, BEGIN)


class NextTokenModel(abc.ABC):
    """Gives each token of a sentence its probability, given those before it.

    Probabilities are over the open vocabulary: all ids but padding and begin, which have none;
    the unknown token, which stands for all that the vocabulary lacks, and the end token have one.
    Whatever keeps this contract can be mixed, tuned, cached, adapted and compared with the rest.

    A sentence is a sequence of tokens, or a string, which is split at white space.

    A text whose sentences are all known is read by `token_log_probs` at once. Where each sentence
    is still to be chosen among candidates, and the choice moves the state on or adapts the model,
    `session` is what to use.

    Attributes:
        vocabulary: The `Vocabulary`.
        carries_state: Whether what a sentence gets depends on the sentences before it, so that
            their order counts.
    """

    vocabulary: Vocabulary
    carries_state = False

    @abc.abstractmethod
    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores the tokens of sentences.

        Args:
            sentences: Sentences, in their order where the model carries state; it knows nothing
                before the first one, at each call.

        Returns:
            For each sentence of n tokens `(n + 1,)` float64, natural logarithms: its tokens, and
            the end token, which is scored too. Their sum is the sentence's log-probability.
        """

    @abc.abstractmethod
    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        """Gives the distribution of the next token.

        Args:
            context: The tokens of the sentence so far.
            before: The sentences before it, for a model that carries state.

        Returns:
            `(V,)` float64, the natural log-probability of each id of the vocabulary; that of
            padding and begin is -inf, and the others' probabilities sum to 1.
        """

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        """Gives the distribution at each token of sentences.

        Args:
            sentences: As those of `token_log_probs`.

        Yields:
            For each sentence of n tokens `(n + 1, V)` float64, the rows of `next_log_probs`.
        """
        before: list = []
        for sentence in token_lists(sentences):
            rows = [self.next_log_probs(sentence[:i], before) for i in range(len(sentence) + 1)]
            yield np.stack(rows)
            if self.carries_state:
                before.append(sentence)

    def session(self) -> Session:
        """Begins a text of which each sentence is chosen among candidates, one after another.

        A model that can go on from a state, or that learns from what it has read, returns a
        session of its own; this one reads the whole text again for each candidate where the model
        carries state.
        """
        return Session(self)


class Session:
    """A text that grows by a sentence at a time, and a model's scores of what may come next.

    All candidates for a sentence are scored from the same state; the state moves on, and a model
    that adapts learns, with what is accepted alone. Hence the law that the scores of a text that
    is scored and accepted sentence by sentence are those of `token_log_probs`; only a model that
    learns within a sentence may leave its weights as they are while it scores candidates.

    A session is a context manager, so that a model that changes while it reads is as it was
    before when the session ends, also by an exception.

    Args:
        model: The `NextTokenModel`.
    """

    def __init__(self, model: NextTokenModel):
        self.model = model
        self._before: list[list[str]] = []

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def score(self, candidates: Sequence[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores the tokens of sentences, each as the next one; nothing changes by it.

        Args:
            candidates: Sentences.

        Returns:
            For each sentence of n tokens `(n + 1,)` float64, as `token_log_probs`.
        """
        if not self.model.carries_state:
            return self.model.token_log_probs(candidates)
        checked = check_sentences("candidates", candidates)
        texts = ([*self._before, candidate] for candidate in checked)
        return [self.model.token_log_probs(text)[-1] for text in texts]

    def accept(self, sentence: str | Sequence[str]) -> None:
        """Makes a sentence, a candidate or another one, the next one of the text."""
        if self.model.carries_state:
            self._before.append(tokens_of(sentence))


def tokens_of(sentence: str | Sequence[str]) -> list[str]:
    """Returns the tokens of a sentence; a string is split at white space."""
    return split_words(sentence) if isinstance(sentence, str) else list(sentence)


def token_lists(
    sentences: Iterable[str | Sequence[str]], name: str = "sentences"
) -> Iterator[list[str]]:
    """Returns the tokens of each of several sentences.

    Raises:
        ValueError: For a single sentence, or something that is none among them.
    """
    return map(tokens_of, check_sentences(name, sentences))


def encode(sentences: Iterable[str | Sequence[str]], vocabulary: Vocabulary) -> list[np.ndarray]:
    """Looks the tokens of sentences up.

    Returns:
        For each sentence of n tokens `(n + 1,)` int64: their ids, and the end id.
    """
    return [
        np.array([*map(vocabulary.id_of, sentence), END], "int64")
        for sentence in token_lists(sentences)
    ]
