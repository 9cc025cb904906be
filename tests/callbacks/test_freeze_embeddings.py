"""Embeddings that are frozen at first: equal to the bit until they may move."""

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn.callbacks import AverageWeights, FreezeEmbeddings, SaveTraining
from kerasrnn.optimizers import AveragingAdam, FusedAdam, FusedSGD, LazyAdam

VOCABULARY, ROWS, LENGTH, FROZEN, EPOCHS = 23, 11, 5, 2, 4
OPTIMIZERS = {
    "sgd": lambda: FusedSGD(0.5, momentum=0.9, global_clipnorm=1.0),
    "adam": lambda: FusedAdam(0.1, global_clipnorm=1.0),
    "lazy": lambda: LazyAdam(0.1),
    "decay": lambda: keras.optimizers.AdamW(0.1, weight_decay=0.3),
    "ema": lambda: keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.7),
    "averaging": lambda: AveragingAdam(0.1, ema_momentum=0.7, global_clipnorm=1.0),
}


@pytest.fixture
def data(rng):
    x = rng.integers(1, VOCABULARY, (ROWS, LENGTH)).astype("int32")
    return x, rng.integers(0, 3, ROWS).astype("int32")


class Watched(keras.callbacks.Callback):
    """What the weights are at the end of each epoch, and in its validation."""

    def __init__(self, layer):
        super().__init__()
        self.layer, self.vectors, self.validated, self.others = layer, [], [], []

    def on_test_begin(self, logs=None):
        self.validated.append(self.vectors_now())

    def on_epoch_end(self, epoch, logs=None):
        self.vectors.append(self.vectors_now())
        self.others.append(np.asarray(self.model.layers[-1].kernel))

    def vectors_now(self):
        return np.asarray(self.model.get_layer(self.layer).embeddings)


def compiled(name, seed=7):
    keras.utils.set_random_seed(seed)
    model = kerasrnn.many_to_one(VOCABULARY, 3, cell="gru", units=3, embedding=7)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(OPTIMIZERS[name](), loss, run_eagerly=True)
    return model


def fit(model, data, callbacks, **options):
    return model.fit(
        *data,
        batch_size=4,
        shuffle=False,
        validation_data=data,
        callbacks=callbacks,
        verbose=0,
        **{"epochs": EPOCHS, **options},
    )


def averaging(model):
    return [AverageWeights()] if model.optimizer.use_ema else []


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_vectors_are_equal_to_the_bit_while_frozen_and_train_then(data, name):
    model = compiled(name)
    before = np.array(model.get_layer("token_embedding").embeddings)
    watched = Watched("token_embedding")
    fit(model, data, [FreezeEmbeddings(FROZEN), *averaging(model), watched])
    for found in (watched.vectors, watched.validated):
        same = [each.tobytes() == before.tobytes() for each in found]
        assert same == [True] * FROZEN + [False] * (EPOCHS - FROZEN)
    kernels = [each.tobytes() for each in watched.others]
    assert len(set(kernels)) == EPOCHS  # the rest has trained all the time


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_without_it_they_move(data, name):
    model = compiled(name)
    watched = Watched("token_embedding")
    before = np.array(model.get_layer("token_embedding").embeddings)
    fit(model, data, [FreezeEmbeddings(0), *averaging(model), watched], epochs=1)
    assert watched.vectors[0].tobytes() != before.tobytes()


def test_moments_follow_the_gradient_so_that_the_first_step_is_no_larger_than_others(data):
    """With moments of 0 Adam's first step of the vectors would be 3 times the rate and more."""
    model = compiled("adam")
    layer = model.get_layer("token_embedding")
    fit(model, data, [FreezeEmbeddings(40)], epochs=40)
    before = np.array(layer.embeddings)
    model.optimizer.learning_rate.assign(1e-3)
    model.train_on_batch(*data)
    step = np.abs(np.asarray(layer.embeddings) - before).max()
    assert 0 < step < 1.5e-3


@pytest.mark.parametrize("name", ["sgd", "averaging"])
@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_an_interrupted_training_ends_as_an_uninterrupted_one(data, tmp_path, name, epochs):
    def trained(folder, *lasts):
        for last in lasts:
            model = compiled(name)
            saving = SaveTraining(folder)
            average = [AverageWeights(resumed=saving.after_epoch)] if averaging(model) else []
            callbacks = [FreezeEmbeddings(FROZEN), *average, saving]
            fit(model, data, callbacks, initial_epoch=saving.initial_epoch, epochs=last)
        return model

    whole = trained(tmp_path / "whole", EPOCHS)
    parts = trained(tmp_path / "parts", epochs, EPOCHS)
    for one, other in zip(whole.get_weights(), parts.get_weights(), strict=True):
        assert one.tobytes() == other.tobytes()


def test_tied_weights_and_both_sides(rng):
    model = kerasrnn.encoder_decoder(
        VOCABULARY, VOCABULARY, cell="gru", units=3, embedding=7, output="tied"
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, run_eagerly=True)
    ids = rng.integers(1, VOCABULARY, (2, ROWS, LENGTH)).astype("int32")
    x, y = {"source": ids[0], "target": ids[1]}, ids[1]
    names = "source_embedding", "target_embedding"
    before = {name: np.array(model.get_layer(name).embeddings) for name in names}
    model.fit(x, y, epochs=2, callbacks=[FreezeEmbeddings(2, ["target_embedding"])], verbose=0)
    moved = {
        name: not np.array_equal(before[name], model.get_layer(name).embeddings) for name in names
    }
    assert moved == {"source_embedding": True, "target_embedding": False}


def test_wrong_arguments(data):
    with pytest.raises(ValueError, match="`epochs` to be an integer.*Received: -1"):
        FreezeEmbeddings(-1)
    model = compiled("adam")
    with pytest.raises(ValueError, match="names of layers.*Received: 'source_embedding'"):
        fit(model, data, [FreezeEmbeddings(1, ["source_embedding"])])
    model.compile("adam", model.loss, steps_per_execution=3)
    with pytest.raises(ValueError, match="one by one. Received: steps_per_execution=3"):
        fit(model, data, [FreezeEmbeddings(1)])
