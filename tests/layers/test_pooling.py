"""Poolings over time against NumPy, with padding."""

import keras
import numpy as np
import pytest

from kerasrnn.layers import AttentionPooling, SequencePooling

B, T, U, HIDDEN = 3, 7, 5, 2
LENGTHS = np.array([7, 3, 1])
MASK = np.arange(T) < LENGTHS[:, None]


@pytest.fixture
def sequences(rng):
    # Below 0, where a maximum that counts padding as 0 would show, and large at padding.
    values = rng.normal(size=(B, T, U)).astype("float32") - 5
    values[~MASK] = 1e3
    return values


def reload(layer):
    return keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_sequence_pooling(sequences, pooling):
    layer = reload(SequencePooling(pooling, name="pooling"))
    pool = {"mean": np.mean, "max": np.max}[pooling]
    expected = [pool(row[:n], axis=0) for row, n in zip(sequences, LENGTHS, strict=True)]
    np.testing.assert_allclose(layer(sequences, mask=MASK), expected, rtol=1e-6)
    np.testing.assert_allclose(layer(sequences), pool(sequences, axis=1), rtol=1e-6)


def test_attention_pooling(sequences, rng):
    layer = reload(AttentionPooling(HIDDEN, name="pooling"))
    layer.build(sequences.shape)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    w, b, v = (weight.astype("float64") for weight in layer.get_weights())
    vectors, weights = layer(sequences, mask=MASK)
    for i, n in enumerate(LENGTHS):
        scores = (np.tanh(sequences[i, :n] @ w + b) @ v)[:, 0]
        expected = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(weights[i, :n], expected, rtol=1e-5)
        np.testing.assert_allclose(vectors[i], expected @ sequences[i, :n], rtol=1e-5)
    np.testing.assert_allclose(np.sum(weights, axis=1), 1, rtol=1e-6)
    assert (weights.numpy()[~MASK] == 0).all()


def test_attention_pooling_has_the_size_of_its_input_by_default(sequences):
    layer = AttentionPooling()
    vectors, weights = layer(sequences)
    assert vectors.shape == (B, U) and weights.shape == (B, T)
    assert [w.shape for w in layer.get_weights()] == [(U, U), (U,), (U, 1)]


@pytest.mark.parametrize("make", [lambda: SequencePooling("max"), AttentionPooling])
def test_half_precision(sequences, make):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        layer = make()
    finally:
        keras.config.set_dtype_policy("float32")
    outputs = keras.tree.flatten(layer(sequences.clip(-9, 9), mask=MASK))
    # Weights, whose sum may be too long for 16 bits, are float32.
    assert [output.dtype for output in outputs] == ["float16", "float32"][: len(outputs)]
    assert all(np.isfinite(output).all() for output in outputs)
    if len(outputs) == 2:
        assert (outputs[1].numpy()[~MASK] == 0).all()


@pytest.mark.parametrize("make", [lambda: SequencePooling("mean"), AttentionPooling])
def test_a_row_of_padding_alone_gives_nothing_and_no_nan(sequences, make):
    outputs = keras.tree.flatten(make()(sequences, mask=np.zeros((B, T), bool)))
    assert all((output.numpy() == 0).all() for output in outputs)


def test_a_single_step_has_the_whole_weight(sequences):
    vectors, weights = AttentionPooling()(sequences[:, :1])
    np.testing.assert_allclose(weights, 1, rtol=1e-6)
    np.testing.assert_allclose(vectors, sequences[:, 0], rtol=1e-6)


def test_no_mask_is_left():
    tokens = keras.Input((None,), dtype="int32")
    vectors = keras.layers.Embedding(11, U, mask_zero=True)(tokens)
    for output in keras.tree.flatten(
        [SequencePooling("max")(vectors), AttentionPooling()(vectors)]
    ):
        assert getattr(output, "_keras_mask", None) is None


def test_unknown_pooling():
    with pytest.raises(ValueError, match="one of .*'mean'.* Received: 'sum'"):
        SequencePooling("sum")
