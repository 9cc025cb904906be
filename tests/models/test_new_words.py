"""A new cell or score is an entry of a table: every factory builds with it."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasrnn import encoder_decoder, language_model, layers, many_to_many, many_to_one, views
from kerasrnn.layers import attention, cells
from kerasrnn.options import words

T, V, U = 3, 11, 5


@keras.saving.register_keras_serializable("new_words")
class Decay(keras.layers.Layer):
    """`h / 2 + W x`, which no cell of the package is."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = self.output_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")

    def call(self, inputs, states):
        state = states[0] / 2 + ops.matmul(inputs, self.kernel)
        return state, [state]


@pytest.fixture
def decay(monkeypatch):
    monkeypatch.setitem(cells.CELLS, "decay", lambda units: keras.layers.RNN(Decay(units)))
    return "decay"


def test_a_new_cell(decay):
    """It is an entry of `kerasrnn/layers/cells.py` and of `Cell` in `kerasrnn/options/words.py`."""
    model = many_to_one(V, 2, cell=decay, units=U)
    ids = np.array([[7, 4, 9]])
    table, kernel, weights, bias = model.get_weights()
    state = np.zeros(U)
    for vector in table[ids[0]]:
        state = state / 2 + vector @ kernel
    np.testing.assert_allclose(model(ids)[0], state @ weights + bias, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "factory, sizes",
    [(many_to_many, (V, 2)), (language_model, (V,)), (encoder_decoder, (V, 7))],
)
def test_every_factory_takes_a_new_cell(decay, factory, sizes):
    model = factory(*sizes, cell=decay, units=U)
    stack = model.get_layer("decoder" if factory is encoder_decoder else "recurrent")
    assert stack.state_names == ["rnn_0_h"]
    assert views.step(model).output["rnn_0_h"].shape == (None, U)


def test_a_new_score(monkeypatch):
    """It is an entry of `kerasrnn/layers/attention.py` and of `Score` in the words of options."""
    form = attention.ScoreForm(projects_key=True, is_scaled=True)
    monkeypatch.setitem(attention.SCORES, "scaled_general", form)
    model = encoder_decoder(V, 7, units=U, cell="gru", attention="scaled_general")
    layer = model.get_layer("attention")
    query, value = keras.random.normal((2, 1, U), seed=1), keras.random.normal((2, T, U), seed=2)
    _, weights = layer(query, value, return_attention_scores=True)
    keys = np.asarray(value) @ np.asarray(layer.key_projection.kernel)
    scores = np.einsum("bqu,btu->bqt", np.asarray(query), keys) / np.sqrt(U)
    right = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(weights, right, rtol=1e-5)


def test_each_alias_has_its_table():
    assert tuple(layers.CELLS) == words.words(words.Cell)
    assert tuple(attention.SCORES) == words.words(words.Score)
