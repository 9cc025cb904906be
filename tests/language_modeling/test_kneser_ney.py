"""Kneser–Ney against the formulas written out over dictionaries, and against KenLM's figures."""

import collections
import pathlib
import re
import warnings

import numpy as np
import pytest

from kerasrnn.language_modeling import count_ngrams, kneser_ney, kneser_ney_discounts
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN, Vocabulary

PTB = pathlib.Path(__file__).parents[3] / "shared" / "data" / "ptb"
DISCOUNTS = [(0.4, 0.9, 1.3), (0.7, 1.1, 1.4), (0.8, 1.2, 1.6), (0.9, 1.3, 1.2)]


def text(rng, sentences=60, words=11):
    return [
        [f"w{min(i, words)}" for i in rng.zipf(1.3, rng.integers(0, 9))] for _ in range(sentences)
    ]


class Formulas:
    """Chen and Goodman's equations, a probability at a time."""

    def __init__(self, sentences, order, vocabulary, discounts, min_counts=None):
        self.order, self.discounts = order, discounts
        self.open = [i for i in range(len(vocabulary)) if i not in (PADDING, BEGIN)]
        self.min_counts = min_counts or [1] * order
        self.counts, self.before = collections.Counter(), collections.defaultdict(set)
        for sentence in sentences:
            ids = (BEGIN, *map(vocabulary.id_of, sentence), END)
            for n in range(1, order + 1):
                for i in range(len(ids) - n + 1):
                    gram = ids[i : i + n]
                    self.counts[gram] += 1
                    if i:
                        self.before[gram].add(ids[i - 1])

    def adjusted(self, gram):
        whole = len(gram) == self.order or gram[0] == BEGIN
        return self.counts[gram] if whole else len(self.before[gram])

    def prob(self, word, context):
        context = context[max(len(context) - self.order + 1, 0) :]
        lower = self.prob(word, context[1:]) if context else 1 / len(self.open)
        seen = [w for w in self.open if self.counts[(*context, w)]]
        if not seen:
            return lower
        total = sum(self.adjusted((*context, w)) for w in seen)
        shares = {w: self.share((*context, w)) / total for w in seen}
        return shares.get(word, 0) + (1 - sum(shares.values())) * lower

    def share(self, gram):
        if self.counts[gram] < self.min_counts[len(gram) - 1]:
            return 0
        number = self.adjusted(gram)
        return number - self.discounts[len(gram) - 1][min(number, 3) - 1]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("known", [None, 7], ids=["all known", "some unknown"])
@pytest.mark.parametrize("cut", [False, True], ids=["all", "cut"])
def test_every_probability_is_that_of_the_formulas(rng, order, known, cut):
    sentences = text(rng)
    min_counts = [1, 2, 2, 3][:order] if cut else None
    vocabulary = Vocabulary([f"w{i}" for i in range(1, known or 12)] + ["never"])
    model = kneser_ney(sentences, order, vocabulary, DISCOUNTS[:order], min_counts=min_counts or 1)
    formulas = Formulas(sentences, order, vocabulary, DISCOUNTS, min_counts)
    for context in ([], ["w1"], ["w2", "w1"], ["never", "w1"], ["w1"] * 3, ["w3", "new", "w1"]):
        found = np.exp(model.next_log_probs(context))
        ids = (BEGIN, *map(vocabulary.id_of, context))
        wanted = [formulas.prob(word, ids) for word in formulas.open]
        np.testing.assert_allclose(found[formulas.open], wanted, rtol=1e-10)
        assert found[PADDING] == found[BEGIN] == 0
    others = text(rng, 11, 13)
    for sentence, scores in zip(others, model.token_log_probs(others), strict=True):
        ids = (BEGIN, *map(vocabulary.id_of, sentence), END)
        wanted = [np.log(formulas.prob(ids[i], ids[:i])) for i in range(1, len(ids))]
        np.testing.assert_allclose(scores, wanted, rtol=1e-10)


def test_worked_by_hand():
    # Bigrams; in front of a stand begin and b, of b only a, of the end a and b. So the counts of
    # single words are a 2, b 1, end 2. With discounts of 0.5 and 1, unknown being the fourth word:
    model = kneser_ney(["a b a", "a b"], 2, discounts=[(0.5, 1, 1.5)] * 2)
    rest = (1 + 0.5 + 1) / 5 / 4
    single = {"a": 1 / 5 + rest, "b": 0.5 / 5 + rest, None: 1 / 5 + rest}
    # After a: b twice, the end once; two different words: 1 + 0.5 of 3 are left over.
    expected = [1 / 3 + 0.5 * single["b"], 0.5 / 3 + 0.5 * single[None], 0.5 * rest]
    found = np.exp(model.next_log_probs("a"))
    vocabulary = model.vocabulary
    np.testing.assert_allclose(found[[vocabulary.id_of("b"), END, UNKNOWN]], expected)
    # At the beginning, a twice: 1 of 2 is left over.
    np.testing.assert_allclose(
        np.exp(model.token_log_probs(["a"])[0]), [1 / 2 + 0.5 * single["a"], expected[1]]
    )


def equation_26(numbers):
    """The discounts, given how many n-grams have each count; the first is n1 / (n1 + 2 n2)."""
    y = numbers[1] / (numbers[1] + 2 * numbers[2])
    return [r - (r + 1) * y * numbers[r + 1] / numbers[r] for r in (1, 2, 3)]


@pytest.mark.parametrize("kind", ["modified", "single"])
def test_discounts_are_those_of_the_formulas(rng, kind):
    sentences, order = text(rng, 700, 300), 3
    counts = count_ngrams(sentences, order)
    formulas = Formulas(sentences, order, counts.vocabulary, None)
    wanted = []
    for n in range(1, order + 1):
        grams = [g for g in formulas.counts if len(g) == n and g != (BEGIN,)]
        numbers = collections.Counter(map(formulas.adjusted, grams))
        three = equation_26(numbers)
        wanted.append(three if kind == "modified" else three[:1] * 3)
    np.testing.assert_allclose(kneser_ney_discounts(counts, kind), wanted)
    model, given = (kneser_ney(counts, discounts=each) for each in (kind, wanted))
    for one, other in zip(model.log_probs, given.log_probs, strict=True):
        np.testing.assert_allclose(one, other)


@pytest.mark.parametrize(
    "lines", [["a"], ["a b c"] * 3, [f"word {i} of {i % 3}" for i in range(20)]]
)
@pytest.mark.parametrize("kind", ["modified", "single"])
def test_a_small_text_has_fixed_discounts_and_says_so(lines, kind):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = kneser_ney(lines, 3, discounts=kind)
    assert caught and {each.filename for each in caught} == {__file__}
    for each in caught:
        assert re.search("too little to estimate .* order [123]: .* Fixed", str(each.message))
    for context in ("", "a", "a b", "word", "new new"):
        probs = np.exp(model.next_log_probs(context))
        np.testing.assert_allclose(probs.sum(), 1, rtol=1e-12)
        assert (probs[[UNKNOWN, *range(END, len(probs))]] > 0).all()


def test_wrong_arguments():
    with pytest.raises(ValueError, match="modified, single, or three numbers.*Received: 'no'"):
        kneser_ney(["a b"], 2, discounts="no")
    for wrong in ([(0.5, 1, 1.5)], [(0.5, 1, 1.5), (0, 1, 1)], [(0.5, 1, 1.5), (1, 3, 1)]):
        with pytest.raises(ValueError, match="Expected 2 × 3 discounts"):
            kneser_ney(["a b"], 2, discounts=wrong)
    for wrong in (2, [2, 2], [1, 2, 1], [1, 1, 1, 1], [], 0):
        with pytest.raises(ValueError, match="`min_counts` for the orders from 1 to 3"):
            kneser_ney(["a b"], 3, discounts=[(0.5, 1, 1.5)] * 3, min_counts=wrong)


@pytest.mark.skipif(not PTB.exists(), reason="the Penn Treebank text is not at hand")
def test_penn_treebank_as_kenlm_has_it():
    def lines(split):
        return open(PTB / f"ptb.{split}.txt", encoding="utf-8")

    with lines("train") as file:
        counts = count_ngrams(file, 5)
    # All but one are KenLM's. Of the last n-gram of each lower order it takes the number of
    # occurrences for that of the words in front of it, when it counts how many have one, two …
    # Of single words that is the last new one of the text: so its third discount is 1.26492.
    with lines("train") as file:
        last = counts.vocabulary.id_of([*dict.fromkeys(file.read().split())][-1])
    numbers = np.where(
        np.arange(len(counts.vocabulary)) == BEGIN, 0, counts.continuation_counts()[0]
    )
    numbers[last] = counts.counts[0][last]
    assert round(equation_26(np.bincount(numbers))[2], 5) == 1.26492
    wanted = [
        (0.25656, 0.82888, 1.26227),
        (0.727802, 1.09876, 1.4713),
        (0.868879, 1.25462, 1.44822),
        (0.942828, 1.38314, 1.43173),
        (0.959671, 1.3879, 1.24171),
    ]
    np.testing.assert_allclose(kneser_ney_discounts(counts), wanted, atol=6e-6)
    model = kneser_ney(counts)
    assert model.sizes == (10_002, 264_990, 586_558, 717_733, 737_952)
    cut = kneser_ney(counts, min_counts=(1, 1, 2))
    for each, perplexity in ((model, 141.186), (cut, 147.400)):
        with lines("test") as file:
            scores = np.concatenate(each.token_log_probs(file))
        assert len(scores) == 82_430
        np.testing.assert_allclose(np.exp(-scores.mean()), perplexity, atol=6e-4)
