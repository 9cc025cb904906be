"""Encoders of frames and images: the built-in one, a given one, a frozen one."""

import keras
import numpy as np
import pytest

from kerasrnn import many_to_many, many_to_one, one_to_many
from kerasrnn.models import convolutional_encoder

B, T, IMAGE, V, U = 2, 3, (5, 5, 1), 11, 5


def pretrained(pooled=True):
    """Looks like those of `keras.applications`: convolution, batch normalisation, pooling."""
    image = keras.Input(IMAGE)
    maps = keras.layers.Conv2D(3, 3, name="inner_convolution")(image)
    maps = keras.layers.BatchNormalization(name="inner_normalization")(maps)
    outputs = keras.layers.GlobalAveragePooling2D()(maps) if pooled else maps
    return keras.Model(image, outputs, name="pretrained")


FACTORIES = {
    "one_to_many": lambda encoder: one_to_many(IMAGE, V, units=U, encoder=encoder),
    "one_to_many_attention": lambda encoder: one_to_many(
        IMAGE, V, units=U, encoder=encoder, attention="dot"
    ),
    "many_to_one": lambda encoder: many_to_one(IMAGE, V, units=U, encoder=encoder),
    "many_to_many": lambda encoder: many_to_many(IMAGE, V, units=U, encoder=encoder),
}


def batch(factory, rng):
    if factory.startswith("one_to_many"):
        x = {"features": rng.normal(size=(B, *IMAGE)), "target": rng.integers(1, V, (B, T))}
        return x, rng.integers(1, V, (B, T))
    x = {"features": rng.normal(size=(B, T, *IMAGE)), "mask": np.ones((B, T), bool)}
    return x, rng.integers(1, V, (B, T) if factory == "many_to_many" else B)


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "trained"])
def test_a_given_model(factory, frozen, rng, tmp_path):
    encoder = pretrained(pooled=not factory.endswith("attention"))
    encoder.trainable = not frozen
    model = FACTORIES[factory](encoder)
    x, y = batch(factory, rng)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, run_eagerly=True)
    before = encoder.get_weights()
    model.train_on_batch(x, y)
    for old, new in zip(before, encoder.get_weights(), strict=True):  # moving means too
        assert np.array_equal(old, new) == frozen
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(reloaded(x), model(x))
    # Normalised by the moving averages, and not by those of the batch.
    alone = model({name: array[:1] for name, array in x.items()})
    np.testing.assert_allclose(alone, model(x)[:1], rtol=1e-4, atol=1e-6)
    for name in ("trainable_weights", "non_trainable_weights"):
        ours, theirs = ([v.path for v in getattr(each, name)] for each in (model, reloaded))
        assert ours == theirs
    assert any("inner" in v.path for v in model.trainable_weights) != frozen


@pytest.mark.parametrize("factory", ["many_to_one", "many_to_many"])
def test_images_have_the_built_in_encoder_by_default(factory, rng):
    model = FACTORIES[factory](None)
    model.get_layer("encoder").layer.get_layer("convolution_0")
    x, y = batch(factory, rng)
    assert model(x).shape == (*y.shape, V)


def test_attention_keeps_the_places_of_the_built_in_encoder_apart():
    model = one_to_many(IMAGE, V, units=U, encoder="convolutional", attention="dot")
    assert model.get_layer("encoder").output_shape == (None, 5, 5, 64)
    assert model.get_layer("memory").output.shape == (None, 25, U)
    vector = one_to_many(IMAGE, V, units=U, encoder="convolutional").get_layer("encoder")
    assert vector.output_shape == (None, 128)


@pytest.mark.parametrize(
    "shape, grid",
    [
        ((1, 1, 1), (1, 1, 64)),
        ((8, 8, 1), (4, 4, 64)),
        ((28, 28, 1), (7, 7, 128)),
        ((16, 64, 3), (4, 16, 128)),
        ((96, 96, 3), (6, 6, 256)),
    ],
)
def test_pooling_stops_at_about_four_places_an_edge(shape, grid):
    assert convolutional_encoder(shape, grid=True).output_shape == (None, *grid)
    assert convolutional_encoder(shape, units=7).output_shape == (None, 7)
