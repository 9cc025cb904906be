"""Wrong arguments of the factories: one sentence, of what was expected and what was received."""

import keras
import numpy as np
import pytest

from kerasrnn import models
from kerasrnn.layers import CRF, ClassSoftmax

V, L, VECTOR, FRAME = 11, 3, (13,), (5, 5, 1)
SEQUENCES = (models.many_to_one, models.many_to_many)
LANGUAGE_MODELS = (models.language_model, models.fixed_window_language_model)


def refuses(message, factory, *arguments, **options):
    with pytest.raises(ValueError, match=message) as raised:
        factory(*arguments, **options)
    assert str(raised.value).startswith("Expected ") and " Received: " in str(raised.value)
    assert "\n" not in str(raised.value)


def embedding(size=V, kind=keras.layers.Embedding, name="token_embedding", mask_zero=True):
    return kind(size, 3, mask_zero=mask_zero, name=name)


def convolution(shape=FRAME):
    return keras.Sequential([keras.Input(shape), keras.layers.Conv2D(2, 3)])


@pytest.mark.parametrize("factory", (*SEQUENCES, models.one_to_one))
@pytest.mark.parametrize("inputs", [11.0, "11", None, (), (0,), (None,), (True,), (28.0,), {28}])
def test_inputs_of_no_shape(factory, inputs):
    refuses("number of ids or the shape of one step, such as", factory, inputs, L)


@pytest.mark.parametrize("factory", (*SEQUENCES, models.one_to_one))
@pytest.mark.parametrize("inputs", [4, 0, -1, True])
def test_inputs_of_too_few_ids(factory, inputs):
    refuses(f"`inputs` to be an integer above 4.* Received: {inputs}", factory, inputs, L)


@pytest.mark.parametrize("factory", (*SEQUENCES, models.one_to_one))
@pytest.mark.parametrize("outputs", [0, -1, 2.0, "two", True, None, ["a", "b"]])
def test_outputs(factory, outputs):
    refuses("`outputs` to be an integer of at least 1", factory, V, outputs)


@pytest.mark.parametrize("factory", (*LANGUAGE_MODELS, models.cbow))
@pytest.mark.parametrize("size", [4, 11.0, "11", (11,), None])
def test_vocabulary_size(factory, size):
    refuses("`vocabulary_size` to be an integer above 4, the number of reserved", factory, size)


def test_counts_of_numpy_are_numbers_too(tmp_path):
    model = models.many_to_many(np.int64(V), np.arange(L).max() + 1, units=5)
    assert model.output_shape == (None, None, L)
    model.save(tmp_path / "model.keras")
    assert models.many_to_one((np.int64(7),), np.int64(L), units=5).output_shape == (None, L)
    assert models.language_model(np.int32(V), units=np.int64(5)).output_shape[-1] == V


@pytest.mark.parametrize("factory", SEQUENCES)
class TestSequences:
    def test_an_embedding_is_for_ids(self, factory):
        refuses("no `embedding` for features .*13.* Received: 5", factory, VECTOR, L, embedding=5)

    def test_an_encoder_is_for_frames(self, factory):
        options = {"encoder": "convolutional"}
        refuses("no `encoder` for token ids. .*'convolutional'", factory, V, L, **options)

    @pytest.mark.parametrize("encoder", ["conv", 128, keras.layers.Flatten])
    def test_no_encoder(self, factory, encoder):
        refuses("'convolutional', or a Keras layer or model", factory, FRAME, L, encoder=encoder)

    def test_an_encoder_that_gives_no_vector(self, factory):
        options = {"encoder": convolution(), "units": 5}
        refuses("from a frame to a vector.*gives .3, 3, 2", factory, FRAME, L, **options)

    @pytest.mark.parametrize("shape", [(5, 7, 1), VECTOR])
    def test_an_encoder_for_another_shape(self, factory, shape):
        options = {"encoder": convolution()}
        message = "inputs of the shape .* Received: 'sequential.*' for .5, 5, 1"
        refuses(message, factory, shape, L, **options)

    @pytest.mark.parametrize("shape", [(13, 7), (2, 3, 5, 7)])
    def test_the_built_in_encoder_is_for_images(self, factory, shape):
        refuses("images of height, width and channels", factory, shape, L)

    @pytest.mark.parametrize(
        "options, message",
        [
            ({"cell": "rnn"}, "`cell` to be one of .*'elman'.* Received: 'rnn'"),
            ({"cell": None}, "`cell` to be a name or a callable"),
            ({"units": 0}, "`units` to be an integer of at least 1"),
            ({"num_layers": 0}, "`num_layers` to be"),
            ({"dropout": 1.0}, "`dropout` to be a number from 0 to below 1"),
            ({"embedding": 0}, "`embedding` to be an integer of at least 1"),
            ({"embedding": embedding(13)}, "an embedding of 11 ids. Received: 13"),
            ({"embedding": embedding(name="x")}, "the name 'token_embedding'"),
            ({"embedding": embedding(mask_zero=False)}, "`mask_zero=True`"),
        ],
    )
    def test_options(self, factory, options, message):
        refuses(message, factory, V, L, **options)


@pytest.mark.parametrize("pooling", ["sum", None, "Mean"])
def test_pooling(pooling):
    refuses("`pooling` to be one of .*'attention'", models.many_to_one, V, L, pooling=pooling)


@pytest.mark.parametrize(
    "inputs, options, message",
    [
        (VECTOR, {"characters": 7}, "token ids where `characters` are read"),
        (V, {"characters": 3}, "`characters` to be an integer above 4"),
        (V, {"characters": 7, "character_filters": 0}, "`character_filters`"),
        (V, {"characters": 7, "character_width": -1}, "`character_width`"),
        (V, {"output": "sigmoid"}, "`output` to be 'softmax', 'crf' or a `layers.CRF`"),
        (V, {"output": keras.layers.Dense(L)}, "`output` to be 'softmax', 'crf'"),
        (V, {"output": CRF(5, name="output")}, "a CRF of 3 labels named 'output'. .*5 labels"),
        (V, {"output": CRF(L)}, "a CRF of 3 labels named 'output'.* named 'crf'"),
    ],
)
def test_many_to_many(inputs, options, message):
    refuses(message, models.many_to_many, inputs, L, **options)


@pytest.mark.parametrize(
    "inputs, options, message",
    [
        (V, {}, "`inputs` to be .* the shape"),
        (VECTOR, {"attention": "dot"}, "a grid of features.* Received: a vector"),
        (FRAME, {"attention": "dot", "encoder": keras.layers.Flatten()}, "a grid of features"),
        ((7, 13), {"attention": "luong"}, "`score` to be one of"),
        (VECTOR, {"encoder": "convolutional"}, "images of height, width"),
        (VECTOR, {"output": "class"}, "`output` to be 'full' or 'tied'"),
        (VECTOR, {"output": keras.layers.Dense(V)}, "`output` to be 'full' or 'tied'"),
        (VECTOR, {"units": 0}, "of at least 1"),
        (VECTOR, {"embedding": embedding()}, "the name 'target_embedding'"),
    ],
)
def test_one_to_many(inputs, options, message):
    refuses(message, models.one_to_many, inputs, V, **{"units": 5, **options})


@pytest.mark.parametrize(
    "inputs, options, message",
    [
        (FRAME, {}, "the shape of a vector, such as"),
        (VECTOR, {"embedding": 7}, "no `embedding` for vectors. Received: 7"),
    ],
)
def test_one_to_one(inputs, options, message):
    refuses(message, models.one_to_one, inputs, L, **options)


@pytest.mark.parametrize("factory", LANGUAGE_MODELS)
@pytest.mark.parametrize(
    "options, message",
    [
        ({"output": "soft"}, "`output` to be one of .*'adaptive'"),
        ({"output": None}, "`output` to be one of"),
        ({"output": keras.layers.Dense(V)}, "`output` to be one of"),
        ({"output": ClassSoftmax(13, name="output")}, "named 'output' of 11 ids.* of 13"),
        ({"output": ClassSoftmax(V)}, "named 'output' of 11 ids"),
        ({"output": "tied", "embedding": embedding()}, "ReversibleEmbedding.*: Embedding"),
        ({"output": "tied_adaptive", "embedding": embedding()}, "AdaptiveEmbedding.*: Embedding"),
        ({"embedding": np.zeros(3)}, "`embedding` to be a size of at least 1"),
        ({"units": 0}, "`units` to be an integer of at least 1"),
        ({"units": "5"}, "`units` to be an integer of at least 1"),
        ({"dropout": 1.0}, "`dropout` to be a number from 0 to below 1"),
        ({"dropout": "a"}, "`dropout` to be a number from 0 to below 1"),
    ],
)
def test_language_models(factory, options, message):
    refuses(message, factory, V, **options)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"num_layers": 2}, "one layer and no embedding.* Received: num_layers=2"),
        ({"embedding": 5}, "one layer and no embedding.* embedding=5"),
        ({"output": "tied"}, "no tied weights in Elman's network"),
        ({"output": "tied_adaptive"}, "no tied weights in Elman's network"),
        ({"units": 0}, "`units` to be an integer of at least 1. Received: 0"),
        ({"dropout": 0.5, "variational": True}, "dropout of its own .* Received: 'elman'"),
    ],
)
def test_elman(options, message):
    refuses(message, models.language_model, V, cell="elman", **options)


@pytest.mark.parametrize("factory", [models.fixed_window_language_model, models.cbow])
@pytest.mark.parametrize("window", [0, -1, 2.0, True, None])
def test_window(factory, window):
    refuses("`window` to be an integer of at least 1", factory, V, window=window)


def test_combination():
    message = "`combine` to be one of .*'mean'.* Received: 'sum'"
    refuses(message, models.fixed_window_language_model, V, combine="sum")


def test_size_of_the_vectors_of_cbow():
    refuses("`embedding` to be an integer of at least 1", models.cbow, V, embedding=0)


def test_a_triple_of_embeddings():
    refuses("one or a pair", models.encoder_decoder, V, V, embedding=(1, 2, 3))


@pytest.mark.parametrize("shape", [(8, 8), (8, 0, 1), VECTOR])
def test_shape_of_the_built_in_encoder(shape):
    refuses("images of height, width and channels", models.convolutional_encoder, shape)
