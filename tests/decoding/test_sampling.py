"""Sampling against the distributions it should have, and constraints against plain Python."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from kerasrnn.decoding import (
    ban,
    decode,
    ensemble,
    force_prefix,
    greedy,
    min_length,
    no_repeat_ngram,
    repeat_rows,
    sampling,
)
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

V = 7
LOGITS = np.log([0.4, 0.02, 0.25, 0.08, 0.15, 0.07, 0.03]).astype("float32")


def kept(temperature=1.0, top_k=0, top_p=1.0):
    """The distribution that is to be drawn from, token by token in Python."""
    shares = np.exp((LOGITS - LOGITS.max()).astype("float64") / max(temperature, 1e-9))
    shares /= shares.sum()
    order = sorted(range(V), key=lambda i: -shares[i])[: top_k or V]
    if temperature == 0:
        order = order[:1]
    total, nucleus = sum(shares[i] for i in order), []
    for i in order:
        nucleus.append(i)
        if sum(shares[j] for j in nucleus) >= top_p * total - 1e-9:
            break
    return np.array([shares[i] if i in nucleus else 0 for i in range(V)]) / shares[nucleus].sum()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"temperature": 0.5},
        {"temperature": 2.0},
        {"temperature": 0.0},
        {"top_k": 3},
        {"top_k": 100},
        {"top_p": 0.6},
        {"top_p": 1e-4},
        {"temperature": 1.7, "top_k": 5, "top_p": 0.8},
    ],
    ids=str,
)
def test_each_token_is_drawn_as_often_as_it_should(options):
    # Evenly spaced chances instead of random ones: the shares come out exactly.
    number = 20_011
    uniforms = ((np.arange(number) + 0.5) / number).astype("float32")[:, None]
    drawn = sampling(uniforms, **options)(np.tile(LOGITS, (number, 1)), 0)
    shares = np.bincount(drawn, minlength=V) / number
    np.testing.assert_allclose(shares, kept(**options), atol=2e-4)


def test_each_row_has_its_own_options():
    options = [(1.0, 0, 1.0), (0.5, 2, 1.0), (0.0, 0, 1.0), (2.0, 0, 0.5), (1.0, 5, 0.9)]
    uniforms = np.random.default_rng(1).random((5, 3)).astype("float32")
    temperature, top_k, top_p = (np.array(column) for column in zip(*options, strict=True))
    logits = np.tile(LOGITS, (5, 1))
    together = sampling(uniforms, temperature, top_k, top_p)
    for t in range(3):
        alone = [
            int(sampling(uniforms[i : i + 1], *options[i])(logits[:1], t)[0]) for i in range(5)
        ]
        assert together(logits, t).numpy().tolist() == alone


@pytest.mark.parametrize("chance", [0.0, 0.5, np.nextafter(np.float32(1), np.float32(0))])
def test_what_is_forbidden_is_never_drawn(chance):
    logits = np.full((1, 50_021), -1e9, "float32")
    logits[0, 1_009::17] = np.random.default_rng(1).normal(size=logits[0, 1_009::17].shape)
    uniforms = np.full((1, 1), chance, "float32")
    for options in ({}, {"temperature": 100.0}, {"top_p": 0.9}, {"top_k": 5}):
        (token,) = sampling(uniforms, **options)(logits, 0).numpy()
        assert token >= 1_009 and (token - 1_009) % 17 == 0


def uniform_step(tokens, states):
    return ops.zeros((ops.shape(tokens)[0], V)), states


def drawn(rows=23, max_length=11, **options):
    uniforms = keras.random.uniform((rows, int(np.max(max_length))), seed=3)
    states = {"h": ops.zeros((rows, 1))}
    options = {"draw": sampling(uniforms), **options}
    return decode(uniform_step, states, max_length=max_length, **options)


def test_the_same_seed_draws_the_same_and_rows_differ():
    one, other = drawn()["ids"].numpy(), drawn()["ids"].numpy()
    np.testing.assert_array_equal(one, other)
    assert len({tuple(row) for row in one}) > 10


def test_never_ends_too_soon_nor_late():
    found = drawn(constraints=[min_length(5)], max_length=np.arange(1, 24) % 11 + 1)
    limits = np.arange(1, 24) % 11 + 1
    ids, lengths = found["ids"].numpy(), found["lengths"].numpy()
    assert (lengths >= np.minimum(limits, 6)).all() and (lengths <= limits).all()
    assert (ids[:, :5] != END).all() and (ids == END).any()
    np.testing.assert_allclose(found["log_prob"], -np.log(V) * lengths, rtol=1e-5)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_no_ngram_comes_twice(size):
    repeated = [len(grams) > len(set(grams)) for grams in ngrams(drawn()["ids"], size)]
    assert any(repeated)  # unless it is forbidden
    found = drawn(constraints=[no_repeat_ngram(size)])
    for grams in ngrams(found["ids"], size):
        assert len(grams) == len(set(grams))
    # Nothing else is forbidden: another draw can be any of the tokens that are left.
    rows, T = 5, 7
    ids = np.random.default_rng(2).integers(4, V, (rows, T)).astype("int32")
    for t in range(T):
        past = np.where(np.arange(T) < t, ids, 0)
        forbidden = no_repeat_ngram(size)(ops.zeros((rows, V), "bool"), past, t).numpy()
        for row in range(rows):
            for token in range(V):
                grams = list(zip(*(past[row, i:t] for i in range(size)), strict=False))
                wanted = (*past[row, t - size + 1 : t], token) if t >= size - 1 else None
                assert forbidden[row, token] == (wanted in grams), (row, t, token)


def ngrams(ids, size):
    for row in ids.numpy():
        row = [i for i in row.tolist() if i not in (PADDING, END)]
        yield list(zip(*(row[i:] for i in range(size)), strict=False))


def test_a_prefix_has_the_last_word():
    prefix = np.zeros((3, 4), "int32")
    prefix[0, :4], prefix[1, :2] = [UNKNOWN, 5, 5, 5], [6, BEGIN]
    constraints = [no_repeat_ngram(1), min_length(3), force_prefix(prefix)]
    found = drawn(3, constraints=constraints)
    for row, wanted in zip(found["ids"].numpy().tolist(), prefix.tolist(), strict=True):
        wanted = [i for i in wanted if i]
        assert row[: len(wanted)] == wanted
        assert not {UNKNOWN, BEGIN} & set(row[len(wanted) :])
    np.testing.assert_allclose(found["log_prob"], -np.log(V) * found["lengths"].numpy(), rtol=1e-5)


def test_ban():
    ids = drawn(banned=(PADDING, END), constraints=[ban(4, 6)])["ids"].numpy()
    assert set(ids.ravel().tolist()) == {UNKNOWN, BEGIN, 5}


@pytest.mark.parametrize("size", [0, -1])
def test_no_ngrams_of_nothing(size):
    with pytest.raises(ValueError, match="`size` to be an integer of at least 1"):
        no_repeat_ngram(size)


def test_repeated_rows_lie_side_by_side():
    values = np.arange(12).reshape(2, 3, 2)
    np.testing.assert_array_equal(repeat_rows(values, 5), np.repeat(values, 5, axis=0))


def table_member(table):
    def step(tokens, states):
        return ops.take(table, tokens, axis=0), {"steps": states["steps"] + 1}

    return step, {"steps": ops.zeros((1, 1))}


def test_an_ensemble_averages_probabilities():
    rng = np.random.default_rng(5)
    members = [rng.normal(size=(V, V)).astype("float32") * 3 for _ in range(3)]
    step, states = ensemble([table_member(table) for table in members])
    shares = np.mean([np.exp(t) / np.exp(t).sum(-1, keepdims=True) for t in members], axis=0)
    for token in range(V):
        logits, new_states = step(np.array([token]), states)
        np.testing.assert_allclose(np.exp(logits[0]), shares[token], rtol=1e-5)
        assert [float(value[0, 0]) for value in new_states.values()] == [1, 1, 1]
    alone = decode(*table_member(members[0]), max_length=7)
    twice = decode(*ensemble([table_member(members[0])] * 2), max_length=7, draw=greedy)
    np.testing.assert_array_equal(alone["ids"], twice["ids"])
    np.testing.assert_allclose(alone["log_prob"], twice["log_prob"], rtol=1e-5)


def test_an_ensemble_of_nothing_or_of_other_vocabularies():
    with pytest.raises(ValueError, match="at least one model"):
        ensemble([])
    members = [table_member(np.zeros((V, size), "float32")) for size in (V, V + 2)]
    step, states = ensemble(members)
    with pytest.raises(ValueError, match=r"same vocabulary. Received: sizes \[7, 9\]"):
        step(np.array([1]), states)


def test_all_pairs_of_constraints_agree_in_any_order():
    rules = [ban(4), min_length(3), no_repeat_ngram(2)]
    results = [drawn(constraints=order)["ids"].numpy() for order in itertools.permutations(rules)]
    assert all(np.array_equal(results[0], other) for other in results)
