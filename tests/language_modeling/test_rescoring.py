"""Rescoring, its tuning and word error rates against brute force and a textbook's distance."""

import dataclasses
import itertools
import sys

import numpy as np
import pytest

from kerasrnn.language_modeling import (
    Cache,
    Hypothesis,
    Mixture,
    NBestList,
    RescoringWeights,
    SpellingConfusions,
    UniformModel,
    bootstrap_interval,
    compare,
    first_best,
    hypothesis_errors,
    mix_streams,
    oracle,
    reorder,
    rescore,
    score_nbest,
    simulate_nbest,
    tune_rescoring,
    word_errors,
)
from kerasrnn.language_modeling.rescoring.reordering import total_scores
from kerasrnn.language_modeling.rescoring.rescoring_weights import _upper_envelope
from kerasrnn.vocabulary import Vocabulary

WORDS = ["cat", "cats", "hat", "that", "the", "sat", "mat", "on", "one"]


def simulated(rng, number=7, size=11, **options):
    said = [rng.choice(WORDS, rng.integers(0, 7)).tolist() for _ in range(number)]
    said[0] = ["the", "cat"]
    return simulate_nbest(said, SpellingConfusions(WORDS, 3), size, **options)


def test_word_errors_against_the_textbook(rng, edits):
    texts = [
        [rng.choice(["a", "b", "c", "\u3000 ", ""], rng.integers(0, 9)).tolist() for _ in range(2)]
        for _ in range(211)
    ]
    references, answers = zip(*texts, strict=True)
    found = word_errors(references, answers)
    assert found.errors.tolist() == [edits(*pair) for pair in texts]
    assert found.words.tolist() == [len(each) for each in references]
    assert found.rate == pytest.approx(sum(edits(*p) for p in texts) / sum(map(len, references)))
    # What is inserted and not deleted makes the difference in length.
    longer = [len(answer) - len(reference) for reference, answer in texts]
    assert (found.insertions - found.deletions).tolist() == longer


def test_word_errors_by_kind():
    found = word_errors(["a b c", "d", "", "e f"], ["a x c", "", "y z", "e f"])
    assert found.substitutions.tolist() == [1, 0, 0, 0]
    assert found.deletions.tolist() == [0, 1, 0, 0]
    assert found.insertions.tolist() == [0, 0, 2, 0]
    assert found.rate == pytest.approx(4 / 6)


def test_without_jiwer_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(ValueError, match=r"pip install 'kerasrnn\[rescoring\]'"):
        word_errors(["a"], ["a"])


def test_the_bootstrap_against_all_samples():
    """Of three utterances there are 27 equally probable samples."""
    found = word_errors(["a b", "c", "d e f"], ["a x", "c", "x"])
    better = word_errors(["a b", "c", "d e f"], ["a b", "x", "d"])
    rates, changes = [], []
    for drawn in itertools.product(range(3), repeat=3):
        words = sum(int(found.words[i]) for i in drawn)
        rates.append(sum(int(found.errors[i]) for i in drawn) / words)
        changes.append(sum(int(better.errors[i] - found.errors[i]) for i in drawn) / words)
    low, high = bootstrap_interval(found, confidence=0.8, samples=200_003)
    assert low == pytest.approx(np.quantile(rates, 0.1, method="inverted_cdf"))
    assert high == pytest.approx(np.quantile(rates, 0.9, method="inverted_cdf"))
    result = compare(found, better, samples=200_003)
    wanted = np.mean([change < 0 for change in changes]) + np.mean(np.equal(changes, 0)) / 2
    assert result.probability_of_improvement == pytest.approx(wanted, abs=0.005)
    assert result.difference == pytest.approx(better.rate - found.rate)
    assert result.low <= result.difference <= result.high
    assert compare(found, better) == compare(found, better)
    assert bootstrap_interval(found, seed=2) == bootstrap_interval(found, seed=2)
    assert compare(found, found).probability_of_improvement == 0.5


def test_simulated_lists_are_seeded_and_say_what_they_are(rng):
    lists, references = simulated(np.random.default_rng(3), seed=5)
    again, _ = simulated(np.random.default_rng(3), seed=5)
    other, _ = simulated(np.random.default_rng(3), seed=6)
    assert lists == again and lists != other
    assert all(each.utterance.startswith("simulated-") for each in lists)
    assert list(references) == [each.utterance for each in lists]
    for each in lists:
        scores = [hypothesis.acoustic for hypothesis in each.hypotheses]
        assert scores == sorted(scores, reverse=True) and len(scores) <= 11
        assert len({hypothesis.words for hypothesis in each.hypotheses}) == len(scores)
    # A sentence's noise is its own.
    confusions = SpellingConfusions(WORDS)
    alone, _ = simulate_nbest(["the cat"], confusions)
    more, _ = simulate_nbest(["the cat", "on", "on"], confusions)
    assert alone[0] == more[0] and more[1].hypotheses != more[2].hypotheses


def test_words_are_confused_with_what_is_spelled_alike():
    confusions = SpellingConfusions(WORDS, 2)
    assert confusions.of("cat")[0][0] == "cats"
    assert {word for word, _ in confusions.of("hats")} <= {"hat", "that", "cats"}
    assert all(0 <= like <= 1 for word in WORDS for _, like in confusions.of(word))
    assert all(word not in dict(confusions.of(word)) for word in WORDS)
    with pytest.raises(ValueError, match="at least one letter"):
        SpellingConfusions([])


def test_weight_0_keeps_the_order(rng, random_model):
    lists, _ = simulated(rng)
    model = random_model(WORDS)
    assert rescore(lists, model, RescoringWeights(lm_weight=0.0)) == lists
    # By the first pass where that counted; and without any scores at all.
    words = [("cat",), ("the", "cat"), ("hat",)]
    first = NBestList(
        "x", tuple(Hypothesis(w, -i, 3 * i) for w, i in zip(words, (3, 2, 1), strict=True))
    )
    weights = RescoringWeights(lm_weight=0.0, first_pass_weight=1.0)
    assert rescore([first], model, weights) == [first]
    plain = NBestList("x", tuple(Hypothesis(w) for w in words))
    assert rescore([plain], model, RescoringWeights(lm_weight=0.0)) == [plain]
    never = [[np.array([-np.inf]), np.array([-1.0]), np.array([-np.inf])]]
    assert reorder([plain], never, RescoringWeights(lm_weight=0.0)) == [plain]
    assert reorder([plain], never, RescoringWeights())[0].first_best == words[1]


def test_the_total_by_hand(rng, random_model):
    (nbest,), _ = simulate_nbest(["the cat"], SpellingConfusions(WORDS), 5)
    nbest = NBestList("x", tuple(Hypothesis(h.words, h.acoustic, -7.0) for h in nbest.hypotheses))
    model, weights = random_model(WORDS), RescoringWeights(0.5, 0.75, -1.25, 0.25)
    scores = score_nbest(model, [nbest], weights)[0]
    wanted = [
        0.5 * h.acoustic
        + 0.75 * model.token_log_probs([h.words])[0].sum()
        - 1.25 * len(h.words)
        - 1.75
        for h in nbest.hypotheses
    ]
    np.testing.assert_allclose(total_scores(nbest, scores, weights), wanted)
    (found,) = rescore([nbest], model, weights)
    order = sorted(range(5), key=lambda i: -wanted[i])
    assert [h.words for h in found.hypotheses] == [nbest.hypotheses[i].words for i in order]


def test_a_model_that_carries_state_goes_on_from_its_own_answers(rng, random_model):
    lists, _ = simulated(rng)
    weights = RescoringWeights(lm_weight=2.0, word_insertion_penalty=1.5)
    cache = Cache(Vocabulary(WORDS), 2, 0.01)
    for model in (
        random_model(WORDS, 7, True),
        cache,
        Mixture([random_model(WORDS), cache], [0.5, 0.5]),
    ):
        chosen, wanted = [], []
        for each in lists:
            scores = [model.token_log_probs([*chosen, h.words])[-1].sum() for h in each.hypotheses]
            order = np.argsort(-total_scores(each, scores, weights), kind="stable")
            wanted.append([each.hypotheses[i].words for i in order])
            chosen.append(wanted[-1][0])
        found = rescore(lists, model, weights)
        assert [[h.words for h in each.hypotheses] for each in found] == wanted
        assert first_best(found) == dict(zip(first_best(lists), chosen, strict=True))


def test_a_session_ends_also_by_an_exception(random_model):
    ended = []

    class Failing(type(random_model(WORDS).session())):
        def score(self, candidates):
            raise RuntimeError("no memory")

        def __exit__(self, *error):
            ended.append(True)

    model = random_model(WORDS, carries_state=True)
    model.session = lambda: Failing(model)
    mixture = Mixture([UniformModel(model.vocabulary), model], [0.5, 0.5])
    for each in (model, mixture):
        with pytest.raises(RuntimeError):
            rescore([NBestList("x", (Hypothesis(("cat",)),))], each, RescoringWeights())
    assert ended == [True, True]


def test_scores_of_models_mix_hypothesis_by_hypothesis(rng, random_model):
    lists, _ = simulated(rng)
    parts = [random_model(WORDS, 1), random_model(WORDS, 2)]
    scores = [score_nbest(part, lists) for part in parts]
    mixed = [
        [mix_streams(streams, [0.3, 0.7]) for streams in zip(*each, strict=True)]
        for each in zip(*scores, strict=True)
    ]
    weights = RescoringWeights()
    wanted = rescore(lists, Mixture(parts, [0.3, 0.7]), weights)
    assert reorder(lists, mixed, weights) == wanted


def test_the_oracle_is_the_bound(rng, edits):
    lists, references = simulated(rng, 23)
    errors = hypothesis_errors(lists, references)
    best = oracle(lists, references)
    for each, wrong in zip(lists, errors, strict=True):
        wanted = [edits(h.words, references[each.utterance]) for h in each.hypotheses]
        assert wrong.tolist() == wanted
        assert edits(best[each.utterance], references[each.utterance]) == min(wanted)
    with pytest.raises(ValueError, match="Received: none for 'simulated-0' and 22 others"):
        oracle(lists, {})


@pytest.mark.parametrize("seed", range(13))
def test_envelopes_against_many_values(seed):
    rng = np.random.default_rng(seed)
    heights, slopes = rng.integers(-5, 5, (2, 11)).astype(float)
    for low in (-np.inf, 0.0):
        winners, points = _upper_envelope(heights, slopes, low)
        assert points == sorted(points) and all(point > low for point in points)
        for x in rng.uniform(max(low, -12), 12, 101):
            totals = heights + slopes * x
            winner = winners[np.searchsorted(points, x)]
            assert totals[winner] == pytest.approx(totals.max())


@pytest.mark.parametrize("seed", range(5))
def test_tuning_beats_a_grid(seed, random_model):
    rng = np.random.default_rng(seed)
    lists, references = simulated(rng, 31, 17)
    scores = score_nbest(random_model(WORDS, seed), lists)
    weights, errors = tune_rescoring(lists, scores, references)
    answers = first_best(reorder(lists, scores, weights))
    found = word_errors(list(references.values()), [answers[name] for name in references])
    assert found.errors.sum() == errors
    assert tune_rescoring(lists, scores, references) == (weights, errors)
    assert weights.lm_weight >= 0 and weights.first_pass_weight == 0
    # Each weight is the best while the other stays.
    wrong = hypothesis_errors(lists, references)
    for value in np.linspace(-5, 5, 41):
        for other in (
            dataclasses.replace(weights, lm_weight=abs(value)),
            dataclasses.replace(weights, word_insertion_penalty=value),
        ):
            total = sum(
                each_wrong[total_scores(each, each_scores, other).argmax()]
                for each, each_scores, each_wrong in zip(lists, scores, wrong, strict=True)
            )
            assert errors <= total


def test_tuning_knows_the_first_pass(rng):
    """Where the list's own language score is what tells right from wrong."""
    lists, references = [], {}
    for i in range(7):
        lists.append(
            NBestList(
                str(i), (Hypothesis(("wrong",), 0.0, -5.0), Hypothesis(("right",), -3.0, 0.0))
            )
        )
        references[str(i)] = "right"
    scores = [[-1.0, -1.0]] * 7
    weights, errors = tune_rescoring(lists, scores, references)
    assert errors == 0 and weights.first_pass_weight > 0.6
    # A hypothesis that the model calls impossible is not chosen.
    weights, errors = tune_rescoring(lists, [[-np.inf, -50.0]] * 7, references)
    assert errors == 0 and weights.lm_weight > 0


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: word_errors(["a"], []), "each of 1 references. Received: 0 answers"),
        (lambda: word_errors(["", ""], ["a", "b"]), "at least one word. Received: 2 without any"),
        (
            lambda: bootstrap_interval(word_errors(["a"], ["b"]), 1.5),
            "`confidence` to be a number above 0 to below 1",
        ),
        (lambda: bootstrap_interval(word_errors(["a"], ["b"]), "0.9"), "`confidence`.*'0.9'"),
        (
            lambda: bootstrap_interval(word_errors(["a"], ["b"]), samples=0),
            "`samples` to be an int",
        ),
        (
            lambda: compare(word_errors(["a"], ["b"]), word_errors(["a b"], ["b"])),
            "1 utterances of 1 words and 1 of 2",
        ),
        (lambda: tune_rescoring([], [], {}), "at least one n-best list"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
