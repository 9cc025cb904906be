"""A mask goes through each recurrent layer, also where Keras says that its own ones lose it."""

import keras
import numpy as np
import pytest

from kerasrnn import many_to_many, views
from kerasrnn.layers import CELLS

V, LABELS, U = 11, 3, 5
IDS = np.array([[2, 3, 5, 0, 0], [2, 0, 0, 0, 0]])


@pytest.fixture
def later_keras(monkeypatch):
    """Keras from 3.16 on: `supports_masking` of layers that have a mask of their own is false."""

    def without_masks(kind):
        begin = kind.__init__

        def init(self, *args, **kwargs):
            begin(self, *args, **kwargs)
            self.supports_masking = False

        monkeypatch.setattr(kind, "__init__", init)

    without_masks(keras.layers.RNN)
    without_masks(keras.layers.Bidirectional)
    with pytest.warns(UserWarning, match="destroy the mask"):  # what users of Keras alone read
        keras.layers.LSTM(U)(keras.layers.Embedding(V, U, mask_zero=True)(IDS))


@pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("cell", [*CELLS, lambda units: keras.layers.RNN(CELLS["gru"](units).cell)])
def test_a_model_keeps_its_mask(later_keras, cell, bidirectional, tmp_path):
    model = many_to_many(V, LABELS, cell=cell, units=U, num_layers=2, bidirectional=bidirectional)
    model.save(tmp_path / "model.keras")
    for each in (model, keras.models.load_model(tmp_path / "model.keras")):
        np.testing.assert_array_equal(each(IDS)._keras_mask, IDS != 0)


@pytest.mark.parametrize("cell", ["min_gru", "min_lstm", "sru", "elman"])
def test_a_layer_of_ours_keeps_its_mask(later_keras, cell):
    layer = CELLS[cell](U, return_sequences=True)
    outputs = layer(keras.layers.Embedding(V, U, mask_zero=True)(IDS))
    np.testing.assert_array_equal(outputs._keras_mask, IDS != 0)


def test_a_view_of_gates_loses_no_mask(later_keras):
    model = many_to_many(V, LABELS, cell="gru", units=U)
    state = np.asarray(views.gates(model)(IDS)["hidden_state"])
    np.testing.assert_array_equal(np.isfinite(state).all(-1), IDS != 0)
