"""Laws that every counted model keeps, whatever its smoothing."""

import functools

import numpy as np
import pytest

from kerasrnn.language_modeling import (
    BackoffModel,
    add_k,
    class_ngram,
    good_turing,
    kneser_ney,
    read_arpa,
    write_arpa,
)
from kerasrnn.language_modeling.next_token_model import encode
from kerasrnn.vocabulary import BEGIN, PADDING, Vocabulary

ESTIMATES = {
    "modified": kneser_ney,
    "single": functools.partial(kneser_ney, discounts="single"),
    "cut": lambda *given: kneser_ney(*given, min_counts=(1, 2)[: given[1]]),
    "good_turing": good_turing,
    "good_turing_cut": lambda *given: good_turing(*given, 3, (1, 1, 2)[: given[1]]),
    "add_one": functools.partial(add_k, k=1),
    "add_little": functools.partial(add_k, k=1e-3),
    "likelihood": functools.partial(add_k, k=0),
    "classes": functools.partial(class_ngram, num_classes=5),
    "frequency": functools.partial(class_ngram, num_classes=3, classes="frequency"),
}
pytestmark = pytest.mark.filterwarnings("ignore:The text has too little")


def text(seed, sentences):
    rng = np.random.default_rng(seed)
    return [
        [f"w{min(i, 17)}" for i in rng.zipf(1.4, rng.integers(0, 11))] for _ in range(sentences)
    ]


@pytest.fixture(scope="module", params=ESTIMATES)
def kind(request):
    return request.param


@pytest.fixture(scope="module", params=[1, 2, 3, 5])
def model(kind, request):
    known = Vocabulary([*(f"w{i}" for i in range(1, 14)), "never"])
    return ESTIMATES[kind](text(1, 300), request.param, known)


def test_probabilities_sum_to_one_in_every_context(model):
    contexts = ["", "w1", "w2 w1 w1", "never", "w1 never w1", "new", "w7 w7 w7 w7 w7 w7", "w1 new"]
    for context in contexts:
        probs = np.exp(model.next_log_probs(context))
        assert probs.shape == (len(model.vocabulary),)
        np.testing.assert_allclose(probs.sum(), 1, rtol=1e-10)
        assert probs[PADDING] == probs[BEGIN] == 0


def test_nothing_is_impossible_but_by_maximum_likelihood(model, kind):
    rows = np.concatenate(list(model.distributions([*text(2, 29), ["never", "new"] * 3])))
    rows = np.delete(rows, [PADDING, BEGIN], axis=1)
    assert np.isfinite(rows).all() == (kind != "likelihood")
    assert not np.isnan(rows).any()


def test_scores_distributions_and_next_tokens_agree(model):
    sentences = [*text(3, 13), [], ["new"] * 7, "w1 never w2"]
    scores = model.token_log_probs(sentences)
    rows, ids = list(model.distributions(sentences)), encode(sentences, model.vocabulary)
    for sentence, score, row, each in zip(sentences, scores, rows, ids, strict=True):
        sentence = sentence.split() if isinstance(sentence, str) else sentence
        assert score.dtype == np.float64 and score.shape == (len(sentence) + 1,)
        np.testing.assert_allclose(score, row[np.arange(len(each)), each], rtol=1e-12)
        for i in range(len(sentence) + 1):
            np.testing.assert_allclose(row[i], model.next_log_probs(sentence[:i]), rtol=1e-12)
    assert model.token_log_probs([]) == []


def test_a_sentence_is_scored_alone(model):
    one, other = ["w1", "w2"], ["w3"]
    together = model.token_log_probs(iter([one, other, one]))
    np.testing.assert_array_equal(together[0], together[2])
    np.testing.assert_array_equal(together[1], model.token_log_probs([other])[0])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("estimate", [kneser_ney, good_turing, add_k])
def test_orders_are_the_lengths_of_what_the_text_holds(estimate, order):
    known = Vocabulary([*(f"w{i}" for i in range(1, 14)), "never"])
    read, asked = text(1, 61), [*text(2, 29), [], ["new", "never", "w1"]]

    def framed(sentence):
        return ["<s>", *(token if token in known else "?" for token in sentence), "</s>"]

    seen = set()
    for sentence in map(framed, read):
        for end in range(1, len(sentence) + 1):
            seen.update(tuple(sentence[max(0, end - n) : end]) for n in range(1, order + 1))
    model = estimate(read, order, known)
    for sentence, orders in zip(asked, model.token_orders(iter(asked)), strict=True):
        tokens = framed(sentence)
        longest = [
            max(
                [
                    1,
                    *(
                        n
                        for n in range(1, min(order, i + 1) + 1)
                        if (*tokens[i + 1 - n : i + 1],) in seen
                    ),
                ]
            )
            for i in range(1, len(tokens))
        ]
        assert orders.tolist() == longest and orders.dtype == np.int64
    assert model.token_orders([]) == []


def test_a_model_is_the_same_in_an_arpa_file(model, tmp_path):
    if not isinstance(model, BackoffModel):
        return
    write_arpa(model, tmp_path / "model.arpa")
    again = read_arpa(tmp_path / "model.arpa")
    assert again.vocabulary == model.vocabulary and again.sizes == model.sizes
    pairs = zip(model.log_probs + model.backoffs, again.log_probs + again.backoffs, strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-8)


def test_a_uniform_model_has_as_much_perplexity_as_tokens():
    vocabulary = Vocabulary(["a", "b", "c"])
    model = add_k(["a b", "b"], 3, vocabulary, k=1e12)
    scores = np.concatenate(model.token_log_probs(["a c new b", "", "a b"]))
    np.testing.assert_allclose(np.exp(-scores.mean()), 5)  # a, b, c, unknown and end


def test_tables_of_other_lengths():
    vocabulary = Vocabulary(["a"])
    with pytest.raises(ValueError, match=r"of \[5, 1\] n-grams .* Received: \[5, 2\] and \[5\]"):
        BackoffModel(vocabulary, [np.array([14])], [np.zeros(5), np.zeros(2)], [np.zeros(5)])
