"""Exports: versions, equality with Python, and life without Keras."""

import os
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import (
    Tokenizer,
    Translator,
    Vocabulary,
    encoder_decoder,
    export,
    many_to_many,
)
from kerasrnn.export.saved_model import portable, without_cudnn
from kerasrnn.layers import RecurrentStack

TEXTS = ["cab", "", "?!", "ab" * 29, "a\nb\x00c", "שלום 😀"]

COVERING = [
    ("simple_rnn", "general", True, 1, "character"),
    ("lstm", "additive", False, 2, "word"),
    ("gru", "dot", True, 2, "character"),
    ("lstm", None, True, 1, "whitespace"),
    ("callable", "scaled_dot", False, 1, "character"),
]


def translator(cell="gru", attention="dot", bidirectional=True, layers=1, level="character"):
    if cell == "callable":

        def cell(units):
            return keras.layers.GRU(units, reset_after=False)

    source, target = (
        Tokenizer(Vocabulary("abc\n😀"), level),
        Tokenizer(Vocabulary("0123456"), level),
    )
    model = encoder_decoder(
        len(source.vocabulary),
        len(target.vocabulary),
        cell=cell,
        units=3,
        num_layers=layers,
        bidirectional=bidirectional,
        attention=attention,
        embedding=(5, 7),
    )
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return Translator(model, source, target, max_length=13)


@pytest.mark.slow
@pytest.mark.parametrize("cell, attention, bidirectional, layers, level", COVERING)
def test_export_answers_as_python_does(tmp_path, cell, attention, bidirectional, layers, level):
    task = translator(cell, attention, bidirectional, layers, level)
    folder = task.export(tmp_path / "model", TEXTS, signatures=())
    assert folder == tmp_path / "model" / "1"
    serve = tf.saved_model.load(folder).signatures["serving_default"]
    outputs = serve(text=export.as_text(TEXTS))
    expected = task.translate(TEXTS)
    assert [text.decode() for text in outputs["text"].numpy()] == [each.text for each in expected]
    for i, each in enumerate(expected):
        np.testing.assert_allclose(outputs["score"][i], each.score, rtol=1e-5)
        rows, columns = outputs["target_length"][i], outputs["source_length"][i]
        assert (rows, columns) == (len(each.target_tokens), max(1, len(each.source_tokens)))
        if attention:
            scores = outputs["attention"][i].numpy()
            np.testing.assert_allclose(scores[:rows, :columns].sum(-1), 1, rtol=1e-5)
            np.testing.assert_allclose(scores[:rows, :columns], each.attention, atol=1e-6)
            assert not scores[rows:].any() and not scores[:, columns:].any()
    assert ("attention" in outputs) == (attention is not None)


@pytest.mark.slow
def test_runs_in_a_process_without_keras_and_this_package(tmp_path):
    task = translator()
    folder = task.export(tmp_path / "model", signatures=())
    assert export.run_elsewhere(folder, {"text": TEXTS[:3]}) == task.predict(TEXTS[:3])
    shutil.rmtree(folder / "variables")
    with pytest.raises(RuntimeError, match="does not run alone"):
        export.run_elsewhere(folder, {"text": TEXTS})


def operations(folder):
    for function in tf.saved_model.load(folder).signatures.values():
        graph = function.graph.as_graph_def()
        yield from (node.op for node in graph.node)
        yield from (node.op for inner in graph.library.function for node in inner.node_def)


@pytest.mark.slow
def test_core_operations_only(tmp_path):
    used = set(operations(translator("lstm").export(tmp_path, signatures=())))
    assert {"While", "LookupTableFindV2"} <= used
    assert not {op for op in used if op.startswith(("Xla", "Cudnn", "PyFunc", "EagerPyFunc"))}
    known = subprocess.run(
        [sys.executable, "-c", "import tensorflow as tf; print(*dir(tf.raw_ops))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert used <= {*known, "Const", "NoOp", "Placeholder", "_Arg", "_Retval"}


def test_versions_count_upwards_and_are_never_overwritten(tmp_path):
    task = translator()
    (tmp_path / "7").mkdir()
    (tmp_path / "notes").mkdir()
    assert task.export(tmp_path, signatures=()).name == "8"
    before = (tmp_path / "8" / "saved_model.pb").read_bytes()
    assert task.export(tmp_path, signatures=()).name == "9"
    assert (tmp_path / "8" / "saved_model.pb").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["7", "8", "9", "notes"]


def test_a_failed_comparison_leaves_nothing(tmp_path):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def unsteady(text: tf.Tensor):
        return {"number": tf.cast(tf.timestamp() * 1e6, tf.int64)[tf.newaxis]}

    with pytest.raises(RuntimeError, match="gives another `number`"):
        export.write_version(
            tmp_path, {"serve": unsteady}, tracked=[], example={"text": tf.constant(["a"])}
        )
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="Expected a folder to write to"):
        translator().export(tmp_path / "file" / "model", signatures=())


@pytest.mark.parametrize("bidirectional", [True, False])
def test_cudnn_is_off_while_an_export_is_traced_and_back_afterwards(bidirectional):
    model = translator("lstm", bidirectional=bidirectional).model
    stacks = [model.get_layer("encoder"), model.get_layer("decoder")]
    layers = [layer for stack in stacks for layer in stack.rnn_layers]
    if bidirectional:
        first = layers.pop(0)
        layers += [first.forward_layer, first.backward_layer]
    assert {layer.use_cudnn for layer in layers} == {"auto"}
    with without_cudnn(model):
        assert {layer.use_cudnn for layer in layers} == {False}
    assert {layer.use_cudnn for layer in layers} == {"auto"}


def test_no_loop_of_an_export_is_compiled():
    model = many_to_many(11, 3, cell="gru", units=5)
    stack = next(each for each in model.layers if isinstance(each, RecurrentStack))
    stack.recurrence = "compiled"
    spec = tf.TensorSpec((None, None), tf.int32, name="tokens")
    functions = portable([model], model, spec), tf.function(model, input_signature=[spec])
    graphs = [each.get_concrete_function().graph.as_graph_def() for each in functions]
    compiled = [
        sum(each.attr["_XlaMustCompile"].b for each in graph.library.function) for graph in graphs
    ]
    assert compiled[0] == 0 < compiled[1]
    assert stack.recurrence == "compiled"


def test_signature_is_named(tmp_path):
    signatures = tf.saved_model.load(translator().export(tmp_path, signatures=())).signatures
    _, inputs = signatures["serving_default"].structured_input_signature
    assert {name: (spec.shape.as_list(), spec.dtype) for name, spec in inputs.items()} == {
        "text": ([None], tf.string)
    }
    assert set(signatures["serving_default"].structured_outputs) == {
        *("text", "log_prob", "score", "attention", "source_tokens", "target_tokens"),
        *("source_length", "target_length"),
    }


def test_an_export_says_nothing_of_the_folder_that_it_renames(tmp_path, caplog):
    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32, name="x")])
    def double(x):
        return {"y": 2 * x}

    logger = tf.get_logger()
    with caplog.at_level("INFO", logger=logger.name):  # as in a notebook
        export.write_version(tmp_path, {"double": double}, tracked=[], example={"x": [3.0]})
        assert logger.level == 20
    assert not [record for record in caplog.records if ".export-" in record.getMessage()]
