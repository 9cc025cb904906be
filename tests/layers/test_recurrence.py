"""The compiled recurrence against Keras' own layers: outputs, states and all gradients."""

import functools
import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.layers import Elman, RecurrentStack
from kerasrnn.layers.recurrence import layer as room
from kerasrnn.layers.recurrence.layer import compiled_loop, has_compiled_loop

# Keras' own layers lose the mask from Keras 3.16 on, and say so; here their values alone matter.
pytestmark = pytest.mark.filterwarnings("ignore:.*this layer does not support masking")

LAYERS = {
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "simple_rnn": keras.layers.SimpleRNN,
    "elman": Elman,
}
B, T, F, U = 5, 7, 3, 11
# All steps, padding on the right and on the left, holes, and no step at all.
MASK = np.array(
    [
        [1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 1, 1],
        [0, 1, 0, 0, 1, 1, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ],
    bool,
)


def made(name, **options):
    keras.utils.set_random_seed(13)
    layer = LAYERS[name](U, return_state=True, **options)
    layer.build((None, None, F))
    for weight in layer.weights:  # biases are zeros or ones otherwise
        weight.assign(0.4 * np.random.default_rng(len(weight.shape)).normal(size=weight.shape))
    return layer


def results(layer, sequences, states, mask, training=True):
    """Outputs, states, and the gradients of what is not the same for any two of them."""
    inputs = [tf.convert_to_tensor(each) for each in (sequences, *states)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs[0], initial_state=inputs[1:], mask=mask, training=training)
        weights = [
            tf.cos(tf.reshape(tf.range(tf.size(o), dtype="float32"), o.shape)) for o in outputs
        ]
        total = sum(tf.reduce_sum(w * o) for w, o in zip(weights, outputs, strict=True))
    wanted = [*inputs, *(weight.value for weight in layer.weights)]
    return [*outputs, *tape.gradient(total, wanted)]


def compare(layer, *inputs, training=True):
    """Compares the gradients of one call, in a graph, with those of Keras outside of one."""
    expected = results(layer, *inputs, training)

    def loop(sequences, initial_state, mask, training=False):
        assert has_compiled_loop(layer, training)
        return compiled_loop(layer, sequences, initial_state, mask, training)

    layer.inner_loop = loop
    received = tf.function(results, autograph=False)(layer, *inputs, training)
    for one, other in zip(expected, received, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def numbers(rows, steps, count):
    random = np.random.default_rng(17)
    sequences = random.normal(size=(rows, steps, F)).astype("float32")
    return sequences, [random.normal(size=(rows, U)).astype("float32") for _ in range(count)]


def states_of(name):
    return 2 if name == "lstm" else 1


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_and_gradients_are_those_of_keras(name, mask, go_backwards):
    layer = made(name, return_sequences=True, go_backwards=go_backwards)
    compare(layer, *numbers(B, T, states_of(name)), mask)


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("zero_output_for_mask", [False, True])
def test_the_last_output_alone(zero_output_for_mask, mask):
    layer = made("simple_rnn", zero_output_for_mask=zero_output_for_mask)
    compare(layer, *numbers(B, T, 1), mask)


@pytest.mark.parametrize("name", ["lstm", "elman"])
def test_a_gradient_that_nobody_expected(name):
    layer = made(name, return_sequences=True)
    compare(layer, *numbers(B, T, states_of(name)), MASK, training=False)


@pytest.mark.parametrize("name", ["gru", "simple_rnn"])
def test_without_a_bias(name):
    layer = made(name, return_sequences=True, use_bias=False)
    compare(layer, *numbers(B, T, states_of(name)), None)


@pytest.mark.parametrize("rows, steps", [(1, 1), (3, 2), (0, 2)])
def test_one_row_one_step_and_no_row_in_parts(rows, steps, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(2))
    layer = made("gru", return_sequences=True)
    sequences, states = numbers(rows, steps, 1)
    compare(layer, sequences, states, None)


@pytest.mark.parametrize("masked", [False, True])
def test_lengths_that_the_graph_does_not_know(masked, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(2))
    layer = made("gru", return_sequences=True, go_backwards=True)
    loop = functools.partial(compiled_loop, layer)
    compiled = tf.function(
        lambda x, state, mask: loop(x, [state], mask if masked else None),
        input_signature=[
            tf.TensorSpec((None, None, F)),
            tf.TensorSpec((None, U)),
            tf.TensorSpec((None, None), tf.bool),
        ],
    )
    for rows, steps in ((3, 9), (2, 10), (3, 1)):
        sequences, (state,) = numbers(rows, steps, 1)
        mask = np.arange(rows * steps).reshape(rows, steps) % 3 != 1
        expected = layer(sequences, initial_state=[state], mask=mask if masked else None)
        last, outputs, (state,) = compiled(sequences, state, mask)
        for one, other in zip(expected, (outputs, state), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(last, outputs[:, -1])


def test_few_lengths_are_compiled():
    rounded = [int(room.rounded(tf.constant(steps))) for steps in range(1, 1025)]
    assert rounded[:16] == [16] * 16
    octaves = [[16 << n, 20 << n, 24 << n, 28 << n] for n in range(6)]
    assert sorted(set(rounded)) == [*sum(octaves, []), 1024]
    assert all(0 <= other - steps <= max(steps / 4, 15) for steps, other in enumerate(rounded, 1))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_stack_of_both_directions_in_a_model(cell):
    keras.utils.set_random_seed(19)
    stack = RecurrentStack(cell, U, num_layers=2, bidirectional=True, return_sequences=False)
    inputs = keras.Input((None, F)), keras.Input((None,), dtype="bool")
    model = keras.Model(inputs, stack(inputs[0], mask=inputs[1]))
    sequences, _ = numbers(B, T, 0)
    expected = model.predict_on_batch([sequences, MASK])
    stack.recurrence = "compiled"
    model.compile()  # another graph
    np.testing.assert_allclose(model.predict_on_batch([sequences, MASK]), expected, atol=1e-5)
    assert compiled_functions(lambda: model([sequences, MASK]))
    stack.recurrence = "keras"
    assert not compiled_functions(lambda: model([sequences, MASK]))


def compiled_functions(function):
    graph = tf.function(function, autograph=False).get_concrete_function().graph.as_graph_def()
    return [each for each in graph.library.function if each.attr["_XlaMustCompile"].b]


def test_layers_without_a_compiled_loop_keep_that_of_keras():
    @tf.function(autograph=False)
    def has(layer, training):
        return has_compiled_loop(layer, training)

    for layer in LAYERS.values():
        assert has(layer(U), True)
        assert not has_compiled_loop(layer(U), True)  # outside of a graph
        assert not has(layer(U, dtype="mixed_bfloat16"), False)
        assert not has(layer(U, unroll=True), False)
    assert not has(keras.layers.LSTM(U, activation="relu"), False)
    assert not has(keras.layers.GRU(U, recurrent_activation="hard_sigmoid"), False)
    assert not has(keras.layers.GRU(U, reset_after=False), False)
    assert not has(keras.layers.SimpleRNN(U, dropout=0.5), True)
    assert has(keras.layers.SimpleRNN(U, dropout=0.5), False)
    assert not has(keras.layers.RNN(keras.layers.LSTMCell(U)), False)


def test_the_way_is_a_word_and_is_not_saved():
    stack = RecurrentStack("gru", U)
    config = stack.get_config()
    stack.recurrence = "compiled"
    assert stack.get_config() == config
    assert "inner_loop" in vars(stack.rnn_layers[0])
    stack.recurrence = "keras"
    assert "inner_loop" not in vars(stack.rnn_layers[0])
    with pytest.raises(ValueError, match="recurrence.*keras.*compiled.*Received: 'xla'"):
        stack.recurrence = "xla"
