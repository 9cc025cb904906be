"""Trainings in which a validation has the values that a test gives, for the halving rules."""

import functools
import json
import math
import shutil

import keras
import numpy as np
import tensorflow as tf
from hypothesis import strategies as st

NAN, INF = math.nan, math.inf
BATCHES = 2


class Inject(keras.callbacks.Callback):
    """Stands first and gives the validation its value."""

    def __init__(self, values, monitor="val_perplexity"):
        super().__init__()
        self.values, self.monitor, self.batches, self.trained = values, monitor, 0, []

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1

    def on_epoch_end(self, epoch, logs=None):
        self.trained.append(snapshot(self.model))
        logs[self.monitor] = self.values[epoch]


class Record(keras.callbacks.Callback):
    """Stands behind and notes what is left of each epoch."""

    def __init__(self):
        super().__init__()
        self.ends, self.logged = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.ends.append(snapshot(self.model))
        self.logged.append(logs["learning_rate"])


class Photograph(keras.callbacks.Callback):
    """Copies the run's folder: what a process that is killed here leaves behind."""

    def __init__(self, folder, name):
        super().__init__()
        self.folder, self.name = folder, name

    def on_epoch_end(self, epoch, logs=None):
        shutil.copytree(self.folder / "run", self.folder / f"{self.name}_{epoch}")


class SaveWeights(keras.callbacks.Callback):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_epoch_end(self, epoch, logs=None):
        self.model.save_weights(self.path, overwrite=True)


def build(seed=13, optimizer=None):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    optimizer = optimizer or keras.optimizers.Adam(0.5)
    model.compile(optimizer, loss="mse", run_eagerly=True)
    return model


def started(seed=13):
    """A model whose optimizer has its variables."""
    model = build(seed)
    model.optimizer.build(model.trainable_variables)
    return model


@functools.cache
def data():
    random = np.random.default_rng(17)
    x, y = random.normal(size=(7, 3)), random.normal(size=(7, 2))
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(math.ceil(7 / BATCHES))


def fit(model, callbacks, epochs, **keywords):
    keywords = {"shuffle": False, "verbose": 0, **keywords}
    model.fit(data(), epochs=epochs, callbacks=callbacks, **keywords)


def snapshot(model):
    """Learning rate, weights, and the optimizer's other variables."""
    optimizer = model.optimizer
    others = [v for v in optimizer.variables if v is not optimizer.learning_rate]
    arrays = [np.array(v.numpy()) for v in others]
    rate = float(optimizer.learning_rate.numpy())
    return rate, [*model.get_weights(), *arrays]


def same_arrays(left, right):
    pairs = zip(left[1], right[1], strict=True)
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def run(values, halving, **keywords):
    """One run without interruption."""
    inject, record, model = Inject(values), Record(), build(**keywords)
    fit(model, [inject, halving, record], len(values))
    return model, halving, inject, record


def same_history(left, right):
    """Equality of two histories in which nan equals nan."""
    return json.dumps(left) == json.dumps(right)


def keepers(folder):
    return [keras.callbacks.BackupAndRestore(folder / "b"), SaveWeights(folder / "a.weights.h5")]


def resume(rule, values, folder, epoch, how):
    """Goes on in new objects from what `folder` holds."""
    model, inject = started(seed=29 if epoch else 13), Inject(values)
    halving = rule(state_dir=folder / "state", verbose=0)
    backup, save = keepers(folder)
    if how == "weights":
        model.load_weights(save.path)
        fit(model, [inject, halving, save], len(values), initial_epoch=epoch)
    else:
        fit(model, [inject, halving, backup], len(values))
    return model, halving, inject


def check_interruptions(rule, values, folder):
    """Kills a run after each epoch, and in each epoch's end; it ends as one that was not killed."""
    whole, expected, record = build(), rule(verbose=0), Record()
    fit(whole, [Inject(values), expected, record], len(values))
    halving = rule(state_dir=folder / "run" / "state", verbose=0)
    between, after = Photograph(folder, "between"), Photograph(folder, "after")
    stored = [Inject(values), halving, between, *keepers(folder / "run"), after]
    fit(build(), stored, len(values))
    epochs = len(record.ends)
    assert epochs < len(values)
    for epoch in range(epochs):
        for how in ("between", "backup", "weights"):
            source = folder / f"{'between' if how == 'between' else 'after'}_{epoch}"
            copied = shutil.copytree(source, folder / f"resumed_{how}_{epoch}")
            done = epoch + (how != "between")
            model, resumed, inject = resume(rule, values, copied, done, how)
            assert snapshot(model)[0] == snapshot(whole)[0]
            assert same_arrays(snapshot(model), snapshot(whole))
            assert same_history(resumed.history, expected.history)
            assert inject.batches == (BATCHES * (epochs - done) or 1)


@functools.cache
def driven():
    return started()


def drive(rule, values, restarts, state_dir):
    """Calls the hooks as `fit` does; the weights of an accepted epoch e become e + 1 everywhere.

    After an epoch of `restarts` the callback is made anew and the model is what was backed up,
    the epoch itself (True) or, where it came to its state and no further (False), the one before.
    """
    model, epoch, backup, halving, ends = driven(), 0, 0, None, {}
    while epoch < len(values):
        if halving is None:
            set_all(model, backup)
            model.optimizer.learning_rate = 0.5
            model.stop_training = False
            halving = rule(state_dir=state_dir, verbose=0)
            halving.set_model(model)
            halving.on_train_begin()
        halving.on_epoch_begin(epoch)
        if model.stop_training:
            break
        set_all(model, epoch + 1)
        halving.on_epoch_end(epoch, {"val_perplexity": values[epoch]})
        ends[epoch] = int(model.get_weights()[0][0, 0])
        backed_up = restarts.pop(epoch, None)
        if backed_up is None and model.stop_training:
            break
        if backed_up is not False:
            backup, epoch = ends[epoch], epoch + 1
        if backed_up is not None and epoch < len(values):
            halving = None
    return halving, ends


def set_all(model, number):
    model.set_weights([np.full_like(weight, number) for weight in model.get_weights()])


ANY_HISTORY = st.lists(
    st.one_of(
        st.floats(1.5, 3000.0),
        st.sampled_from([97.0, 97.1, 96.0, 95.9, 53.0, 7.0]),
        st.sampled_from([NAN, INF]),
    ),
    min_size=1,
    max_size=11,
)
