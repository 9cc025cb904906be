"""The loss of a CRF against brute force over all paths, its gradient, and stock `fit`."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.decoding import marginals, viterbi
from kerasrnn.layers import CRF, bio_constraints
from kerasrnn.losses import CRF as CRFLoss

# Batch, time, labels.
SIZES = [(3, 5, 4), (2, 6, 4), (5, 3, 7), (1, 1, 5), (2, 3, 1)]


def example(rng, batch, time, labels):
    potentials = rng.normal(size=(batch, time, labels, labels)).astype("float32") * 2
    potentials[:, 0] = potentials[:, 0, :1]
    lengths = np.maximum(time - np.arange(batch), 1)
    return potentials, rng.integers(0, labels, (batch, time)), lengths


def path_score(potentials, path):
    steps = zip(range(len(path)), (0, *path), path, strict=False)
    return sum(float(potentials[t, i, j]) for t, i, j in steps)


def negative_log_likelihood(potentials, path):
    paths = itertools.product(range(potentials.shape[-1]), repeat=len(path))
    scores = [path_score(potentials, other) for other in paths]
    return np.logaddexp.reduce(scores) - path_score(potentials, path)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_terms_add_up_to_brute_force_for_every_prefix(sizes, rng):
    """A row cut anywhere is a shorter sequence, so that all sums of first terms are known."""
    potentials, labels, _ = example(rng, *sizes)
    terms = CRFLoss().call(tf.constant(labels, tf.float32), tf.constant(potentials)).numpy()
    assert terms.shape == sizes[:2]
    for row in range(sizes[0]):
        for length in range(1, sizes[1] + 1):
            np.testing.assert_allclose(
                terms[row, :length].sum(),
                negative_log_likelihood(potentials[row], labels[row, :length]),
                rtol=1e-5,
                atol=1e-5,
            )


@pytest.mark.parametrize("padding_label", [0, 3, -1, 99])
def test_weights_of_padding_give_the_loss_of_each_sequence(padding_label, rng):
    potentials, labels, lengths = example(rng, 3, 5, 4)
    mask = np.arange(5) < lengths[:, None]
    losses = [
        negative_log_likelihood(potentials[row], labels[row, :length])
        for row, length in enumerate(lengths)
    ]
    labels[~mask] = padding_label
    weights = mask.astype("float32")
    total = CRFLoss(reduction="sum")(labels, potentials, sample_weight=weights)
    np.testing.assert_allclose(total, sum(losses), rtol=1e-5)
    mean = CRFLoss()(labels, potentials, sample_weight=weights)
    np.testing.assert_allclose(mean, sum(losses) / mask.sum(), rtol=1e-5)
    by_row = CRFLoss(reduction=None)(labels, potentials, sample_weight=weights)
    np.testing.assert_allclose(by_row.numpy().sum(1), losses, rtol=1e-5)
    scaled = weights * np.array([[2.0], [3.0], [5.0]], "float32")
    weighted = CRFLoss(reduction="sum")(labels, potentials, sample_weight=scaled)
    np.testing.assert_allclose(weighted, np.dot([2, 3, 5], losses), rtol=1e-5)


def test_terms_do_not_look_ahead(rng):
    potentials, labels, _ = example(rng, 2, 7, 3)
    before = CRFLoss(reduction=None)(labels, potentials).numpy()
    for t in range(1, 7):
        other, other_labels = potentials.copy(), labels.copy()
        other[:, t:] = rng.normal(size=other[:, t:].shape) * 9
        other_labels[:, t:] = (labels[:, t:] + 1) % 3
        after = CRFLoss(reduction=None)(other_labels, other).numpy()
        np.testing.assert_array_equal(after[:, :t], before[:, :t])
        assert (after[:, t] != before[:, t]).all()


def test_gradient_is_marginals_less_the_path(rng):
    """d(-log p) / d emission[t, j] = P(y_t = j) - [y_t = j], whoever computes it."""
    layer = CRF(4)
    layer.build((None, None, 4))
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    emissions = tf.constant(rng.normal(size=(3, 5, 4)), tf.float32)
    labels, mask = rng.integers(0, 4, (3, 5)), np.arange(5) < np.array([[5], [1], [3]])
    with tf.GradientTape() as tape:
        tape.watch(emissions)
        potentials = layer(emissions, mask=mask)
        loss = CRFLoss(reduction="sum")(labels, potentials, sample_weight=mask.astype("float32"))
    by_emission, by_start, by_end = tape.gradient(loss, [emissions, layer.start, layer.end])
    path = np.eye(4)[labels] * mask[..., None]
    expected = marginals(potentials).numpy() - path
    np.testing.assert_allclose(by_emission, expected, atol=1e-5)
    np.testing.assert_allclose(by_start, expected[:, 0].sum(0), atol=1e-5)
    last = expected[0, 4] + expected[1, 0] + expected[2, 2]
    np.testing.assert_allclose(by_end, last, atol=1e-5)


def test_gradient_is_finite_with_constraints_and_wild_padding(rng):
    layer = CRF(3, bio_constraints(["O", "B", "I"]))
    emissions = rng.normal(size=(2, 4, 3)).astype("float32")
    emissions[1, 2:] = np.inf
    emissions, mask = tf.constant(emissions), np.arange(4) < np.array([[4], [2]])
    with tf.GradientTape() as tape:
        tape.watch(emissions)
        potentials = layer(emissions, mask=mask)
        loss = CRFLoss()(np.array([[0, 1, 2, 2], [1, 0, 0, 0]]), potentials)
    assert 0 < loss < 3
    for gradient in tape.gradient(loss, [emissions, *layer.trainable_variables]):
        assert np.isfinite(gradient).all()
        assert np.abs(gradient).max() < 9


def test_an_illegal_gold_path_is_not_hidden():
    potentials = CRF(3, bio_constraints(["O", "B", "I"]))(np.zeros((1, 2, 3), "float32"))
    assert CRFLoss(reduction="sum")(np.array([[0, 2]]), potentials) > 1e8


def alternating(rng, rows=31, time=7):
    """Labels that alternate, seen through noise, with padding: only transitions tell."""
    first = rng.integers(0, 2, (rows, 1))
    labels = (first + np.arange(time)) % 2
    mask = np.arange(time) < rng.integers(3, time + 1, (rows, 1))
    seen = np.where(rng.random(labels.shape) < 0.3, 1 - labels, labels) + 1
    return np.where(mask, seen, 0), np.where(mask, labels, 0), mask.astype("float32")


def tagger(output):
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    emissions = keras.layers.Embedding(3, 2, mask_zero=True, name="emissions")(tokens)
    return keras.Model(tokens, output(emissions))


def test_fit_learns_transitions_that_a_softmax_cannot(rng):
    tokens, labels, weights = alternating(rng)
    model = tagger(CRF(2))
    model.compile(keras.optimizers.Adam(0.3), CRFLoss())
    settings = {"sample_weight": weights, "batch_size": len(tokens), "verbose": 0}
    model.fit(tokens, labels, epochs=20, **settings)
    loss = model.evaluate(tokens, labels, **settings)
    # The best that a softmax of each step can do is to know how often a token has a label.
    counts = np.array([[(tokens == t) & (labels == y) for y in (0, 1)] for t in (1, 2)]).sum((2, 3))
    entropy = -(counts * np.log(counts / counts.sum(1, keepdims=True))).sum() / counts.sum()
    assert loss < 0.7 * entropy
    # What fit reports is the likelihood of the sequences, a step.
    potentials = model(tokens).numpy()
    expected = sum(
        negative_log_likelihood(potentials[row], labels[row, : int(weights[row].sum())])
        for row in range(len(tokens))
    )
    np.testing.assert_allclose(loss, expected / weights.sum(), rtol=1e-4)
    best = viterbi(potentials, weights > 0)["labels"].numpy()
    assert (best == labels)[weights > 0].mean() > counts.max(1).sum() / counts.sum() + 0.1


def test_compiled_model_reloads_and_goes_on(tmp_path, rng):
    tokens, labels, weights = alternating(rng, rows=5)
    model = tagger(CRF(2, bio_constraints(["O", "S"])))
    model.compile("sgd", CRFLoss(name="other"), run_eagerly=True)
    model.train_on_batch(tokens, labels, sample_weight=weights)
    model.save(tmp_path / "m.keras")
    copy = keras.models.load_model(tmp_path / "m.keras")
    assert type(copy.loss) is CRFLoss
    assert (copy.loss.name, copy.loss.reduction) == ("other", "mean_with_sample_weight")
    np.testing.assert_array_equal(copy(tokens), model(tokens))
    assert copy.evaluate(tokens, labels, sample_weight=weights, verbose=0) == model.evaluate(
        tokens, labels, sample_weight=weights, verbose=0
    )


def test_keras_mask_alone_will_do(rng):
    tokens, labels, weights = alternating(rng, rows=5)
    model = tagger(CRF(2))
    model.compile("sgd", CRFLoss(), run_eagerly=True)
    by_mask = model.test_on_batch(tokens, labels)
    np.testing.assert_allclose(
        by_mask, model.test_on_batch(tokens, labels, sample_weight=weights), rtol=1e-6
    )
    wide = [np.pad(x, ((0, 0), (0, 4))) for x in (tokens, labels)]
    np.testing.assert_allclose(model.test_on_batch(*wide), by_mask, rtol=1e-6)


def test_logits_are_refused():
    with pytest.raises(ValueError, match=r"Expected the potentials .* Received: shape \(2, 3, 5\)"):
        CRFLoss()(np.zeros((2, 3)), np.zeros((2, 3, 5), "float32"))
