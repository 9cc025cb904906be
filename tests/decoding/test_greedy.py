"""Greedy decoding against a plain Python loop, on a table and on a model."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kerasrnn import encoder_decoder, views
from kerasrnn.decoding import decode, step_function
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

V = 11
MAX_LENGTH = 7


def table_step(table):
    """A model that knows the last token only: `(V, V)` logits, and counts its steps."""

    def step(tokens, states):
        return ops.take(table, tokens, axis=0), {"steps": states["steps"] + 1}

    return step


def by_hand(table, banned=(PADDING, UNKNOWN, BEGIN), max_length=MAX_LENGTH):
    table = np.array(table, "float64")
    log_probs = table - np.log(np.exp(table).sum(-1, keepdims=True))
    token, ids, score = BEGIN, [], 0.0
    while len(ids) < max_length and token != END:
        allowed = [i for i in range(V) if i not in banned]
        previous, token = token, max(allowed, key=lambda i: table[token, i])
        score += log_probs[previous, token]
        ids.append(token)
    return ids, score


@pytest.mark.parametrize("seed", range(7))
def test_equals_a_python_loop(seed):
    table = np.random.default_rng(seed).normal(size=(V, V)).astype("float32") * 2
    ids, score = by_hand(table)
    outputs = decode(table_step(table), {"steps": ops.zeros((3, 1))}, max_length=MAX_LENGTH)
    for row in range(3):
        assert outputs["ids"][row].numpy().tolist() == ids
        np.testing.assert_allclose(outputs["log_prob"][row], score, rtol=1e-5)
    assert outputs["lengths"].numpy().tolist() == [len(ids)] * 3


def chain(*tokens):
    """Logits that lead from begin through the tokens to the end."""
    table = np.zeros((V, V), "float32")
    for previous, token in zip((BEGIN, *tokens), (*tokens, END), strict=True):
        table[previous, token] = 5
    return table


def test_stops_when_all_are_finished_and_pads_the_finished():
    tables = np.stack([chain(5, 6, 7), chain(8)])

    def step(tokens, states):
        logits = ops.take_along_axis(tables, ops.reshape(tokens, (-1, 1, 1)), axis=1)[:, 0]
        return logits, {"steps": states["steps"] + 1}

    outputs = decode(step, {"steps": ops.zeros((2, 1))}, max_length=100)
    assert outputs["ids"].numpy().tolist() == [[5, 6, 7, END], [8, END, 0, 0]]
    assert outputs["lengths"].numpy().tolist() == [4, 2]
    each = 5 - np.log(np.exp(5) + V - 1)  # a finished row gains nothing more
    np.testing.assert_allclose(outputs["log_prob"], [4 * each, 2 * each], rtol=1e-5)


def test_banned_tokens_never_come_out():
    table = np.zeros((V, V), "float32")
    table[:, [PADDING, UNKNOWN, BEGIN]] = 50
    table[:, 6] = 1
    states = {"steps": ops.zeros((1, 1))}
    assert decode(table_step(table), states, max_length=3)["ids"].numpy().tolist() == [[6, 6, 6]]
    outputs = decode(table_step(table), states, max_length=3, banned=(PADDING, BEGIN))
    assert outputs["ids"].numpy().tolist() == [[UNKNOWN] * 3]


def test_draw_gets_the_step():
    outputs = decode(
        table_step(np.zeros((V, V), "float32")),
        {"steps": ops.zeros((2, 1))},
        max_length=4,
        draw=lambda logits, step: ops.zeros_like(logits[:, 0], dtype="int32") + step + 4,
    )
    assert outputs["ids"].numpy().tolist() == [[4, 5, 6, 7]] * 2


def test_one_trace_serves_all_batches_and_lengths():
    model = encoder_decoder(V, V, cell="gru", units=3, bidirectional=True, attention="dot")
    encode, step = views.encode(model), views.step(model)
    model.get_layer("output").set_weights([np.zeros((6, V)), np.eye(V)[5] * 3])

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([], tf.int32)],
        autograph=False,
    )
    def run(source: tf.Tensor, max_length: tf.Tensor):
        return decode(*step_function(step, encode(source)), max_length=max_length)

    for rows, columns, length in ((2, 3, 5), (7, 1, 1), (1, 11, 13)):
        ids = run(tf.ones([rows, columns], tf.int32), length)["ids"]
        assert ids.numpy().tolist() == [[5] * length] * rows
    assert run.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("cell, attention", [("lstm", "general"), ("simple_rnn", None)])
def test_equals_choosing_the_best_of_the_whole_model_each_time(rng, cell, attention):
    """The oracle runs the training model on the prefix, again and again."""
    model = encoder_decoder(
        V, V, cell=cell, units=5, num_layers=2, attention=attention, embedding=7
    )
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    source = np.array([[4, 5, 6, 7, 8], [9, 4, 0, 0, 0]])
    outputs = decode(
        *step_function(views.step(model), views.encode(model)(source)), max_length=MAX_LENGTH
    )
    for row in range(2):
        prefix, score = [BEGIN], 0.0
        while len(prefix) <= MAX_LENGTH and prefix[-1] != END:
            x = {"source": source[row : row + 1], "target": np.array([prefix])}
            log_probs = keras.ops.log_softmax(model(x)[0, -1]).numpy()
            token = 3 + int(log_probs[3:].argmax())
            score += log_probs[token]
            prefix.append(token)
        length = len(prefix) - 1
        assert outputs["ids"][row].numpy()[:length].tolist() == prefix[1:]
        assert not outputs["ids"][row].numpy()[length:].any()
        np.testing.assert_allclose(outputs["log_prob"][row], score, rtol=1e-4)
