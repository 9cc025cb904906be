"""Add-k and Good–Turing against the formulas over dictionaries."""

import collections

import numpy as np
import pytest

from kerasrnn.language_modeling import add_k, count_ngrams, good_turing, impossible_sentences
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN, Vocabulary


def text(rng, sentences, words=9, exponent=1.3):
    return [
        [f"w{min(i, words)}" for i in rng.zipf(exponent, rng.integers(0, 8))]
        for _ in range(sentences)
    ]


def counted(sentences, order, vocabulary):
    counts = collections.Counter()
    for sentence in sentences:
        ids = (BEGIN, *map(vocabulary.id_of, sentence), END)
        for n in range(1, order + 1):
            counts.update(ids[i : i + n] for i in range(len(ids) - n + 1))
    return counts


CONTEXTS = [[], ["w1"], ["w2", "w1"], ["w1", "w2", "w1"], ["new", "w1"], ["w8", "w7", "w6"]]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("k", [0, 0.01, 1, 3])
def test_add_k_is_the_formula(rng, order, k):
    sentences = text(rng, 80)
    vocabulary = Vocabulary([f"w{i}" for i in range(1, 9)])
    model, counts = (
        add_k(sentences, order, vocabulary, k),
        counted(sentences, order, vocabulary),
    )
    tokens = [i for i in range(len(vocabulary)) if i not in (PADDING, BEGIN)]
    for context in CONTEXTS:
        ids = (BEGIN, *map(vocabulary.id_of, context))
        ids = ids[max(len(ids) - order + 1, 0) :]
        numbers = np.array([counts[(*ids, i)] for i in tokens])
        uniform = np.full(len(tokens), 1 / len(tokens))
        total = numbers.sum() + k * len(tokens)
        wanted = (numbers + k) / total if total else uniform
        np.testing.assert_allclose(np.exp(model.next_log_probs(context))[tokens], wanted)


def test_maximum_likelihood_calls_sentences_impossible():
    lines = ["the cat sat", "the dog sat"]
    tests = ["the cat sat", "the dog", "a cat sat", "the cat sat sat", "the dog sat", ""]
    counts = count_ngrams(lines, 2)
    assert impossible_sentences(add_k(counts, k=0), tests) == 4
    assert impossible_sentences(add_k(counts, k=1e-9), tests) == 0
    np.testing.assert_allclose(
        [each.sum() for each in add_k(counts, k=0).token_log_probs(lines)], np.log([0.5, 0.5])
    )


@pytest.mark.parametrize("k", [-1, np.inf, np.nan, [1]])
def test_a_wrong_k(k):
    with pytest.raises(ValueError, match="`k` to be a finite number of at least 0"):
        add_k(["a"], 1, k=k)


class Katz:
    """Katz' equations, a context at a time."""

    def __init__(self, counts, order, tokens, max_count, min_counts):
        self.counts, self.order, self.tokens = counts, order, tokens
        self.min_counts, self.factors, self.known = min_counts, [], {}
        for n in range(1, order + 1):
            grams = [gram for gram in counts if len(gram) == n and gram != (BEGIN,)]
            n_r = collections.Counter(counts[gram] for gram in grams)
            off = (max_count + 1) * n_r[max_count + 1] / n_r[1]
            stars = {r: (r + 1) * n_r[r + 1] / n_r[r] for r in range(1, max_count + 1)}
            self.factors.append({r: (stars[r] / r - off) / (1 - off) for r in stars})

    def probs(self, context):
        context = context[max(len(context) - self.order + 1, 0) :]
        if context not in self.known:
            self.known[context] = self.smoothed(context)
        return self.known[context]

    def smoothed(self, context):
        uniform = dict.fromkeys(self.tokens, 1 / len(self.tokens))
        lower = self.probs(context[1:]) if context else uniform
        seen = {i: self.counts[(*context, i)] for i in self.tokens if self.counts[(*context, i)]}
        factors, least = self.factors[len(context)], self.min_counts[len(context)]
        kept = {i: c * factors.get(c, 1) for i, c in seen.items() if c >= least}
        if not kept:
            return lower
        total = sum(seen.values())
        if total - sum(kept.values()) < 1e-9:
            total += 1
        if len(kept) == len(self.tokens):
            total = sum(kept.values())
        rest = (1 - sum(kept.values()) / total) / (1 - sum(lower[i] for i in kept))
        return {i: kept[i] / total if i in kept else rest * lower[i] for i in self.tokens}


@pytest.mark.parametrize(
    "order, max_count, min_counts",
    [(1, 2, [1]), (2, 3, [1, 1]), (3, 2, [1, 1, 1]), (3, 2, [1, 1, 2]), (3, 2, [1, 2, 2])],
)
def test_good_turing_is_the_formula(order, max_count, min_counts):
    sentences = text(np.random.default_rng(1), 700, 3000, 1.7)
    vocabulary = Vocabulary.build(word for sentence in sentences for word in sentence)
    counts = counted(sentences, order, vocabulary)
    tokens = [i for i in range(len(vocabulary)) if i not in (PADDING, BEGIN)]
    katz = Katz(counts, order, tokens, max_count, min_counts)
    model = good_turing(sentences, order, max_count=max_count, min_counts=min_counts)
    for context in [*CONTEXTS, ["w3", "w1"], ["w1", "w1"], ["w57"]]:
        wanted = katz.probs((BEGIN, *map(vocabulary.id_of, context)))
        found = np.exp(model.next_log_probs(context))[tokens]
        np.testing.assert_allclose(found, [wanted[i] for i in tokens], rtol=1e-9)


def test_good_turing_where_no_count_is_small():
    lines = ["a a b a b b", "b", "", "b a"] * 7
    with pytest.warns(UserWarning):
        model = good_turing(lines, 2, max_count=2)
    # Nothing is lowered, so each context counts as having occurred once more, for what is unseen.
    ids = [model.vocabulary.id_of("b"), model.vocabulary.id_of("a"), END, UNKNOWN]
    found = np.exp(model.next_log_probs("a"))[ids]
    np.testing.assert_allclose(found, np.array([14, 7, 7, 1]) / 29)


def test_good_turing_where_all_words_followed():
    # Behind the unknown word came a once, b twice, itself and the end thrice, with 0.5 off 1 and 2.
    lines = ["x a", "x b", "x b", "x", "x", "x x x x"]
    with pytest.warns(UserWarning):
        model = good_turing(lines, 2, Vocabulary(["a", "b"]), max_count=2)
    found = np.exp(model.next_log_probs("x"))[[4, 5, UNKNOWN, END]]
    np.testing.assert_allclose(found, np.array([0.5, 1.5, 3, 3]) / 8)


def test_a_smaller_largest_count_where_the_text_is_too_small_for_the_given_one():
    sentences = text(np.random.default_rng(0), 700, 3000, 1.7)  # 17 bigrams occur 4, 18 3 times
    counts = count_ngrams(sentences, 2)
    given, smaller = (good_turing(counts, max_count=k) for k in (3, 2))
    np.testing.assert_allclose(given.log_probs[1], smaller.log_probs[1])
    assert not np.allclose(given.log_probs[0], smaller.log_probs[0])


def test_good_turing_gives_new_words_the_share_of_words_seen_once():
    model = good_turing(["x x x y y z z a b c d e"], 1, max_count=2)
    np.testing.assert_allclose(np.exp(model.next_log_probs())[UNKNOWN], 6 / 13)


@pytest.mark.parametrize("lines", [["a"], ["a b c"] * 9])
def test_good_turing_of_a_small_text(lines):
    with pytest.warns(UserWarning, match="too little for the Good-Turing discounts of order 1"):
        model = good_turing(lines, 1)
    assert np.isfinite(model.next_log_probs()[[UNKNOWN, END, 4]]).all()


def test_good_turing_of_nothing_lowered():
    with pytest.raises(ValueError, match="`max_count` to be an integer of at least 2. Received: 1"):
        good_turing(["a"], 1, max_count=1)
