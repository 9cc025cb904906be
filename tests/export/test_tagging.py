"""The tagger's SavedModel: it answers as Python does, in TensorFlow alone, whatever the line."""

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tagger, Tokenizer, Vocabulary, export, many_to_many
from kerasrnn.layers import CRF, bio_constraints
from kerasrnn.tasks.tag.signatures import as_tokens

LABELS = ["B-LOC", "I-LOC", "O", "B-PER", "I-PER"]
LINES = [
    "ab cab",
    "",
    "  \t ",
    "a",
    "zz a\x00b \tab\vc ",
    "a\u00a0b 😀 ab",
    "x" * 3_001,
    "cab ab a " * 67,
]
OUTPUTS = {"labels", "tokens", "confidence", "entity_confidence", "length", "log_prob"}


def tagger(output="crf", characters=True, cell="lstm", bidirectional=True):
    words = Tokenizer(Vocabulary(["ab", "a", "cab"]), "whitespace")
    letters = Tokenizer(Vocabulary("abc")) if characters else None
    if output == "constrained":
        output = CRF(5, bio_constraints(LABELS), name="output")
    model = many_to_many(
        7,
        5,
        cell=cell,
        units=3,
        bidirectional=bidirectional,
        embedding=11,
        characters=7 if characters else None,
        output=output,
    )
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 2, weight.shape) for weight in model.get_weights()])
    return Tagger(model, words, LABELS, letters)


@pytest.mark.slow
@pytest.mark.parametrize(
    "output, characters, cell, bidirectional",
    [("softmax", False, "gru", False), ("constrained", True, "lstm", True)],
)
def test_export_answers_as_python_does(tmp_path, output, characters, cell, bidirectional):
    task = tagger(output, characters, cell, bidirectional)
    folder = task.export(tmp_path / "model", LINES, signatures=())
    assert folder == tmp_path / "model" / "1"
    serve = tf.saved_model.load(folder).signatures["serving_default"]
    outputs = {name: value.numpy() for name, value in serve(text=tf.constant(LINES)).items()}
    assert set(outputs) == OUTPUTS
    assert outputs["length"].tolist() == [2, 0, 0, 1, 4, 3, 1, 201]
    for i, expected in enumerate(task.tag(LINES)):
        length = len(expected.labels)
        assert [each.decode() for each in outputs["labels"][i, :length]] == expected.labels
        assert [each.decode() for each in outputs["tokens"][i, :length]] == expected.tokens
        np.testing.assert_allclose(
            outputs["confidence"][i, :length], expected.confidences, rtol=1e-4
        )
        np.testing.assert_allclose(outputs["log_prob"][i], expected.log_prob, rtol=1e-4, atol=1e-5)
        assert not any(outputs["labels"][i, length:]) and not any(outputs["tokens"][i, length:])
        assert not outputs["confidence"][i, length:].any()
    assert all(np.isfinite(outputs[name]).all() for name in ("confidence", "log_prob"))
    assert {len(value) for value in outputs.values()} == {len(LINES)}


def check_signatures(signatures):
    inputs = {
        name: {key: (spec.shape.as_list(), spec.dtype) for key, spec in specs.items()}
        for name, (_, specs) in (
            (name, each.structured_input_signature) for name, each in signatures.items()
        )
    }
    lines = {"text": ([None], tf.string)}
    assert inputs == {
        "serving_default": lines,
        "tokens": {"tokens": ([None, None], tf.string), "length": ([None], tf.int32)},
    }
    for signature in signatures.values():
        assert set(signature.structured_outputs) == OUTPUTS


def test_tokens_may_hold_white_space_and_padding_anything():
    function = tagger().signatures.functions["tokens"]
    tokens = tf.constant([["a b", "ab"], ["cab", "nothing"], ["a", "a"]])
    outputs = function(tokens, tf.constant([2, 1, 0]))
    assert outputs["tokens"].numpy().tolist() == [[b"a b", b"ab"], [b"cab", b""], [b"", b""]]
    alone = function(tokens[1:2, :1], tf.constant([1]))
    assert outputs["labels"][1, 0] == alone["labels"][0, 0]
    np.testing.assert_allclose(
        outputs["log_prob"].numpy()[1:], [alone["log_prob"].numpy()[0], 0], rtol=1e-5
    )


@pytest.mark.parametrize("lines", [[], ["", ""]])
def test_nothing_to_label(lines):
    outputs = tagger().signatures.functions["serving_default"](tf.constant(lines, tf.string))
    assert (
        outputs["length"].numpy().tolist()
        == outputs["log_prob"].numpy().tolist()
        == [0] * len(lines)
    )
    assert not outputs["labels"].numpy().any()


@pytest.mark.slow
def test_runs_in_a_process_without_keras_and_this_package(tmp_path):
    task = tagger("constrained")
    folder = task.export(tmp_path, signatures=["tokens"])
    inputs = task.served_inputs([["cab", "ab", "zz"], "", "a b"])
    assert inputs == {"text": ["cab ab zz", "", "a b"]}
    answers = export.run_elsewhere(folder, inputs, task.served_answer)
    assert [[label for label in row if label] for row in answers] == task.predict(inputs["text"])
    signatures = tf.saved_model.load(folder).signatures
    check_signatures(signatures)
    used = {
        node.op
        for function in signatures.values()
        for graph in [function.graph.as_graph_def()]
        for nodes in [graph.node, *(inner.node_def for inner in graph.library.function)]
        for node in nodes
    }
    assert "While" in used
    assert not {op for op in used if op.startswith(("Xla", "Cudnn", "PyFunc", "EagerPyFunc"))}


def test_as_tokens_pads_and_replaces_what_is_no_text():
    tokens, length = as_tokens([["a", b"b"], [], ["\ud800"]])
    assert tokens.numpy().tolist() == [[b"a", b"b"], [b"", b""], [b"?", b""]]
    assert length.numpy().tolist() == [2, 0, 1]
    assert [tuple(part.shape) for part in as_tokens([])] == [(0, 0), (0,)]
    assert [tuple(part.shape) for part in as_tokens([[]])] == [(1, 0), (1,)]
