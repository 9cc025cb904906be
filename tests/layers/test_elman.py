"""Elman's network as in the RNNLM paper, against NumPy."""

import keras
import numpy as np
import pytest

from kerasrnn import language_model
from kerasrnn.layers import Elman, ElmanCell, RecurrentStack

B, T, F, U, V = 2, 7, 3, 5, 11


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def states(inputs, recurrent, mask=None):
    """Mikolov et al. (2010): s_t = sigmoid(U x_t + W s_{t-1}), s_0 = 0.1, without a bias."""
    state, outputs = np.full((len(inputs), U), 0.1), []
    for t in range(inputs.shape[1]):
        new = sigmoid(inputs[:, t] + state @ recurrent)
        state = new if mask is None else np.where(mask[:, t, None], new, state)
        outputs.append(state)
    return np.stack(outputs, axis=1)


def test_layer_against_numpy(rng):
    layer = Elman(U, return_sequences=True)
    x = rng.normal(size=(B, T, F)).astype("float32")
    mask = np.arange(T) < np.array([[T], [3]])
    received = layer(x, mask=mask).numpy()
    kernel, recurrent = layer.get_weights()
    assert kernel.shape == (F, U) and recurrent.shape == (U, U)
    expected = states(x @ kernel, recurrent, mask)
    np.testing.assert_allclose(received[mask], expected[mask], atol=1e-6)


def test_language_model_is_the_network_of_the_paper(rng):
    """s_t = sigmoid(U[w_t] + W s_{t-1}), y_t = softmax(V s_t): the one-hot word picks a row."""
    model = language_model(V, cell="elman", units=U)
    embedding, recurrent, kernel, bias = model.get_weights()
    assert embedding.shape == (V, U) and not bias.any()
    ids = rng.integers(1, V, (B, T))
    one_hot = np.eye(V)[ids]
    expected = states(one_hot @ embedding, recurrent) @ kernel + bias
    np.testing.assert_allclose(model(ids), expected, atol=1e-5)


def test_weights_are_drawn_with_the_deviation_of_the_paper():
    model = language_model(499, cell="elman", units=97)
    for weight in model.get_weights()[:2]:  # 6 standard errors of a mean and of a deviation
        assert abs(weight.mean()) < 6 * 0.1 / weight.size**0.5
        assert abs(weight.std() - 0.1) < 6 * 0.1 / (2 * weight.size) ** 0.5
    cell = ElmanCell(97)
    cell.build((None, 101))
    assert abs(cell.kernel.numpy().std() - 0.1) < 6 * 0.1 / (2 * 97 * 101) ** 0.5
    assert not np.array_equal(cell.kernel[:97], cell.recurrent_kernel)


def test_the_first_state_is_a_tenth_in_a_stack_too():
    stack = RecurrentStack("elman", U, num_layers=2, bidirectional=True)
    assert stack.state_names == ["rnn_0_h", "rnn_1_h"]
    for state in stack.initial_state(B):
        assert state.shape == (B, 2 * U) and np.allclose(state, 0.1)
    for state in RecurrentStack("lstm", U).initial_state(B):
        assert state.shape == (B, U) and not state.numpy().any()


def test_config_survives():
    layer = Elman(U, project_inputs=False, return_sequences=True, dtype="float16", name="x")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config()
    assert copy.cell.compute_dtype == "float16" and not copy.cell.project_inputs


def test_an_input_of_another_size_is_not_added():
    with pytest.raises(ValueError, match="Expected an input of 5 features.* Received: 3"):
        Elman(U, project_inputs=False)(np.zeros((B, T, F), "float32"))
