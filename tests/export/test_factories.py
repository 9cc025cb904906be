"""What every factory returns runs as a SavedModel where there is neither Keras nor kerasrnn."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import export, models, views

B, T, V, U = 2, 7, 11, 5
FRAME = (5, 3, 1)

# TensorFlow only: both packages are made impossible to import.
PROGRAM = """
import sys
sys.modules["keras"] = sys.modules["kerasrnn"] = None
import numpy as np, tensorflow as tf
folder, inputs, outputs = sys.argv[1:]
signatures, results = tf.saved_model.load(folder).signatures, {}
arguments = np.load(inputs)
for key, function in signatures.items():
    own = {n.split("/")[1]: tf.constant(arguments[n]) for n in arguments if n.split("/")[0] == key}
    if own:
        results |= {f"{key}/{name}": value.numpy() for name, value in function(**own).items()}
np.savez(outputs, **results)
"""

MODELS = {
    "one_to_one": lambda: models.one_to_one(V, 3, units=U, num_layers=2),
    "one_to_many": lambda: models.one_to_many(
        FRAME, V, units=U, encoder="convolutional", attention="additive"
    ),
    "many_to_one": lambda: models.many_to_one(
        V, 3, cell="gru", units=U, bidirectional=True, pooling="attention", dropout=0.5
    ),
    "many_to_one_max": lambda: models.many_to_one(
        (13,), 3, cell="min_lstm", units=U, pooling="max"
    ),
    "many_to_many": lambda: models.many_to_many(FRAME, 3, units=U, bidirectional=True),
    "many_to_many_crf": lambda: models.many_to_many(V, 3, units=U, characters=V, output="crf"),
    "encoder_decoder": lambda: models.encoder_decoder(
        V, V, cell="simple_rnn", units=U, attention="general", output="tied"
    ),
    "language_model": lambda: models.language_model(V, cell="elman", units=U, dropout=0.5),
    "language_model_class": lambda: models.language_model(V, units=U, output="class"),
    "language_model_adaptive": lambda: models.language_model(
        29, cell="min_gru", units=U, output="adaptive"
    ),
    "fixed_window": lambda: models.fixed_window_language_model(V, window=3, units=U),
    "fixed_window_mean": lambda: models.fixed_window_language_model(V, combine="mean", units=U),
    "cbow": lambda: models.cbow(V, window=2, embedding=U),
    "step": lambda: views.step(models.many_to_many(FRAME, 3, cell="sru", units=U)),
    "encode": lambda: views.encode(models.one_to_many((3, 13), V, units=U, attention="dot")),
    "scores": lambda: views.attention_scores(
        models.encoder_decoder(V, V, units=U, attention="dot", bidirectional=True)
    ),
    "log_probs": lambda: views.log_probs(models.language_model(V, units=U, output="class")),
}


def endpoint(model):
    """A function of the model's inputs by their names, for any batch size and length."""

    def run(**inputs):
        outputs = model(inputs if isinstance(model.input, dict) else next(iter(inputs.values())))
        return outputs if isinstance(outputs, dict) else {"outputs": outputs}

    function = tf.function(run, autograph=False)
    function.get_concrete_function(
        **{t.name: tf.TensorSpec(t.shape, t.dtype, name=t.name) for t in model.inputs}
    )
    return function


def example(model, rng):
    inputs = {}
    for tensor in model.inputs:
        sizes = [B, *(T if size is None else size for size in tensor.shape[1:])]
        if tensor.dtype == "float32":
            inputs[tensor.name] = rng.normal(size=sizes).astype("float32")
        else:
            inputs[tensor.name] = rng.integers(1, V, sizes).astype(tensor.dtype)
            if len(sizes) > 1:
                inputs[tensor.name][1, 3:] = 0  # padding
    return inputs


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Exports all models as one SavedModel; returns what it gives elsewhere and what they give."""
    folder, rng = tmp_path_factory.mktemp("factories"), np.random.default_rng(1)
    built = {name: make() for name, make in MODELS.items()}
    endpoints = {name: endpoint(model) for name, model in built.items()}
    examples = {name: example(model, rng) for name, model in built.items()}
    first = {key: tf.constant(value) for key, value in examples["one_to_one"].items()}
    version = export.write_version(
        folder / "model", endpoints, tracked=list(built.values()), example=first
    )
    flat = {f"{name}/{key}": v for name, xs in examples.items() for key, v in xs.items()}
    np.savez(folder / "inputs.npz", **flat)
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, version, folder / "inputs.npz", folder / "outputs.npz"],
        capture_output=True,
        text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert process.returncode == 0, process.stderr
    expected = {}
    for name, model in built.items():
        inputs = {key: tf.constant(value) for key, value in examples[name].items()}
        outputs = model(inputs if isinstance(model.input, dict) else next(iter(inputs.values())))
        outputs = outputs if isinstance(outputs, dict) else {"outputs": outputs}
        expected[name] = {key: value.numpy() for key, value in outputs.items()}
    return dict(np.load(folder / "outputs.npz")), expected


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_runs_elsewhere_and_gives_the_same(answers, name):
    received, expected = answers
    own = {key.split("/")[1]: v for key, v in received.items() if key.split("/")[0] == name}
    assert own.keys() == expected[name].keys()
    for key, value in expected[name].items():
        assert value.shape == own[key].shape and value.dtype == own[key].dtype
        np.testing.assert_allclose(own[key], value, rtol=1e-5, atol=1e-5)
