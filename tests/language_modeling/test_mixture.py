"""Mixtures, expanded models and the uniform one against the laws that they must keep."""

import math

import numpy as np
import pytest

from kerasrnn.language_modeling import (
    Cache,
    Expanded,
    LogLinearMixture,
    Mixture,
    UniformModel,
    em_weights,
    log_linear_weights,
    mix_streams,
    token_stream,
    tune_weights,
)
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN, Vocabulary

WORDS = ["a", "b", "c"]
TEXT = ["a b", "", ["c", "new", "a", "a"], "b"]


def kinds(random_model):
    """A model of each kind, and of kinds within kinds."""
    one, other = random_model(WORDS, 1), random_model(["c", "a", "b"], 2)
    stateful, small = random_model(WORDS, 3, True), random_model(["b"], 4)
    small_stateful = random_model(["c", "b"], 5, True)
    full, cache = Vocabulary(["b", "x", "a", "c", "y"]), Cache(Vocabulary(WORDS), 2)
    expanded = Expanded(small_stateful, Vocabulary(WORDS))
    return {
        "uniform": UniformModel(Vocabulary(WORDS)),
        "mixture": Mixture([one, other], [0.3, 0.7]),
        "mixture that carries state": Mixture([one, stateful, other], [0.2, 0.5, 0.3]),
        "mixture of mixtures": Mixture([Mixture([one, cache], [0.9, 0.1]), expanded], [0.4, 0.6]),
        "log-linear": LogLinearMixture([one, other], [0.3, 1.1]),
        "log-linear that carries state": LogLinearMixture([one, stateful], [0.5, -0.2]),
        "expanded": Expanded(small, full),
        "expanded that carries state": expanded,
        "expanded by nothing": Expanded(one, Vocabulary(["b", "a", "c"])),
        "cache": cache,
        "cache of words": Cache(Vocabulary(WORDS), 4, 0.3, 0.7, end=False),
        "cache of known tokens": Cache(Vocabulary(WORDS), 1, 0.1, unknown=False),
    }


KINDS = list(kinds(lambda words, *_: UniformModel(Vocabulary(words))))


@pytest.fixture(params=KINDS)
def model(request, random_model):
    return kinds(random_model)[request.param]


def ids_of(sentence, vocabulary):
    sentence = sentence.split() if isinstance(sentence, str) else sentence
    return [*map(vocabulary.id_of, sentence), END]


def test_distributions_sum_to_one_and_hold_the_scores(model):
    scores, rows = model.token_log_probs(iter(TEXT)), list(model.distributions(iter(TEXT)))
    assert len(scores) == len(rows) == len(TEXT)
    before = []
    for sentence, score, row in zip(TEXT, scores, rows, strict=True):
        ids = ids_of(sentence, model.vocabulary)
        assert score.dtype == row.dtype == np.float64
        assert score.shape == (len(ids),) and row.shape == (len(ids), len(model.vocabulary))
        assert np.isneginf(row[:, [PADDING, BEGIN]]).all()
        np.testing.assert_allclose(np.exp(row).sum(axis=1), 1, rtol=1e-12)
        np.testing.assert_allclose(row[np.arange(len(ids)), ids], score, rtol=1e-10, atol=1e-12)
        tokens = sentence.split() if isinstance(sentence, str) else sentence
        for i in range(len(ids)):
            next_row = model.next_log_probs(tokens[:i], iter(before))
            np.testing.assert_allclose(next_row, row[i], rtol=1e-10, atol=1e-12)
        before.append(sentence)


def test_a_session_says_the_same_sentence_by_sentence(model):
    wanted = model.token_log_probs(TEXT)
    with model.session() as session:
        for i, sentence in enumerate(TEXT):
            candidates = ["c c c", sentence, "a", sentence]
            scores = session.score(candidates)
            for score in (scores[1], scores[3], session.score([sentence])[0]):
                np.testing.assert_allclose(score, wanted[i], rtol=1e-12, atol=1e-14)
            other = model.token_log_probs([*TEXT[:i], "c c c"])[-1]
            np.testing.assert_allclose(scores[0], other, rtol=1e-12, atol=1e-14)
            session.accept(sentence)


def test_state_is_carried_only_where_a_part_carries_it(model):
    again = model.token_log_probs([*TEXT, *TEXT])[len(TEXT) :]
    same = all(map(np.allclose, again, model.token_log_probs(TEXT)))
    assert same != model.carries_state


def test_weights_of_0_and_1_give_the_parts(random_model):
    parts = random_model(WORDS, 1), random_model(["c", "a", "b"], 2, True)
    for i, part in enumerate(parts):
        weights = [1.0 - i, float(i)]
        for kind in (Mixture, LogLinearMixture):
            found = token_stream(kind(parts, weights), TEXT)
            np.testing.assert_allclose(found, token_stream(part, TEXT), rtol=1e-12)


@pytest.mark.parametrize("kind", [Mixture, LogLinearMixture])
def test_a_mixture_of_a_model_with_itself_is_the_model(random_model, kind):
    one, again = random_model(WORDS), random_model(["b", "c", "a"])
    # The same distributions under other ids.
    again.next_log_probs = lambda *past: one.next_log_probs(*past)[[0, 1, 2, 3, 5, 6, 4]]
    mixture = kind([one, again, one], [0.2, 0.5, 0.3])
    np.testing.assert_allclose(token_stream(mixture, TEXT), token_stream(one, TEXT), rtol=1e-12)


def test_a_mixture_is_the_weighted_mean_by_hand(random_model):
    parts, weights = [random_model(WORDS, seed) for seed in range(3)], [0.5, 0.2, 0.3]
    rows = [part.next_log_probs("a b") for part in parts]
    linear = sum(weight * np.exp(row) for weight, row in zip(weights, rows, strict=True))
    found = Mixture(parts, weights).next_log_probs("a b")
    np.testing.assert_allclose(np.exp(found), linear, rtol=1e-12)
    weights = [0.5, 1.2, -0.3]
    product = [
        math.prod(math.exp(row[i]) ** weight for weight, row in zip(weights, rows, strict=True))
        if i not in (PADDING, BEGIN)
        else 0
        for i in range(7)
    ]
    found = LogLinearMixture(parts, weights).next_log_probs("a b")
    np.testing.assert_allclose(np.exp(found), np.array(product) / sum(product), rtol=1e-12)


def test_streams_mix_as_models_do(random_model):
    parts, weights = [random_model(WORDS, seed) for seed in range(3)], [0.5, 0.2, 0.3]
    streams = [token_stream(part, TEXT) for part in parts]
    found = mix_streams(streams, weights)
    np.testing.assert_allclose(found, token_stream(Mixture(parts, weights), TEXT), rtol=1e-14)
    wanted = np.log(weights @ np.exp(streams))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_streams_of_impossible_and_of_tiny_probabilities():
    never = -np.inf
    streams = [[never, -1.0, never, -2000.0], [-2.0, never, never, -2001.0]]
    found = mix_streams(streams, [0.25, 0.75])
    last = -2000 + math.log(0.25 + 0.75 * math.exp(-1))
    wanted = [-2 + math.log(0.75), -1 + math.log(0.25), never, last]
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
    np.testing.assert_array_equal(mix_streams(streams, [0, 1]), streams[1])


@pytest.mark.parametrize("number, tokens", [(1, 7), (2, 101), (3, 1009), (5, 53)])
def test_em_never_lowers_the_likelihood_and_finds_its_maximum(rng, number, tokens):
    streams = np.log(rng.dirichlet(np.full(7, 0.3), (number, tokens))[:, :, 0] + 1e-9)
    streams[:, 0] = -np.inf  # impossible for all of them: left out
    weights, trace = em_weights(streams)
    assert (np.diff(trace) >= 0).all()
    assert weights.sum() == pytest.approx(1, abs=1e-12) and (weights >= 0).all()

    def likelihood(weights):
        return np.log(weights @ np.exp(streams[:, 1:])).mean()

    assert trace[0] == pytest.approx(likelihood(np.full(number, 1 / number)), rel=1e-12)
    assert trace[-1] == pytest.approx(likelihood(weights), rel=1e-12)
    for other in rng.dirichlet(np.ones(number), 501):
        assert likelihood(other) <= trace[-1] + 1e-6
        near = 0.99 * weights + 0.01 * other
        assert likelihood(near) <= trace[-1] + 1e-7
    again, _ = em_weights(streams, start=rng.dirichlet(np.ones(number)))
    np.testing.assert_allclose(again, weights, atol=2e-3)


def test_em_by_hand_and_by_models(random_model):
    # One step from equal weights: shares 5/6, 1/4 and 2/3.
    streams = [np.log([0.5, 0.1, 0.4]), np.log([0.1, 0.3, 0.2])]
    weights, trace = em_weights(streams, max_steps=1)
    assert weights[0] == pytest.approx((5 / 6 + 1 / 4 + 2 / 3) / 3)
    assert trace[0] == pytest.approx(np.log([0.3, 0.2, 0.3]).mean())
    weights, _ = em_weights(streams, start=[0, 1])
    np.testing.assert_array_equal(weights, [0, 1])
    parts = [random_model(WORDS, 1), random_model(["c", "b", "a"], 2)]
    one, two = tune_weights(parts, iter(TEXT)), em_weights([token_stream(p, TEXT) for p in parts])
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])


def test_log_linear_weights_reach_the_maximum(random_model, rng):
    parts = [random_model(WORDS, 1), random_model(["c", "b", "a"], 2), random_model(WORDS, 3)]
    text = [rng.choice([*WORDS, "new"], 5).tolist() for _ in range(11)]
    weights, trace = log_linear_weights(parts, iter(text), tolerance=1e-12)
    assert (np.diff(trace) >= 0).all()

    def likelihood(weights):
        return token_stream(LogLinearMixture(parts, weights), text).mean()

    assert trace[0] == pytest.approx(likelihood([1 / 3] * 3), rel=1e-12)
    assert trace[-1] == pytest.approx(likelihood(weights), rel=1e-12)
    for _ in range(23):
        assert likelihood(weights + rng.normal(scale=0.1, size=3)) < trace[-1]
    # From far away, where a whole step of Newton's would overshoot.
    for start in ([3.0, -2.0, 5.0], [0.0, 0.0, 9.0]):
        again, trace = log_linear_weights(parts, text, start, tolerance=1e-12, max_steps=99)
        assert (np.diff(trace) >= 0).all()
        np.testing.assert_allclose(again, weights, atol=1e-4)
    # Twice the same model: any split of its weight is as good.
    twice, trace = log_linear_weights([parts[0], parts[0]], text, tolerance=1e-12)
    alone, best = log_linear_weights(parts[:1], text, tolerance=1e-12)
    assert twice.sum() == pytest.approx(alone[0], rel=1e-4) and trace[-1] == pytest.approx(best[-1])


def test_a_uniform_model_has_perplexity_v():
    for size in (1, 5, 96):
        model = UniformModel(Vocabulary([f"w{i}" for i in range(size)]))
        assert np.exp(-token_stream(model, TEXT).mean()) == pytest.approx(size + 2)


def test_merged_words_share_evenly(random_model):
    small = random_model(["b"])
    model = Expanded(small, Vocabulary(["b", "x", "a", "c", "y"]))
    inner, row = small.next_log_probs("b a"), model.next_log_probs("b a")
    # Unknown, x, a, c and y; the first "a" was unknown to the small model.
    for i in (UNKNOWN, 5, 6, 7, 8):
        assert row[i] == pytest.approx(inner[UNKNOWN] - math.log(5))
    assert (row[END], row[4]) == (inner[END], inner[4])
    scores = model.token_log_probs(["b a never"])[0]
    inner = small.token_log_probs(["b a never"])[0]
    np.testing.assert_allclose(scores, inner - np.array([0, 1, 1, 0]) * math.log(5))


def test_models_over_other_tokens_are_refused_by_name(random_model):
    one, other = random_model([*"abcdefg"]), random_model([*"abcxyz"])
    for kind in (Mixture, LogLinearMixture):
        with pytest.raises(ValueError, match="same tokens") as error:
            kind([one, other], [0.5, 0.5])
        for part in (
            "one of 7 tokens and one of 6;",
            "'d', 'e', 'f' and others",
            "'x', 'y', 'z' only in",
        ):
            assert part in str(error.value)
    with pytest.raises(ValueError, match="full vocabulary with all 6 tokens .* without 'x', 'y'"):
        Expanded(other, one.vocabulary)
    both = Vocabulary([*"abcdefgxyz"])
    mixture = Mixture([Expanded(one, both), Expanded(other, both)], [0.5, 0.5])
    assert np.exp(mixture.next_log_probs()).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda m: Mixture([m, m], [0.5]), "Expected 2 weights"),
        (lambda m: Mixture([m, m], [0.5, 0.4]), "of sum 1. Received: .0.5, 0.4."),
        (lambda m: Mixture([m, m], [1.5, -0.5]), "of 0 or more"),
        (lambda m: Mixture([m, m], [np.nan, 1]), "of 0 or more"),
        (lambda m: Mixture([], []), "at least one model"),
        (lambda m: LogLinearMixture([m, m], [1.0]), "Expected 2 finite weights"),
        (lambda m: LogLinearMixture([m], [np.inf]), "Expected 1 finite weights"),
        (lambda m: log_linear_weights([m], []), "at least one sentence"),
        (lambda m: mix_streams([], []), "at least one model"),
        (lambda m: mix_streams([np.zeros(2), np.zeros(3)], [0.5, 0.5]), r"shapes: \(2,\), \(3,\)"),
        (lambda m: mix_streams([[np.nan]], [1]), "Received: nan"),
        (lambda m: em_weights([[-np.inf], [-np.inf]]), "Received: 1 tokens without one"),
        (lambda m: em_weights([[], []]), "Received: 0 tokens"),
        (lambda m: em_weights([[-1.0], [-1.0]], start=[0.5]), "Expected 2 weights"),
    ],
)
def test_wrong_arguments(random_model, call, message):
    with pytest.raises(ValueError, match=message):
        call(random_model(WORDS))


def test_distributions_without_a_common_token_are_refused(random_model):
    one, other = random_model(WORDS), random_model(WORDS, 2)
    rows = {}
    for model, possible in ((one, [4, END]), (other, [5, UNKNOWN])):
        row = np.full(7, -np.inf)
        row[possible] = np.log(0.5)
        rows[model] = row
        model.next_log_probs = lambda *past, row=row: row
    with pytest.raises(ValueError, match="all models of the mixture call possible"):
        LogLinearMixture([one, other], [0.5, 0.5]).next_log_probs()
    np.testing.assert_array_equal(
        LogLinearMixture([one, other], [1, 0]).next_log_probs(), rows[one]
    )
    with pytest.raises(ValueError, match="Received: a sentence with another"):
        log_linear_weights([one], ["b"])
