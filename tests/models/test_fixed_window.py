"""Models of a fixed window against NumPy, and what they cannot see."""

import keras
import numpy as np
import pytest

from kerasrnn import cbow, fixed_window_language_model
from kerasrnn.vocabulary import BEGIN

B, T, V, E, U, N = 2, 7, 11, 3, 5, 4


def build(combine="concatenate", **options):
    model = fixed_window_language_model(
        V, window=N, combine=combine, units=U, embedding=E, **options
    )
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model


def windows(ids):
    """The ids t − N + 1, …, t of each step, the begin id before the first."""
    before = np.concatenate([np.full((len(ids), N - 1), BEGIN), ids], axis=1)
    return np.stack([before[:, t : t + N] for t in range(ids.shape[1])], axis=1)


def expected_logits(model, combine, ids):
    vectors, *weights = model.get_weights()
    seen = vectors[windows(ids)]  # (B, T, N, E)
    if combine == "mean":
        hidden = seen.mean(axis=2)
    else:
        kernel, bias, *weights = weights
        # Bengio et al. (2003): each place has a part of the matrix of its own.
        parts = kernel.reshape(N, E, U)
        hidden = np.tanh(sum(seen[:, :, i] @ parts[i] for i in range(N)) + bias)
    kernel, bias = weights
    return hidden @ kernel + bias


@pytest.mark.parametrize("combine", ["concatenate", "mean"])
@pytest.mark.parametrize("dropout", [0, 0.5])
def test_against_numpy(rng, combine, dropout):
    model, ids = build(combine, dropout=dropout), rng.integers(1, V, (B, T))
    np.testing.assert_allclose(model(ids), expected_logits(model, combine, ids), atol=1e-5)


@pytest.mark.parametrize("combine", ["concatenate", "mean"])
def test_only_the_window_matters(rng, combine):
    model, ids = build(combine), rng.integers(1, V, (B, T))
    logits = model(ids).numpy()
    beyond = ids.copy()
    beyond[:, : T - N] = ids[:, : T - N] % (V - 1) + 1  # each another one
    np.testing.assert_array_equal(model(beyond)[:, -1], logits[:, -1])
    for i in range(N):
        changed = ids.copy()
        changed[:, T - 1 - i] = ids[:, T - 1 - i] % (V - 1) + 1
        assert not np.isclose(model(changed)[:, -1], logits[:, -1]).all(axis=-1).any()


def test_order_matters_to_the_concatenation_and_not_to_the_mean(rng):
    ids = np.array([[4, 5, 6, 7, 8, 9, 10]])
    shuffled = ids.copy()
    shuffled[:, T - N :] = ids[:, [5, 3, 6, 4]]
    concatenated, mean = build("concatenate"), build("mean")
    assert not np.allclose(concatenated(shuffled)[:, -1], concatenated(ids)[:, -1], atol=0.1)
    np.testing.assert_allclose(mean(shuffled)[:, -1], mean(ids)[:, -1], atol=1e-5)


def test_dropout_falls_in_training(rng):
    ids = rng.integers(1, V, (B, T))
    for combine in ("concatenate", "mean"):
        model = build(combine, dropout=0.5)
        assert not np.allclose(model(ids, training=True), model(ids))
        names = {layer.name for layer in model.layers}
        assert {"embedding_dropout", "dropout"} <= names


def cbow_logits(model, contexts):
    """Mikolov et al. (2013): the mean of the vectors of what is there, times a matrix."""
    vectors, kernel = model.get_weights()
    means = [vectors[row[row > 0]].mean(axis=0) if row.any() else np.zeros(E) for row in contexts]
    return means @ kernel


def test_cbow_against_numpy(rng):
    model = cbow(V, window=2, embedding=E)
    contexts = rng.integers(1, V, (3, 4))
    contexts[0, :2] = contexts[1, 1:] = 0
    np.testing.assert_allclose(model(contexts), cbow_logits(model, contexts), atol=1e-6)


def test_cbow_of_a_word_that_stands_alone():
    model = cbow(V, window=2, embedding=E)
    contexts = np.array([[0, 0, 0, 0], [0, 5, 6, 0]])
    np.testing.assert_allclose(model(contexts), cbow_logits(model, contexts), atol=1e-6)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(True), run_eagerly=True)
    model.train_on_batch(contexts, np.array([5, 7]))
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
