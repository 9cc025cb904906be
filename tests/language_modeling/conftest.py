"""Models of known distributions, for what mixes, caches and rescores others."""

import hashlib

import numpy as np
import pytest

from kerasrnn.language_modeling import NextTokenModel
from kerasrnn.language_modeling.next_token_model import encode, tokens_of
from kerasrnn.vocabulary import BEGIN, PADDING, Vocabulary


class RandomModel(NextTokenModel):
    """A distribution for each history, drawn from a seed and that history alone.

    A model that carries state takes the sentences before into the history.
    """

    def __init__(self, tokens, seed=1, carries_state=False):
        self.vocabulary, self.seed = Vocabulary(tokens), seed
        self.carries_state = carries_state

    def next_log_probs(self, context=(), before=()):
        past = [tokens_of(each) for each in before] if self.carries_state else []
        digest = hashlib.sha256(repr((self.seed, past, tokens_of(context))).encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        probs = rng.dirichlet(np.full(len(self.vocabulary) - 2, 0.5))
        row = np.full(len(self.vocabulary), -np.inf)
        row[[i for i in range(len(row)) if i not in (PADDING, BEGIN)]] = np.log(probs)
        return row

    def token_log_probs(self, sentences):
        sentences = list(sentences)
        pairs = zip(self.distributions(sentences), encode(sentences, self.vocabulary), strict=True)
        return [rows[np.arange(len(ids)), ids] for rows, ids in pairs]


@pytest.fixture
def random_model():
    return RandomModel


def levenshtein(one, other):
    """The distance of two sequences, by the textbook."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        new = [i]
        for j, b in enumerate(other, start=1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (a != b)))
        row = new
    return row[-1]


@pytest.fixture
def edits():
    return levenshtein
