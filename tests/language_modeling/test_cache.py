"""The cache against the formula, counted anew at each token."""

import math

import numpy as np
import pytest

from kerasrnn.language_modeling import Cache
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN, Vocabulary

WORDS = [*"abcde"]


def brute_force(sentences, order, decay, kappa, end, unknown):
    """The distributions of a text: each count is a sum over all that was read before."""
    vocabulary = Vocabulary(WORDS)
    traceless = [END] * (not end) + [UNKNOWN] * (not unknown)
    read, found = [], []  # (what stood before in its sentence, token)
    for sentence in sentences:
        past, rows = [BEGIN], []
        for token in [*map(vocabulary.id_of, sentence), END]:
            probs = np.full(len(vocabulary), 1 / (len(vocabulary) - 2))
            probs[[PADDING, BEGIN]] = 0
            for n in range(order):
                if n > len(past):
                    break
                counts = np.zeros(len(vocabulary))
                for age, (before, seen) in enumerate(reversed(read)):
                    if n <= len(before) and before[len(before) - n :] == past[len(past) - n :]:
                        counts[seen] += math.exp(-decay * age)
                probs = (counts + kappa * probs) / (counts.sum() + kappa)
            rows.append(probs)
            if token not in traceless:
                read.append((list(past), token))
            past.append(token)
        found.append(np.array(rows))
    return found


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("decay, kappa", [(0.0, 1.0), (0.05, 0.3), (1.7, 2.0)])
@pytest.mark.parametrize("end, unknown", [(False, True), (True, False), (True, True)])
def test_against_brute_force(rng, order, decay, kappa, end, unknown):
    text = [rng.choice([*WORDS, "new"], size).tolist() for size in (7, 0, 1, 11, 5)]
    wanted = brute_force(text, order, decay, kappa, end, unknown)
    cache = Cache(Vocabulary(WORDS), order, decay, kappa, end=end, unknown=unknown)
    for rows, probs in zip(cache.distributions(text), wanted, strict=True):
        np.testing.assert_allclose(np.exp(rows), probs, rtol=1e-10, atol=1e-15)
    for score, probs, sentence in zip(cache.token_log_probs(text), wanted, text, strict=True):
        ids = [*map(cache.vocabulary.id_of, sentence), END]
        np.testing.assert_allclose(np.exp(score), probs[np.arange(len(ids)), ids], rtol=1e-10)


def test_says_nothing_before_it_has_seen_anything():
    cache = Cache(Vocabulary(WORDS), 3)
    probs = np.exp(cache.next_log_probs())
    np.testing.assert_allclose(probs, [0, 1 / 7, 0, 1 / 7, *[1 / 7] * 5])
    # Nor does it remember an earlier text.
    one, again = cache.token_log_probs(["a a a"]), cache.token_log_probs(["a a a"])
    np.testing.assert_array_equal(one, again)


def test_a_long_text_neither_overflows_nor_forgets(rng):
    cache = Cache(Vocabulary(WORDS), 2, decay=0.9)
    text = [rng.choice(WORDS, 4001).tolist(), ["a", "b"]]
    scores = cache.token_log_probs(text)
    assert all(np.isfinite(score).all() for score in scores)
    late = cache.token_log_probs([text[0][-200:], ["a", "b"]])
    np.testing.assert_allclose(scores[1][1:], late[1][1:], rtol=1e-9)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"order": 0}, "`order` to be an integer of at least 1. Received: 0"),
        ({"decay": -0.1}, "`decay` to be a finite number of at least 0. Received: -0.1"),
        ({"decay": math.nan}, "`decay` to be a finite number of at least 0. Received: nan"),
        ({"pseudo_count": 0}, "`pseudo_count` to be a finite number above 0. Received: 0"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        Cache(Vocabulary(WORDS), **options)
