"""The export runs in a C program that knows TensorFlow's C library and nothing else."""

import os
import pathlib
import shutil
import subprocess

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Translator, Vocabulary, encoder_decoder, export

PROGRAM = pathlib.Path(__file__).with_name("run_saved_model.c")
TEXTS = ["cab", "", "a b c", "שלום", "ab" * 29]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The program, built against the library and the headers that the installed wheel has."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = pathlib.Path(tf.sysconfig.get_lib())
    libraries = sorted(path.name for path in folder.glob("libtensorflow_*.so.2"))
    if len(libraries) < 2:
        pytest.skip(f"this wheel has no C library: {libraries}")
    program = tmp_path_factory.mktemp("c") / "run_saved_model"
    command = [compiler, str(PROGRAM), "-o", str(program), "-I", tf.sysconfig.get_include()]
    command += ["-L", str(folder), *(f"-l:{name}" for name in libraries)]
    command += [f"-Wl,-rpath,{folder}", "-Wall", "-Werror", "-std=c11"]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return program


def run(program, folder, texts):
    process = subprocess.run(
        [program, folder, *texts],
        capture_output=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert process.returncode == 0, process.stderr.decode()
    rows = [line.split("\t") for line in process.stdout.decode().splitlines()]
    return [text for text, _ in rows], [float(score) for _, score in rows]


@pytest.fixture(scope="module")
def translator():
    keras.utils.set_random_seed(3)
    source, target = Tokenizer(Vocabulary("abc ")), Tokenizer(Vocabulary("0123456"))
    sizes = len(source.vocabulary), len(target.vocabulary)
    model = encoder_decoder(*sizes, units=3, cell="lstm", attention="dot", bidirectional=True)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return Translator(model, source, target, max_length=13).with_search(beam_width=3)


@pytest.mark.slow
def test_answers_are_those_of_python(compiled, translator, tmp_path):
    folder = translator.export(tmp_path, TEXTS, signatures=())
    texts, scores = run(compiled, folder, TEXTS)
    expected = translator.translate(TEXTS)
    assert texts == [each.text for each in expected]
    np.testing.assert_allclose(scores, [each.log_prob for each in expected], rtol=1e-4)


@pytest.mark.slow
def test_keras_loads_an_export_as_a_layer(translator, tmp_path):
    folder = translator.export(tmp_path, TEXTS, signatures=["encode"])
    layer = keras.layers.TFSMLayer(str(folder), call_endpoint="serving_default")
    texts = layer(export.as_text(TEXTS))["text"].numpy()
    assert [text.decode() for text in texts] == translator.predict(TEXTS)
    layer = keras.layers.TFSMLayer(str(folder), call_endpoint="encode")
    vectors = layer(export.as_text(TEXTS))["vector"]
    np.testing.assert_allclose(vectors, translator.encode(TEXTS), rtol=1e-5)
