"""Beam search against trying all sequences, and against a beam of plain Python lists."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasrnn import encoder_decoder, views
from kerasrnn.decoding import (
    beam_search,
    decode,
    force_prefix,
    min_length,
    no_repeat_ngram,
    repeat_rows,
    step_function,
)
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

V, S, MAX_LENGTH = 7, 3, 4
ALLOWED = [i for i in range(V) if i not in (PADDING, UNKNOWN, BEGIN)]


def tables(rows, seed=1):
    """Of each row a model that knows the last token: logits, and where it looks, `(V, S)`."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(rows, V, V)) * 2
    attention = rng.dirichlet(np.ones(S) / 2, size=(rows, V))
    return logits.astype("float32"), attention.astype("float32")


def table_step(logits, attention, width):
    """A step over the tables, whose only state says which row it is, and what it has covered."""

    def step(tokens, states):
        rows = ops.cast(states["row"][:, 0], "int32")
        places = rows * V + tokens
        covered = states["coverage"] + ops.take(ops.reshape(attention, (-1, S)), places, axis=0)
        new = {"row": states["row"], "coverage": covered}
        return ops.take(ops.reshape(logits, (-1, V)), places, axis=0), new

    rows = repeat_rows(np.arange(len(logits), dtype="float32")[:, None], width)
    return step, {"row": rows, "coverage": ops.zeros((len(logits) * width, S))}


def score_of(ids, logits, attention, alpha, beta):
    """The log-probability of ids by one row's tables, and Wu's score."""
    log_probs = logits - np.log(np.exp(logits.astype("float64")).sum(-1, keepdims=True))
    steps = list(zip((BEGIN, *ids), ids, strict=False))
    log_prob = sum(log_probs[before, token] for before, token in steps)
    covered = sum(attention[before] for before, _ in steps)
    score = log_prob / ((5 + len(ids)) / 6) ** alpha
    return log_prob, score + beta * np.log(np.minimum(covered, 1)).sum()


def all_sequences():
    inner = [i for i in ALLOWED if i != END]
    for length in range(MAX_LENGTH):
        for tokens in itertools.product(inner, repeat=length):
            yield (*tokens, END)
    yield from itertools.product(inner, repeat=MAX_LENGTH)


@pytest.mark.parametrize("alpha, beta", [(0, 0), (1.0, 0), (0.6, 0.2), (0, 0.5)])
def test_a_wide_beam_finds_what_trying_all_finds(alpha, beta):
    logits, attention = tables(5)
    width = len(list(all_sequences()))
    step, states = table_step(logits, attention, width)
    options = {"length_penalty": alpha, "coverage_penalty": beta}
    found = beam_search(step, states, width=width, max_length=MAX_LENGTH, best=11, **options)
    for row in range(5):
        scored = {
            ids: score_of(ids, logits[row], attention[row], alpha, beta) for ids in all_sequences()
        }
        received = [tuple(int(i) for i in ids if i) for ids in found["ids"][row]]
        assert len(set(received)) == 11
        # By their scores: those that make the same steps in another order are equally likely.
        best = sorted((score for _, score in scored.values()), reverse=True)[:11]
        log_probs, scores = zip(*(scored[ids] for ids in received), strict=True)
        np.testing.assert_allclose(scores, best, rtol=1e-6)
        np.testing.assert_allclose(found["score"][row], scores, rtol=1e-4)
        np.testing.assert_allclose(found["log_prob"][row], log_probs, rtol=1e-4)
        assert found["lengths"][row].numpy().tolist() == [len(ids) for ids in received]


def beam_of_lists(logits, attention, width, alpha, beta):
    """The documented rule, with lists: returns the ended hypotheses, best first."""

    def score(ids):
        return score_of(ids, logits, attention, alpha, beta)[1]

    def probability(ids):
        return score_of(ids, logits, attention, 0, 0)[0]

    opened, ended = [()], []
    for _ in range(1, MAX_LENGTH + 1):
        longer = [(*ids, token) for ids in opened for token in ALLOWED]
        longer = sorted(longer, key=probability, reverse=True)[: 2 * width]
        ended += [ids for ids in longer[:width] if ids[-1] == END]
        opened = [ids for ids in longer if ids[-1] != END][:width]
        bound = probability(opened[0]) / ((5 + MAX_LENGTH) / 6) ** alpha
        if len(ended) >= width or (ended and max(map(score, ended)) >= bound):
            return sorted(ended, key=score, reverse=True)
    return sorted(ended + opened, key=score, reverse=True)


@pytest.mark.parametrize("width", [1, 2, 3, 5])
@pytest.mark.parametrize("alpha, beta", [(0, 0), (1.0, 0), (0.6, 0.2)])
def test_follows_its_rule(width, alpha, beta):
    logits, attention = tables(31, seed=3)
    step, states = table_step(logits, attention, width)
    options = {"length_penalty": alpha, "coverage_penalty": beta}
    found = beam_search(step, states, width=width, max_length=MAX_LENGTH, **options)
    for row in range(31):
        right = beam_of_lists(logits[row], attention[row], width, alpha, beta)[0]
        assert tuple(int(i) for i in found["ids"][row, 0] if i) == right


def test_width_1_is_greedy_search():
    logits, attention = tables(41, seed=5)
    step, states = table_step(logits, attention, 1)
    for options in ({}, {"length_penalty": 1.0}, {"coverage_penalty": 0.3}):
        found = beam_search(step, states, width=1, max_length=MAX_LENGTH, **options)
        greedy = decode(step, states, max_length=MAX_LENGTH)
        np.testing.assert_array_equal(found["ids"][:, 0], greedy["ids"])
        np.testing.assert_allclose(found["log_prob"][:, 0], greedy["log_prob"], rtol=1e-6)


def test_a_row_alone_gives_what_it_gives_in_a_batch():
    logits, attention = tables(13, seed=7)
    options = {"width": 3, "best": 3, "length_penalty": 0.6, "coverage_penalty": 0.2}
    together = beam_search(*table_step(logits, attention, 3), max_length=7, **options)
    for row in range(13):
        one = slice(row, row + 1)
        alone = beam_search(*table_step(logits[one], attention[one], 3), max_length=7, **options)
        steps = alone["ids"].shape[-1]
        np.testing.assert_array_equal(alone["ids"][0], together["ids"][row, :, :steps])
        assert not together["ids"][row, :, steps:].numpy().any()
        np.testing.assert_allclose(alone["score"][0], together["score"][row], rtol=1e-6)


def test_constraints_hold_in_every_hypothesis():
    logits, attention = tables(11, seed=9)
    prefix = repeat_rows(np.array([[5, 6]] * 11, "int32"), 3)
    step, states = table_step(logits, attention, 3)
    constraints = [min_length(4), no_repeat_ngram(2), force_prefix(prefix)]
    found = beam_search(step, states, width=3, best=3, max_length=6, constraints=constraints)
    for ids in found["ids"].numpy().reshape(-1, found["ids"].shape[-1]).tolist():
        assert ids[:2] == [5, 6] and not {PADDING, UNKNOWN, BEGIN} & set(ids[:4])
        ids = [i for i in ids if i]
        assert len(ids) >= 4 and END not in ids[:4]
        pairs = list(itertools.pairwise(ids))
        assert len(set(pairs)) == len(pairs)


def test_what_is_missing_is_said():
    logits, attention = tables(2)
    step, states = table_step(logits, attention, 3)
    only_end = beam_search(
        step, states, width=3, best=3, max_length=5, banned=tuple(i for i in range(V) if i != END)
    )
    assert only_end["ids"][:, 0, 0].numpy().tolist() == [END, END]
    assert only_end["lengths"].numpy().tolist() == [[1, 0, 0]] * 2
    assert only_end["score"][:, 1:].numpy().tolist() == [[-1e9, -1e9]] * 2


@pytest.mark.parametrize("attention", [None, "dot"])
def test_of_a_model_in_a_graph_for_all_shapes(attention):
    keras.utils.set_random_seed(3)
    model = encoder_decoder(13, 11, units=5, cell="gru", attention=attention)
    encode, step = views.encode(model), views.step(model)
    coverage = attention is not None
    traces = []

    @tf.function(input_signature=[tf.TensorSpec((None, None), tf.int32)])
    def search(source):
        traces.append(1)
        encoded = encode(source, training=False)
        parts = step_function(step, encoded, copies=3, coverage=coverage)
        penalty = 0.2 if coverage else 0.0
        return beam_search(*parts, width=3, best=2, max_length=7, coverage_penalty=penalty)

    source = np.random.default_rng(1).integers(4, 13, (5, 7)).astype("int32")
    source[1, 3:] = 0
    together = search(source)
    assert together["ids"].shape[:2] == (5, 2)
    alone = search(source[1:2, :3])
    steps = alone["ids"].shape[-1]
    np.testing.assert_array_equal(alone["ids"][0], together["ids"][1, :, :steps])
    np.testing.assert_allclose(alone["score"][0], together["score"][1], rtol=1e-4)
    assert len(traces) == 1
    assert search(source[:0])["ids"].shape[:2] == (0, 2)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"width": 0}, "`width` to be an integer of at least 1"),
        ({"width": 2, "best": 3}, "`best` to be an integer from 1 to 2. Received: 3"),
        (
            {"width": 2, "length_penalty": -1},
            "`length_penalty` to be a finite number",
        ),
        ({"width": 2, "coverage_penalty": 0.1}, "`coverage` among the states"),
    ],
)
def test_wrong_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        beam_search(None, {"h": ops.zeros((2, 3))}, max_length=5, **options)
