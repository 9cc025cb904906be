"""The exported language model: scores and continuations as in Python, in any process."""

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import (
    LanguageModel,
    Tokenizer,
    Vocabulary,
    export,
    fixed_window_language_model,
    language_model,
)

TEXTS = ["cab", "", "?!", "ab" * 29, "a\nb\x00c", "שלום 😀"]
SIZE = 9

MODELS = {
    "lstm": (lambda: language_model(SIZE, units=3, num_layers=2), "character"),
    "class": (lambda: language_model(SIZE, cell="gru", units=3, output="class"), "word"),
    "tied": (lambda: language_model(SIZE, cell="elman", units=5, output="adaptive"), "whitespace"),
    "window": (lambda: fixed_window_language_model(SIZE, units=5), "character"),
}


def task_of(kind, **options):
    make, level = MODELS[kind]
    model = make()
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 2, weight.shape) for weight in model.get_weights()])
    return LanguageModel(model, Tokenizer(Vocabulary("abc\n😀"), level), max_length=7, **options)


def signatures(folder):
    return tf.saved_model.load(folder).signatures


@pytest.mark.slow
@pytest.mark.parametrize("kind", MODELS)
def test_export_answers_as_python_does(tmp_path, kind):
    task = task_of(kind, context="stream")  # a request knows nothing of the one before
    loaded = signatures(task.export(tmp_path, TEXTS, signatures=["continue"]))
    outputs = {k: v.numpy() for k, v in loaded["serving_default"](export.as_text(TEXTS)).items()}
    expected = task.token_log_probs(TEXTS, context="sentence")
    for i, log_probs in enumerate(expected):
        length = len(log_probs)
        assert outputs["length"][i] == length
        np.testing.assert_allclose(outputs["token_log_probs"][i][:length], log_probs, atol=1e-5)
        assert not outputs["token_log_probs"][i][length:].any()
        np.testing.assert_allclose(outputs["log_prob"][i], log_probs.sum(), rtol=1e-5)
        np.testing.assert_allclose(outputs["perplexity"][i], np.exp(-log_probs.mean()), rtol=1e-4)
        tokens = outputs["tokens"][i].tolist()
        assert tokens[length - 1] == b"<end>" and set(tokens[length:]) <= {b""}
    assert outputs["tokens"][1][0] == b"<end>" and b"<unknown>" in outputs["tokens"][2]
    answers = loaded["continue"](export.as_text(TEXTS))
    assert [text.decode() for text in answers["text"].numpy()] == task.predict(TEXTS)
    assert np.isfinite(answers["log_prob"]).all() and (answers["length"].numpy() <= 7).all()


@pytest.mark.slow
def test_replies_have_one_row_an_input_and_no_infinity(tmp_path):
    task = task_of("lstm")
    bias = [np.array([0, 0, 0, -1e30, 1e30, 0, 0, 0, 0])]
    task.model.get_layer("output").set_weights([np.zeros((3, SIZE)), *bias])
    loaded = signatures(task.export(tmp_path, signatures=["continue"]))
    for name in ("serving_default", "continue"):
        for texts in ([], ["b"], ["b", "", "cc"]):
            for values in loaded[name](tf.constant(texts, tf.string)).values():
                assert values.shape[0] == len(texts)
                assert values.dtype == tf.string or np.isfinite(values).all()


def test_score_of_a_continuation_is_that_of_the_model():
    task = task_of("lstm")
    answers = task.signatures.functions["continue"](tf.constant(["a", "cab"]))
    for i, prefix in enumerate(("a", "cab")):
        text = prefix + answers["text"][i].numpy().decode()
        ended = answers["length"][i].numpy() == len(text) - len(prefix) + 1
        log_probs = task.token_log_probs([text])[0]
        expected = log_probs[len(prefix) : None if ended else -1].sum()
        np.testing.assert_allclose(answers["log_prob"][i], expected, rtol=1e-4)
        assert answers["length"][i] == len(text) - len(prefix) + ended


@pytest.mark.slow
def test_runs_in_a_process_without_keras_and_this_package(tmp_path):
    task = task_of("class")
    folder = task.export(tmp_path, signatures=())
    answers = export.run_elsewhere(folder, task.served_inputs(TEXTS), task.served_answer)
    np.testing.assert_allclose(answers, task.served_perplexities(TEXTS), rtol=1e-5)
    operations = {
        node.op
        for function in signatures(folder).values()
        for inner in function.graph.as_graph_def().library.function
        for node in inner.node_def
    }
    assert not {op for op in operations if op.startswith(("Xla", "Cudnn", "PyFunc"))}
