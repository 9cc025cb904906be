"""Reports on text and rankings against sums by hand."""

import json
import math

import numpy as np
import pytest

from kerasrnn.language_modeling import (
    UniformModel,
    mix_streams,
    rank,
    sentence_log_probs,
    stream_report,
    text_report,
    token_stream,
)
from kerasrnn.vocabulary import Vocabulary

WORDS = ["a", "bee", "c"]
TEXT = ["a bee", "", ["c", "new", "a", "a"], "bee"]


@pytest.mark.parametrize("carries_state", [False, True])
def test_a_report_by_hand(random_model, carries_state):
    model = random_model(WORDS, carries_state=carries_state)
    report = text_report(model, iter(TEXT))
    total = sum(float(score.sum()) for score in model.token_log_probs(TEXT))
    assert report.log_prob == pytest.approx(total)
    assert (report.tokens, report.words, report.sentences) == (11, 7, 4)
    assert report.perplexity == pytest.approx(math.exp(-total / 11))
    assert report.bits_per_token == pytest.approx(math.log2(report.perplexity))
    assert (report.unknown_words, report.out_of_vocabulary) == (1, pytest.approx(1 / 7))
    assert report.impossible_sentences == 0 and report.bits_per_character is None
    assert "5 tokens: 3 known ones" in report.vocabulary
    assert "1 of 7 words unknown (14.29%)" in str(report)
    assert "impossible" not in str(report)
    sums = sentence_log_probs(model, iter(TEXT))
    assert sums.shape == (4,) and sums.sum() == pytest.approx(total)


def test_reports_of_stored_streams(random_model):
    parts = [random_model(WORDS, seed) for seed in (1, 2)]
    streams = [token_stream(part, TEXT) for part in parts]
    vocabulary = parts[0].vocabulary
    assert stream_report(streams[0], TEXT, vocabulary) == text_report(parts[0], TEXT)
    mixed = stream_report(mix_streams(streams, [0.5, 0.5]), TEXT, vocabulary)
    wanted = -np.log((np.exp(streams[0]) + np.exp(streams[1])) / 2).mean()
    assert math.log(mixed.perplexity) == pytest.approx(wanted)


def test_impossible_sentences_are_counted():
    stream = np.array([-1.0, -np.inf, -np.inf, -3, -2, -np.inf, -4, -5, -1, -1, -1])
    report = stream_report(stream, TEXT, Vocabulary(WORDS))
    # Two tokens of the first one, its end among them, and one of the third.
    assert report.impossible_sentences == 2
    assert report.perplexity == report.bits_per_token == math.inf
    assert "4 sentences, 2 of them impossible;" in str(report)


def test_characters_have_bits_per_character():
    model = UniformModel(Vocabulary([*"abcdef"]))
    report = text_report(model, [[*"abba"], [*"cab"]])
    # Nine tokens of three bits each, over seven characters.
    assert report.bits_per_token == pytest.approx(3) and report.perplexity == pytest.approx(8)
    assert report.bits_per_character == pytest.approx(27 / 7)
    assert "(3.0000 bits per token, 3.8571 per character)" in str(report)
    assert json.loads(json.dumps(vars(report)))["tokens"] == 9


@pytest.mark.parametrize(
    "sentences, message",
    [
        ([], "at least one sentence. Received: an empty one"),
        (["x y", "z"], "Received: 3 unknown words and no other, the first of which is 'x'"),
    ],
)
def test_texts_that_say_nothing_are_refused(sentences, message):
    model = UniformModel(Vocabulary(WORDS))
    with pytest.raises(ValueError, match=message):
        text_report(model, sentences)
    with pytest.raises(ValueError, match=message):
        stream_report([], sentences, model.vocabulary)


def test_a_stream_of_another_text_is_refused():
    with pytest.raises(ValueError, match=r"each of 11 tokens. Received: shape \(7,\)"):
        stream_report(np.zeros(7), TEXT, Vocabulary(WORDS))


@pytest.mark.parametrize("carries_state", [False, True])
def test_ranking_scores_all_candidates_from_the_same_state(random_model, carries_state):
    model = random_model(WORDS, carries_state=carries_state)
    candidates = ["a a a", ["bee"], "a bee", "", "c new", ["bee"]]
    for per_token in (False, True):
        ranked = rank(model, iter(candidates), ["c", "a bee"], per_token)
        for sentence, value in ranked:
            score = model.token_log_probs(["c", "a bee", sentence])[-1]
            assert value == pytest.approx(score.mean() if per_token else score.sum())
        values = [value for _, value in ranked]
        assert values == sorted(values, reverse=True)
        assert sorted(map(str, candidates)) == sorted(str(sentence) for sentence, _ in ranked)
    # Equal ones keep their order.
    uniform = UniformModel(model.vocabulary)
    assert [s for s, _ in rank(uniform, ["bee c", "a", "c a", "c"])] == ["a", "c", "bee c", "c a"]
