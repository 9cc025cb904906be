"""Classes against the likelihood counted from scratch, and class models against their product."""

import collections

import numpy as np
import pytest

from kerasrnn.language_modeling import (
    ClassNgramModel,
    add_k,
    class_ngram,
    count_ngrams,
    exchange_classes,
    kneser_ney,
)
from kerasrnn.vocabulary import BEGIN, END, PADDING, RESERVED, UNKNOWN, Vocabulary


def text(seed, sentences=150):
    """Nouns after articles, verbs after nouns, and words that come twice in a row."""
    rng = np.random.default_rng(seed)
    kinds = [["the", "a", "no"], ["cat", "dog", "owl", "bat", "eel"], ["ran", "sat", "ate", "hid"]]
    return [
        [rng.choice(kinds[i % 3]) for i in range(rng.integers(1, 8))] + ["so"] * rng.integers(0, 4)
        for _ in range(sentences)
    ]


def likelihood(sentences, class_of):
    """The log-likelihood under the class bigram model, without the words given their class."""
    pairs, firsts, seconds = (collections.Counter() for _ in range(3))
    words = collections.Counter()
    for sentence in sentences:
        classes = ["begin", *(class_of[word] for word in sentence), "end"]
        for one, other in zip(classes, classes[1:], strict=False):
            pairs[one, other] += 1
            firsts[one] += 1
            seconds[other] += 1
        words.update(sentence)
    score = sum(n * np.log(n / firsts[one]) for (one, _), n in pairs.items())
    return score + sum(n * np.log(n / seconds[class_of[word]]) for word, n in words.items())


def classes_of(sentences, number, rounds):
    counts = count_ngrams(sentences, 2)
    classes = exchange_classes(counts, number, rounds)
    return dict(zip(counts.vocabulary.tokens, classes[len(RESERVED) :].tolist(), strict=True))


@pytest.mark.parametrize("number", [1, 2, 3, 5, 20])
def test_exchange_ends_where_no_word_has_a_better_class(number):
    sentences = text(1)
    scores = [likelihood(sentences, classes_of(sentences, number, i)) for i in (1, 2, 3, 50)]
    assert (np.diff(scores) >= -1e-9).all()
    found = classes_of(sentences, number, 50)
    assert set(found.values()) <= set(range(number))
    for word in found:
        for other in range(number):
            assert likelihood(sentences, {**found, word: other}) <= scores[-1] + 1e-7


def test_exchange_finds_the_kinds_of_words():
    found = classes_of(text(1), 4, 50)
    kinds = collections.defaultdict(set)
    for word, each in found.items():
        kinds[each].add(word)
    assert {"so"} in kinds.values() and {"ran", "sat", "ate", "hid"} in kinds.values()


def test_classes_of_what_never_occurs():
    vocabulary = Vocabulary(["x", "cat", "the", "y"])
    classes = exchange_classes(count_ngrams(text(1), 3, vocabulary), 2)
    assert classes.dtype == np.int32
    assert (classes[[*range(5), vocabulary.id_of("y")]] == -1).all()
    assert sorted(classes[5:7]) == [0, 1]


@pytest.mark.parametrize("order, number, rounds", [(1, 2, 3), (2, 0, 3), (2, 2, 0)])
def test_wrong_arguments_of_exchange(order, number, rounds):
    with pytest.raises(ValueError, match="to be an integer of at least"):
        exchange_classes(count_ngrams(["a b"], order), number, rounds)


def test_a_word_has_the_probability_of_its_class_times_its_share():
    sentences = text(1)
    vocabulary = Vocabulary(["a", "the", "cat", "dog", "owl", "ran", "never"])
    kinds = {"a": 3, "the": 3, "cat": 7, "dog": 7, "owl": 7, "ran": 0, "never": 7}
    classes = [9] * len(RESERVED) + [kinds[token] for token in vocabulary.tokens]

    def smoothing(counts):
        return add_k(counts, k=0.5)

    model = class_ngram(sentences, 3, vocabulary, classes=classes, smoothing=smoothing)
    texts = [
        [str(kinds[word]) if word in kinds else "unknown" for word in sentence]
        for sentence in sentences
    ]
    wanted = add_k(texts, 3, Vocabulary(["0", "3", "7"]), k=0.5)
    numbers = collections.Counter(word for sentence in sentences for word in sentence)
    unknown = sum(number for word, number in numbers.items() if word not in kinds)
    for context, same in ((["a", "dog"], ["3", "7"]), (["new"], ["new"]), (["never"], ["new"])):
        of_classes = np.exp(wanted.next_log_probs(same))
        found = np.exp(model.next_log_probs(context))
        for i, token in enumerate(vocabulary.tokens, start=len(RESERVED)):
            if token != "never":
                kind = kinds[token]
                share = numbers[token] / sum(numbers[w] for w in kinds if kinds[w] == kind)
                of_class = of_classes[wanted.vocabulary.id_of(str(kind))]
                np.testing.assert_allclose(found[i], of_class * share)
        np.testing.assert_allclose(found[END], of_classes[END])
        share = np.array([unknown + 1, 1]) / (unknown + 2)  # with the word that never occurs
        np.testing.assert_allclose(found[[UNKNOWN, -1]], of_classes[UNKNOWN] * share)
        np.testing.assert_allclose(found.sum(), 1)
        assert found[PADDING] == found[BEGIN] == 0


def test_classes_do_better_on_what_never_occurred():
    sentences = text(1, 40)
    new = text(2, 200)
    vocabulary = Vocabulary.build(word for sentence in new for word in sentence)

    def smoothing(counts):
        return kneser_ney(counts, discounts=[(0.5, 1, 1.5)] * 3)

    classes = class_ngram(sentences, 3, vocabulary, num_classes=4, smoothing=smoothing)
    words = smoothing(count_ngrams(sentences, 3, vocabulary))
    scores = [np.concatenate(each.token_log_probs(new)).mean() for each in (classes, words)]
    assert scores[0] > scores[1]


def test_the_warning_of_few_classes_is_kept_back_for_single_ones_alone():
    lines = [" ".join(sentence) for sentence in text(3)]
    with pytest.warns(UserWarning) as caught:
        class_ngram(lines, 2, num_classes=3)
    assert ["order 2" in str(each.message) for each in caught] == [True]


@pytest.mark.parametrize("classes", ["brown", [0, 1], np.zeros(6), np.zeros((2, 3), int)])
def test_wrong_classes(classes):
    with pytest.raises(ValueError, match="`classes` to be one of exchange, frequency, or"):
        class_ngram(["a b"], 2, classes=classes)


def test_words_that_do_not_share_their_classes():
    vocabulary, model = Vocabulary(["a", "b"]), add_k(["0"], 1)
    with pytest.raises(ValueError, match="words that share each of 5 classes"):
        ClassNgramModel(vocabulary, [0, 1, 2, 3, 4, 4], np.log([1, 1, 1, 1, 0.5, 0.25]), model)
    with pytest.raises(ValueError, match="classes up to 5"):
        ClassNgramModel(vocabulary, [0, 1, 2, 3, 4, 5], np.zeros(6), model)


@pytest.mark.parametrize("lines", [[], ["new new"]])
def test_no_known_word(lines):
    with pytest.raises(ValueError, match="a text with words of the vocabulary"):
        class_ngram(lines, 2, Vocabulary(["a"]))
