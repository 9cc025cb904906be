"""The continuous cache, against loops over positions in NumPy."""

import numpy as np
import pytest

from kerasrnn.language_modeling import ContinuousCacheModel, NeuralModel
from kerasrnn.language_modeling.neural import continuous_cache, hidden_cache
from tests.language_modeling.neural_models import (
    BEGIN,
    SENTENCES,
    SIZE,
    VOCABULARY,
    ids_of,
    make,
    rows_by_hand,
)

ROWS = [ids_of(sentence) for sentence in SENTENCES]


def hidden_by_hand(model, rows, context):
    """`(n, U)`: what the recurrent layer gives for rows read each for itself, or all at once."""
    read = [np.array([[BEGIN, *row[:-1]]]) for row in rows]
    read = [np.concatenate(read, axis=1)] if context == "stream" else read
    embedding, stack = model.get_layer("token_embedding"), model.get_layer("recurrent")
    hidden = [np.array(stack(embedding(tokens))[0])[0] for tokens in read]
    return np.concatenate(hidden).astype("float64")


def brute_force(model, context, weight, flatness, window):
    """`(n, V)` probabilities, one position and one key at a time (Grave et al. 2017, section 3)."""
    hidden, labels = hidden_by_hand(model, ROWS, context), sum(ROWS, [])
    if context == "stream":
        probabilities = np.exp(rows_by_hand(model, labels))
    else:
        probabilities = np.exp(np.concatenate([rows_by_hand(model, row) for row in ROWS]))
    for t in range(1, len(labels)):
        cache = np.zeros(SIZE)
        for i in range(max(0, t - window), t):
            cache[labels[i]] += np.exp(flatness * hidden[t] @ hidden[i])
        probabilities[t] = (1 - weight) * probabilities[t] + weight * cache / cache.sum()
    return probabilities


@pytest.fixture(scope="module")
def neural():
    return {
        name: NeuralModel(make("gru full"), VOCABULARY, name) for name in ("sentence", "stream")
    }


@pytest.mark.parametrize("context", ["sentence", "stream"])
@pytest.mark.parametrize(
    "weight, flatness, window", [(0.3, 0.7, 1000), (0.1, 1.3, 7), (0.9, 0.0, 3), (0.5, 2.0, 1)]
)
def test_it_is_what_loops_give(neural, context, weight, flatness, window, monkeypatch):
    model = ContinuousCacheModel(neural[context], weight, flatness, window)
    expected = brute_force(neural[context].model, context, weight, flatness, window)
    labels = sum(ROWS, [])
    for read, compared in ((4096, 256), (11, 5), (1, 1)):
        monkeypatch.setattr(continuous_cache, "READ_AT_ONCE", read)
        monkeypatch.setattr(hidden_cache, "COMPARED_AT_ONCE", compared)
        got = model.token_log_probs(iter(SENTENCES))
        assert [each.shape for each in got] == [(len(row),) for row in ROWS]
        np.testing.assert_allclose(
            np.concatenate(got), np.log(expected[range(len(labels)), labels]), atol=1e-5
        )
        rows = np.concatenate(list(model.distributions(SENTENCES)))
        np.testing.assert_allclose(np.exp(rows), expected, atol=1e-5)
        np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, rtol=1e-12)
    starts = np.cumsum([0, *map(len, ROWS)])
    for i in (0, 2, 5):
        words = SENTENCES[i] if isinstance(SENTENCES[i], list) else SENTENCES[i].split()
        row = model.next_log_probs(words[:2], SENTENCES[:i])
        assert row.dtype == np.float64 and np.isneginf(row[[0, BEGIN]]).all()
        np.testing.assert_allclose(np.exp(row), expected[starts[i] + 2], atol=1e-5)


@pytest.mark.parametrize("context", ["sentence", "stream"])
def test_a_text_that_is_chosen_sentence_by_sentence(neural, context):
    model = ContinuousCacheModel(neural[context], 0.4, 0.7, window=11)
    expected = model.token_log_probs(SENTENCES)
    with model.session() as session:
        for i, sentence in enumerate(SENTENCES):
            other, got = session.score(["g g g g", sentence])
            np.testing.assert_allclose(got, expected[i], atol=1e-5)
            np.testing.assert_allclose(
                other, model.token_log_probs([*SENTENCES[:i], "g g g g"])[-1], atol=1e-5
            )
            session.accept(sentence)


def test_without_weight_it_is_the_model(neural):
    model = ContinuousCacheModel(neural["stream"], weight=0)
    for one, other in zip(
        model.token_log_probs(SENTENCES), neural["stream"].token_log_probs(SENTENCES), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert model.token_log_probs([]) == list(model.distributions([])) == []


def test_flatness_of_nothing_counts_tokens(neural):
    """The shares of the last five tokens, whatever their states."""
    model = ContinuousCacheModel(neural["sentence"], 0.5, 0.0, window=5)
    static = np.exp(neural["sentence"].next_log_probs([]))
    got = 2 * np.exp(model.next_log_probs([], ["a b a", "c"])) - static
    expected = np.zeros(SIZE)
    expected[[4, 5, 6, 3]] = 0.2, 0.2, 0.2, 0.4  # b a end c end
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_the_best_pair_is_found(neural):
    weights, flatnesses = (0.1, 0.4), (0.0, 0.6, 1.1)
    best, perplexities = ContinuousCacheModel.tune(
        neural["stream"], SENTENCES * 3, weights, flatnesses, window=23
    )
    expected = {}
    for pair in [(weight, theta) for weight in weights for theta in flatnesses]:
        model = ContinuousCacheModel(neural["stream"], *pair, window=23)
        log_probs = np.concatenate(model.token_log_probs(SENTENCES * 3))
        expected[pair] = np.exp(-log_probs.mean())
    assert perplexities == pytest.approx(expected)
    assert (best.weight, best.flatness) == min(expected, key=expected.get) and best.window == 23


@pytest.mark.parametrize(
    "options, message",
    [
        ({"weight": 1}, "`weight` to be a number from 0 to below 1. Received: 1"),
        ({"weight": -0.1}, "`weight` to be a number from 0 to below 1. Received: -0.1"),
        ({"flatness": -1}, "`flatness` to be a finite number of at least 0. Received: -1"),
        ({"window": 0}, "`window` to be an integer of at least 1. Received: 0"),
    ],
)
def test_what_is_out_of_range_is_refused(neural, options, message):
    with pytest.raises(ValueError, match=message):
        ContinuousCacheModel(neural["stream"], **options)


def test_nothing_to_tune_on_is_refused(neural):
    with pytest.raises(ValueError, match="at least one sentence.*Received: 0, 4 and 6"):
        ContinuousCacheModel.tune(neural["stream"], [])
    with pytest.raises(ValueError, match="`weights`.*Received: 6, 0 and 6"):
        ContinuousCacheModel.tune(neural["stream"], SENTENCES, weights=())
