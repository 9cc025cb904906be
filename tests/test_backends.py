"""Every factory builds, trains, steps and saves on Keras' other backends too."""

import os
import subprocess
import sys

import pytest

# TensorFlow is made impossible to import: the factories must not lean on it.
PROGRAM = """
import sys, tempfile
sys.modules["tensorflow"] = None
import keras, numpy as np
from keras import ops
from kerasrnn import callbacks, layers, losses, models, optimizers, views

B, T, V, U = 2, 3, 11, 5
rng = np.random.default_rng(1)
ids = rng.integers(1, V, (B, T)).astype("int32")
ids[1, 2:] = 0
real = (ids != 0).astype("float32")
frames = {"features": rng.normal(size=(B, T, 5, 3, 1)), "mask": ids != 0}
vectors = {"features": rng.normal(size=(B, T, 7)), "mask": ids != 0}
words = {"tokens": ids, "characters": rng.integers(1, V, (B, T, 3)) * (ids != 0)[:, :, None]}
pairs = {"source": ids, "target": ids}
grid = {"features": rng.normal(size=(B, 3, 7)), "target": ids}
targets = {"tokens": ids, "targets": ids}
softmax = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True, reduction="mean_with_sample_weight"
)
log_prob = losses.NegativeLogProbability()
flatten = keras.layers.Flatten()
classes = layers.ClassSoftmax(V, num_classes=3, name="output")

CASES = {
    "one_to_many": (
        models.one_to_many((3, 7), V, units=U, attention="dot"),
        grid, ids, softmax,
    ),
    "many_to_one": (
        models.many_to_one(V, V, cell="elman", units=U, bidirectional=True, pooling="attention"),
        ids, ids[:, 0], softmax,
    ),
    "many_to_many": (
        models.many_to_many((7,), V, cell="simple_rnn", units=U, dropout=0.5),
        vectors, ids, softmax,
    ),
    "many_to_one_min_lstm": (
        models.many_to_one(V, V, cell="min_lstm", units=U, num_layers=2, bidirectional=True),
        ids, ids[:, 0], softmax,
    ),
    "language_model_min_gru": (
        models.language_model(V, cell="min_gru", units=U), ids, ids, softmax
    ),
    "encoder_decoder_sru": (
        models.encoder_decoder(V, V, cell="sru", units=U, attention="dot"), pairs, ids, softmax
    ),
    "many_to_one_max": (
        models.many_to_one((5, 3, 1), V, cell="gru", units=U, pooling="max", encoder=flatten),
        frames, ids[:, 0], softmax,
    ),
    "many_to_one_segments": (
        models.many_to_one(V, V, units=U, pooling="mean", segment_length=2),
        ids, ids[:, 0], softmax,
    ),
    "many_to_many_crf": (
        models.many_to_many(V, V, units=U, characters=V, output="crf"), words, ids, losses.CRF()
    ),
    "encoder_decoder": (
        models.encoder_decoder(V, V, units=U, attention="additive", output="tied"),
        pairs, ids, softmax,
    ),
    "language_model": (models.language_model(V, cell="elman", units=U), ids, ids, softmax),
    "language_model_class": (
        models.language_model(V, units=U, output=classes, dropout=0.5, variational=True),
        targets, ids, log_prob,
    ),
    "language_model_adaptive": (
        models.language_model(29, units=U, output="adaptive"), targets, ids, log_prob
    ),
    "fixed_window": (
        models.fixed_window_language_model(V, window=3, units=U), ids, ids, softmax
    ),
    "cbow": (models.cbow(V, window=1, embedding=U), ids[:, :2], ids[:, 0], softmax),
}


def close(ours, theirs):
    ours, theirs = (ops.convert_to_numpy(array) for array in (ours, theirs))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def predict(model, x):
    return ops.convert_to_numpy(model(keras.tree.map_structure(ops.convert_to_tensor, x)))


folder = tempfile.mkdtemp()
for name, (model, x, y, loss) in CASES.items():
    before = [np.array(weight) for weight in model.get_weights()]
    model.compile(keras.optimizers.Adam(0.01), loss)
    model.fit(x, y, batch_size=B, sample_weight=real if y.ndim == 2 else None, verbose=0)
    for variable, old in zip(model.weights, before, strict=True):
        new = ops.convert_to_numpy(variable)
        assert np.isfinite(new).all() and not np.array_equal(new, old), (name, variable.path)
    model.save(f"{folder}/{name}.keras")
    reloaded = keras.models.load_model(f"{folder}/{name}.keras")
    assert np.array_equal(predict(reloaded, x), predict(model, x)), name

# Steps give what the model gives at once.
STEPS = "language_model", "many_to_many", "one_to_many", "encoder_decoder"
for name in (*STEPS, "language_model_min_gru", "encoder_decoder_sru"):
    model, x = CASES[name][:2]
    step, expected = views.step(model), predict(model, x)
    if "decoder" in [layer.name for layer in model.layers]:
        first = x["features"] if "features" in x else x["source"]
        states, x = views.encode(model)(ops.convert_to_tensor(first)), {"tokens": ids}
    else:
        states = views.initial_states(model, B)
        x = {"features": x["features"]} if isinstance(x, dict) else {"tokens": x}
    for t in range(T):
        outputs = step({**{key: ops.convert_to_tensor(v[:, t]) for key, v in x.items()}, **states})
        states = {key: outputs.get(key, value) for key, value in states.items()}
        close(outputs["logits"][:1], expected[:1, t])

one = models.one_to_one(V, V, cell="gru", units=U)
outputs = one({"tokens": ops.convert_to_tensor(ids[:, 0]), **views.initial_states(one, B)})
assert tuple(outputs["logits"].shape) == (B, V) and tuple(outputs["rnn_0_h"].shape) == (B, U)

# A stream goes on from batch to batch, and begins afresh with each epoch.
twin = views.stream(CASES["language_model"][0], B)
x = rng.integers(1, V, (2 * B, T)).astype("int32")
twin.compile(keras.optimizers.SGD(0.0), softmax)


def epochs(*callbacks):
    history = twin.fit(
        x, x, batch_size=B, epochs=2, shuffle=False, verbose=0, callbacks=list(callbacks)
    )
    return history.history["loss"]


same = epochs(callbacks.ResetStates())
assert abs(same[0] - same[1]) < 1e-6, same
twin.get_layer("stream").reset_states()
other = epochs()
assert abs(other[0] - other[1]) > 1e-6, other
whole = predict(CASES["language_model"][0], np.concatenate([x[:B], x[B:]], axis=1))
twin.get_layer("stream").reset_states()
close(np.concatenate([predict(twin, x[:B]), predict(twin, x[B:])], axis=1), whole)
opened = views.gates(CASES["language_model"][0])(ops.convert_to_tensor(ids))
assert all(value.shape[:2] == tuple(ids.shape) for value in opened.values())
scores = predict(views.attention_scores(CASES["many_to_one"][0]), ids)
close(scores.sum(-1), np.ones(B))

# In the average that an optimizer keeps, the weights of all steps weigh by their age alone.
model = keras.Sequential([keras.Input((2,)), keras.layers.Embedding(7, 3)])
model.compile(optimizers.AveragingAdam(0.1, ema_momentum=0.9), "mse")
x, y, steps = np.array([[1, 2], [2, 5]]), rng.normal(size=(2, 2, 3)), []


class Note(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        steps.append(np.array(self.model.get_weights()[0]))


model.fit(x, y, batch_size=1, epochs=3, shuffle=False, verbose=0, callbacks=[Note()])
ages = 0.9 ** np.arange(5.0, -1.0, -1.0)
close(model.weights[0], np.tensordot(ages / ages.sum(), np.stack(steps), 1))
print("done on", keras.backend.backend())
"""


def run(program, backend):
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "JAX_PLATFORMS": "cpu",
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
        },
    )


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_factory(backend):
    if run(f"import {backend}", backend).returncode:
        pytest.skip(f"{backend} is not installed")
    process = run(PROGRAM, backend)
    assert process.returncode == 0, process.stderr
    assert f"done on {backend}" in process.stdout
