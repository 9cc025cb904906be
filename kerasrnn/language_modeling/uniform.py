"""The model that knows nothing: all tokens are equally probable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from kerasrnn.language_modeling.next_token_model import NEVER, NextTokenModel, token_lists
from kerasrnn.vocabulary import Vocabulary

__all__ = ["UniformModel", "open_size"]


class UniformModel(NextTokenModel):
    """Gives every token of the open vocabulary the same probability in every context.

    Its perplexity is the number of tokens of the open vocabulary, that of the unknown token and
    the end token included; a model above it has learned less than nothing.

    Args:
        vocabulary: The `Vocabulary`.

    Example:

    >>> model = UniformModel(kerasrnn.Vocabulary(["the", "cat", "sat"]))
    >>> round(float(np.exp(-model.token_log_probs(["the cat"])[0].mean())), 6)
    5.0
    """

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self._log_prob = -np.log(open_size(vocabulary))

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        return [np.full(len(each) + 1, self._log_prob) for each in token_lists(sentences)]

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        row = np.full(len(self.vocabulary), self._log_prob)
        row[list(NEVER)] = -np.inf
        return row


def open_size(vocabulary: Vocabulary) -> int:
    """Returns the number of tokens of the open vocabulary: all but padding and begin."""
    return len(vocabulary) - len(NEVER)
