"""Where dropout falls in a language model, and what each output is."""

import keras
import numpy as np
import pytest

from kerasrnn import language_model
from kerasrnn.layers import AdaptiveSoftmax, ClassSoftmax

B, T, V, U = 2, 7, 11, 97


def hidden_of(variational, layer, **weights):
    """Returns what a layer gives in training, `(B, T, U)`, for ids that are all the same.

    The vectors are all 1, and the recurrent layer has the given weights, or zeros.
    """
    model = language_model(
        V, cell="simple_rnn", units=U, dropout=0.5, variational=variational, embedding=U
    )
    shapes = {"kernel": (U, U), "recurrent": (U, U), "bias": (U,)}
    given = [weights.get(name, np.zeros(shape)) for name, shape in shapes.items()]
    model.get_layer("token_embedding").set_weights([np.ones((V, U))])
    model.get_layer("recurrent").set_weights(given)
    output = model.get_layer(layer).output
    output = output[0] if isinstance(output, (list, tuple)) else output
    return keras.Model(model.input, output)(np.full((B, T), 5), training=True).numpy()


@pytest.mark.parametrize("variational", [False, True], ids=["zaremba", "gal"])
@pytest.mark.parametrize("layer", ["recurrent", "dropout"])
def test_inputs_and_outputs_are_dropped_anew_or_alike(variational, layer):
    dropped = hidden_of(variational, layer, kernel=np.eye(U)) == 0
    alike = (dropped == dropped[:, :1]).all()
    assert alike == variational
    assert not np.array_equal(dropped[0], dropped[1])  # rows differ either way
    share = 0.5 if layer == "recurrent" else 0.75  # dropped as an input or as an output
    assert abs(dropped[:, 0].mean() - share) < 6 * 0.5 / (B * U) ** 0.5


def test_recurrent_connections_are_dropped_in_variational_dropout_alone():
    """h = tanh(1 + h before), or tanh(1) where the connection is dropped, for ever."""
    weights = {"recurrent": np.eye(U), "bias": np.ones(U)}
    whole, kept = (hidden_of(v, "recurrent", **weights) for v in (False, True))
    first = np.tanh(1)
    np.testing.assert_allclose(whole[:, 0], first, rtol=1e-6)
    assert (whole[:, 1:] > first + 0.01).all()
    stays = np.isclose(kept[:, 1:], first)
    assert (stays == stays[:, :1]).all() and 0 < stays.mean() < 1


@pytest.mark.parametrize("variational", [False, True], ids=["zaremba", "gal"])
def test_nothing_is_dropped_at_inference(rng, variational):
    ids = rng.integers(1, V, (B, T))
    model, plain = (
        language_model(V, cell="gru", units=5, num_layers=2, dropout=dropout, variational=flag)
        for dropout, flag in ((0.5, variational), (0, False))
    )
    plain.set_weights(model.get_weights())
    np.testing.assert_array_equal(model(ids), plain(ids))
    assert not np.allclose(model(ids, training=True), model(ids))
    assert not np.allclose(model(ids, training=True), model(ids, training=True))


def test_tied_weights_are_the_vectors(rng):
    model = language_model(V, units=5, embedding=3, output="tied")
    vectors = model.get_layer("token_embedding").get_weights()[0]
    hidden = keras.Model(model.input, model.get_layer("projection").output)
    ids = rng.integers(1, V, (B, T))
    np.testing.assert_allclose(model(ids), hidden(ids) @ vectors.T, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [ClassSoftmax, AdaptiveSoftmax])
def test_a_given_output_layer_is_used(kind):
    layer = kind(V, name="output")
    model = language_model(V, units=5, output=layer)
    assert model.get_layer("output") is layer
    assert sorted(model.input) == ["targets", "tokens"]


def test_a_pretrained_embedding_can_be_frozen(rng):
    given = keras.layers.Embedding(V, 3, mask_zero=True, name="token_embedding", trainable=False)
    model = language_model(V, units=5, embedding=given)
    assert model.get_layer("token_embedding") is given
    assert given.embeddings.path not in {v.path for v in model.trainable_variables}
