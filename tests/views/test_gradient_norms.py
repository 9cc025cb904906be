"""The gradient through time against back-propagation by hand and against TensorFlow's tape."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import encoder_decoder, language_model, losses, many_to_one, views

B, T, V, U, F, C = 2, 7, 11, 5, 3, 4


def with_random_weights(model, rng):
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def test_simple_rnn_by_hand(rng):
    """dL/dx_k = Wᵀ diag(1 − h_k²) dL/dh_k, and dL/dh_{k−1} = Uᵀ diag(1 − h_k²) dL/dh_k."""
    model = many_to_one(V, C, cell="simple_rnn", units=U, embedding=F)
    with_random_weights(model, rng)
    table, kernel, recurrent, bias, out, out_bias = model.get_weights()
    ids, y = rng.integers(1, V, (B, T)), rng.integers(C, size=B)
    expected = np.zeros((B, T))
    for row in range(B):
        states = [np.zeros(U)]
        for token in ids[row]:
            states.append(np.tanh(table[token] @ kernel + states[-1] @ recurrent + bias))
        logits = states[-1] @ out + out_bias
        probabilities = np.exp(logits) / np.exp(logits).sum()
        delta = out @ (probabilities - np.eye(C)[y[row]])
        for distance, state in enumerate(states[:0:-1]):
            before = (1 - state**2) * delta
            expected[row, distance] = np.linalg.norm(kernel @ before)
            delta = recurrent @ before
    weights = [w.copy() for w in model.get_weights()]
    received = views.gradient_norms(model, ids, y)
    np.testing.assert_allclose(received, expected.mean(axis=0), rtol=1e-4)
    assert received.dtype == np.float64
    for now, before in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(now, before)
    assert all(layer.trainable for layer in model.layers)


@pytest.mark.parametrize("step", [-1, 4, 0])
def test_the_loss_of_one_step_by_the_tape(rng, step):
    model = with_random_weights(language_model(V, units=U, num_layers=2, embedding=F), rng)
    ids, y = rng.integers(1, V, (B, T)), rng.integers(1, V, (B, T))
    received = views.gradient_norms(model, ids, y, step=step)
    vectors = tf.convert_to_tensor(model.get_layer("token_embedding")(ids))
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        hidden, *_ = model.get_layer("recurrent")(vectors)
        logits = model.get_layer("output")(hidden)[:, step]
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(y[:, step], logits)
    gradient = np.linalg.norm(tape.gradient(loss, vectors), axis=-1)
    last = step % T
    assert received.shape == (last + 1,)
    np.testing.assert_allclose(received, gradient[:, last::-1].mean(axis=0), rtol=1e-4)
    np.testing.assert_array_equal(gradient[:, last + 1 :], 0)


def test_other_losses_and_inputs(rng):
    model = with_random_weights(many_to_one((F,), 1, cell="gru", units=U), rng)
    x = {"features": rng.normal(size=(B, T, F)), "mask": np.ones((B, T), bool)}
    y = rng.normal(size=(B, 1))
    one = views.gradient_norms(model, x, y, keras.losses.MeanSquaredError())
    ten = views.gradient_norms(
        model, x, 10 * (y - model(x)) + model(x), keras.losses.MeanSquaredError()
    )
    np.testing.assert_allclose(ten, 10 * one, rtol=1e-3)
    model = language_model(V, cell="elman", units=U, output="class")
    ids = rng.integers(1, V, (B, T))
    pair = {"tokens": ids, "targets": ids[:, ::-1]}
    norms = views.gradient_norms(model, pair, ids, losses.NegativeLogProbability())
    assert norms.shape == (T,) and (np.diff(norms) < 0).all()  # a sigmoid shrinks


def test_what_has_no_gradient_through_time(rng):
    ids = np.ones((B, T), int)
    with pytest.raises(ValueError, match="reads one sequence, without a decoder"):
        pair = {"source": ids, "target": ids}
        views.gradient_norms(encoder_decoder(V, V, units=U), pair, ids)
    with pytest.raises(ValueError, match="`step` to be one of 7 steps. Received: 7"):
        views.gradient_norms(language_model(V, units=U), ids, ids, step=7)
