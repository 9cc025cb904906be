"""`distribute.fit` on one device, in parts: what `fit` of Keras does with the whole batch."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import distribute
from kerasrnn.losses import CrossEntropy
from kerasrnn.metrics import Perplexity
from kerasrnn.optimizers import FusedAdam, FusedSGD

SIZES = [(8, 7), (8, 5), (7, 11), (5, 3), (2, 4)]
SPECS = [tf.TensorSpec((None, None), kind) for kind in ("int32", "int32", "float32")]


def batches(weighted=True):
    random, made = np.random.default_rng(1), []
    for rows, steps in SIZES:
        real = np.arange(steps) < random.integers(1, steps + 1, (rows, 1))
        tokens = (random.integers(1, 11, (rows, steps)) * real).astype("int32")
        made.append((tokens, np.roll(tokens, -1, 1), real.astype("float32")))
    number = 3 if weighted else 2
    data = tf.data.Dataset.from_generator(
        lambda: iter([each[:number] for each in made]), output_signature=tuple(SPECS[:number])
    )
    return data.apply(tf.data.experimental.assert_cardinality(len(made)))


def compiled(optimizer=None, loss=None, **options):
    keras.utils.set_random_seed(3)
    model = kerasrnn.language_model(11, units=5, **options)
    optimizer = optimizer or FusedAdam(0.05, global_clipnorm=0.05)
    model.compile(
        optimizer, loss or CrossEntropy(), weighted_metrics=[Perplexity()], jit_compile=False
    )
    return model


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize(
    "make",
    [
        compiled,
        lambda: compiled(FusedSGD(0.5, clipnorm=0.1)),
        lambda: compiled(keras.optimizers.Adam(0.05, use_ema=True, ema_overwrite_frequency=2)),
        lambda: compiled(keras.optimizers.AdamW(0.05, weight_decay=0.1)),
        lambda: compiled(keras.optimizers.LossScaleOptimizer(FusedAdam(0.05))),
    ],
    ids=["global norm", "norm", "average", "decay", "scaled"],
)
def test_it_is_fit(make, accumulate):
    data, (model, other) = batches(), (make(), make())
    history = model.fit(data, epochs=3, validation_data=data, shuffle=False, verbose=0).history
    found = distribute.fit(
        other, data, epochs=3, validation_data=data, verbose=0, accumulate=accumulate
    ).history
    assert list(found) == ["loss", "perplexity", "val_loss", "val_perplexity"]
    for name, values in history.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5)
    for weight, expected in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, atol=2e-5)
    expected = model.evaluate(data, return_dict=True, verbose=0)
    assert distribute.evaluate(other, data) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_regularized_weights(accumulate):
    def make():
        keras.utils.set_random_seed(5)
        tokens = keras.Input((None,), dtype="int32")
        embedded = keras.layers.Embedding(11, 3, embeddings_regularizer="l2")(tokens)
        outputs = keras.layers.GRU(5, return_sequences=True)(embedded)
        model = keras.Model(tokens, keras.layers.Dense(11, kernel_regularizer="l1")(outputs))
        model.compile(FusedSGD(0.5), CrossEntropy(), jit_compile=False)
        return model

    model, other = make(), make()
    history = model.fit(batches(), epochs=2, shuffle=False, verbose=0).history
    found = distribute.fit(other, batches(), epochs=2, verbose=0, accumulate=accumulate).history
    np.testing.assert_allclose(found["loss"], history["loss"], rtol=1e-5)
    for weight, expected in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-5)


def test_rows_that_all_weigh_the_same():
    random = np.random.default_rng(2)
    ids, labels = random.integers(1, 11, (13, 4)), random.integers(0, 3, 13)

    def make():
        keras.utils.set_random_seed(7)
        model = kerasrnn.many_to_one(11, 3, units=5, dropout=0)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"], jit_compile=False)
        return model

    model, other = make(), make()
    history = model.fit(ids, labels, batch_size=5, epochs=2, shuffle=False, verbose=0).history
    found = distribute.fit(
        other, ids, labels, batch_size=5, epochs=2, shuffle=False, verbose=0, accumulate=2
    ).history
    for name, values in history.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5)


def test_arrays_are_shuffled_alike_each_time():
    ids, labels = np.arange(1, 11).reshape(10, 1), np.arange(10) % 3
    histories = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        model = kerasrnn.many_to_one(11, 3, units=5, dropout=0)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("sgd", loss)
        fitted = distribute.fit(model, ids, labels, batch_size=3, epochs=3, verbose=0)
        histories.append(fitted.history["loss"])
    assert histories[0] == histories[1]


def test_callbacks_steps_and_an_end():
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((batch, np.isfinite(logs["loss"])))

        def on_epoch_end(self, epoch, logs=None):
            assert {"loss", "perplexity"} <= set(logs) and ("val_loss" in logs) == (epoch == 3)
            self.model.stop_training = epoch == 3

    model = compiled()
    found = distribute.fit(
        model,
        batches().repeat(),
        epochs=7,
        initial_epoch=2,
        steps_per_epoch=2,
        validation_data=batches(),
        validation_steps=1,
        validation_freq=2,
        callbacks=[Watch()],
        verbose=0,
    )
    assert seen == [(0, True), (1, True)] * 2 and found.epoch == [2, 3]
    assert int(model.optimizer.iterations) == 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"accumulate": 0}, "`accumulate`"),
        ({"y": np.zeros(3)}, "a dataset of batches alone"),
        ({"x": np.zeros((3, 2))}, "arrays with `y`"),
    ],
)
def test_wrong_arguments(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        distribute.fit(compiled(), **{"x": batches(), "verbose": 0, **change})


def test_few_rows_without_weights():
    sizes = [rows for rows, _ in SIZES]
    assert sizes[-1] == 2 == min(sizes)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = compiled(loss=loss)
    distribute.fit(model, batches(weighted=False), accumulate=2, verbose=0)
    with pytest.raises(ValueError, match="at least 3 rows in a batch .* Received: 2"):
        distribute.fit(model, batches(weighted=False), accumulate=3, verbose=0)


def test_wrong_models():
    with pytest.raises(ValueError, match="Expected a compiled model"):
        distribute.fit(kerasrnn.language_model(11, units=5), batches())
    summed = compiled(loss=keras.losses.SparseCategoricalCrossentropy(reduction="sum"))
    with pytest.raises(ValueError, match="whose reduction is a mean"):
        distribute.fit(summed, batches())
    with distribute.scope("mirrored"), pytest.raises(ValueError, match="outside of `distribute"):
        distribute.fit(compiled(), batches())
