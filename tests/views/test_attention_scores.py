"""Attention scores from what was encoded already, against those of the source itself."""

import keras
import numpy as np
import pytest

from kerasrnn import views
from kerasrnn.models import encoder_decoder, one_to_many

B, S, T = 2, 5, 3
MODELS = {
    "dot": lambda: encoder_decoder(
        11, 13, units=6, cell="gru", bidirectional=True, attention="dot"
    ),
    "additive, two layers": lambda: encoder_decoder(
        11, 13, units=4, num_layers=2, attention="additive"
    ),
    "input feeding": lambda: encoder_decoder(11, 13, units=4, attention="dot", input_feeding=True),
    "grid": lambda: one_to_many((2, 3, 5), 13, units=4, cell="gru", attention="additive"),
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_scores_of_what_is_encoded_are_those_of_the_source(make, rng):
    model = make()
    target = keras.ops.convert_to_tensor(rng.integers(4, 13, (B, T)).astype("int32"))
    if "source" in {tensor.name for tensor in model.inputs}:
        source = rng.integers(4, 11, (B, S)).astype("int32")
        source[1, 3:] = 0
        inputs = {"source": keras.ops.convert_to_tensor(source)}
    else:
        source = rng.normal(size=(B, 2, 3, 5)).astype("float32")
        inputs = {"features": keras.ops.convert_to_tensor(source)}
    expected = views.attention_scores(model)({**inputs, "target": target})
    encoded = views.encode(model)(source)
    received = views.attention_scores(model, encoded=True)({**encoded, "target": target})
    np.testing.assert_allclose(received, np.asarray(expected), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(keras.ops.sum(received, -1), np.ones((B, T)), rtol=1e-5)


def test_a_decoder_reads_no_source_twice():
    view = views.attention_scores(encoder_decoder(11, 13, units=4, attention="dot"), encoded=True)
    assert {tensor.name for tensor in view.inputs} == {
        *("memory", "memory_mask", "rnn_0_c", "rnn_0_h", "target"),
    }
    assert "encoder" not in {layer.name for layer in view.layers}
