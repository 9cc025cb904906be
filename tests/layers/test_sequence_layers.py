"""The small layers between inputs and recurrent layers, against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.layers import AttachMask, InitialState, LeftWindow, PerFrame

# Keras' own layers lose the mask from Keras 3.16 on, and say so; here their values alone matter.
pytestmark = pytest.mark.filterwarnings("ignore:.*this layer does not support masking")

B, T, F, U = 2, 7, 3, 5
MASK = np.arange(T) < np.array([[T], [3]])


def copy(layer):
    return keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))


def test_attach_mask_gives_the_mask_and_leaves_the_features(rng):
    features = rng.normal(size=(B, T, F)).astype("float32")
    features[0, 0] = 0  # an empty first row is no padding
    attached = copy(AttachMask())([features, keras.ops.convert_to_tensor(MASK)])
    assert np.array_equal(attached, features)
    layer = keras.layers.LSTM(U)
    expected = layer(features, mask=MASK)
    np.testing.assert_array_equal(layer(attached), expected)
    assert not np.allclose(layer(features)[1], expected[1])


def test_attach_mask_in_a_functional_model(rng):
    inputs = [keras.Input((None, F)), keras.Input((None,), dtype="bool")]
    layer = keras.layers.GRU(U)
    model = keras.Model(inputs, layer(AttachMask()(inputs)))
    features = rng.normal(size=(B, T, F)).astype("float32")
    np.testing.assert_allclose(
        model([features, MASK])[1], layer(features[1:, :3])[0], rtol=1e-5, atol=1e-6
    )


def test_a_mask_of_another_length_is_an_error_and_no_end_of_the_data():
    """A recurrent layer would read it until it is out of range, which stops `fit` in silence."""
    inputs = [keras.Input((None, F)), keras.Input((None,), dtype="bool")]
    model = keras.Model(inputs, keras.layers.GRU(U)(AttachMask()(inputs)))
    model.compile("sgd", "mse", run_eagerly=True)
    features = np.ones((B, T, F), "float32")
    with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes"):
        model.fit([features, MASK[:, :5]], np.ones((B, U)), verbose=0)


@pytest.mark.parametrize("window", [1, 3, T + 4])
def test_left_window(rng, window):
    tokens = rng.integers(4, 99, (B, T)).astype("int32")
    expected = np.full((B, T, window), 2)
    for t in range(T):
        for i in range(window):
            if t - i >= 0:
                expected[:, t, window - 1 - i] = tokens[:, t - i]
    layer = copy(LeftWindow(window, fill=2))
    received = layer(tokens)
    assert np.array_equal(received, expected) and received.dtype == "int32"
    symbolic = layer(keras.Input((None,), dtype="int32"))
    assert symbolic.shape == (None, None, window) and symbolic.dtype == "int32"


def test_per_frame_gives_each_frame_to_the_layer(rng):
    frames = rng.normal(size=(B, T, 5, 3, 1)).astype("float32")
    inner = keras.Sequential(
        [keras.Input((5, 3, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()]
    )
    received = PerFrame(inner)(frames)
    assert received.shape == (B, T, 6)
    for t in range(T):
        np.testing.assert_allclose(received[:, t], inner(frames[:, t]), rtol=1e-5, atol=1e-6)


def test_per_frame_keeps_the_mask_and_its_layer(rng):
    frames = rng.normal(size=(B, T, F)).astype("float32")
    layer = copy(PerFrame(keras.layers.Dense(U, name="inner"), name="frames"))
    assert layer.layer.name == "inner" and layer.compute_output_shape((B, None, F)) == (B, None, U)
    assert np.array_equal(layer.compute_mask(frames, MASK), MASK)


@pytest.mark.parametrize("training", [True, False])
def test_per_frame_says_whether_it_trains(training):
    dropped = PerFrame(keras.layers.Dropout(0.5))(np.ones((B, T, 97), "float32"), training=training)
    assert (dropped.numpy() == 0).any() == training
    flat = PerFrame(keras.layers.Flatten())(np.ones((B, T, 2, 3), "float32"), training=training)
    assert flat.shape == (B, T, 6)


def test_initial_state_is_tanh_of_the_mean_place(rng):
    memory = rng.normal(size=(B, T, F)).astype("float32")
    layer = copy(InitialState([U, 2]))
    layer.build(memory.shape)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    weights = layer.get_weights()
    received = layer(memory)
    assert [state.shape for state in received] == [(B, U), (B, 2)]
    for state, kernel, bias in zip(received, weights[::2], weights[1::2], strict=True):
        expected = np.tanh(memory.mean(axis=1) @ kernel + bias)
        np.testing.assert_allclose(state, expected, atol=1e-5)
