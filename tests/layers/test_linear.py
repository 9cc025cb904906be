"""Cells without a recurrent matrix: equations in NumPy, Keras' own loop of steps, and all ways."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import layers
from kerasrnn.layers import RecurrentStack
from kerasrnn.layers.linear import over_time, tensorflow_loops

# Keras' own layers lose the mask from Keras 3.16 on, and say so; here their values alone matter.
pytestmark = pytest.mark.filterwarnings("ignore:.*this layer does not support masking")

LAYERS = {"min_gru": layers.MinGRU, "min_lstm": layers.MinLSTM, "sru": layers.SRU}
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


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def min_gru(x, h, kernel, bias):
    """Feng et al. (2024), section 3.1. Returns the output and the state."""
    z, candidate = np.split(x @ kernel + bias, 2, axis=-1)
    h = (1 - sigmoid(z)) * h + sigmoid(z) * candidate
    return h, h


def min_lstm(x, h, kernel, bias):
    """Section 3.2, with the gates normalized."""
    f, i, candidate = np.split(x @ kernel + bias, 3, axis=-1)
    f, i = sigmoid(f), sigmoid(i)
    h = f / (f + i) * h + i / (f + i) * candidate
    return h, h


def sru(x, c, kernel, bias):
    """Lei et al. (2017), equations 3 to 7; a fourth matrix where x has another size than c."""
    w_f, w_r, w, *highway = np.split(kernel, kernel.shape[1] // len(c[0]), axis=-1)
    b_f, b_r = np.split(bias, 2)
    f, r = sigmoid(x @ w_f + b_f), sigmoid(x @ w_r + b_r)
    c = f * c + (1 - f) * (x @ w)
    return r * np.tanh(c) + (1 - r) * (x @ highway[0] if highway else x), c


STEPS = {"min_gru": min_gru, "min_lstm": min_lstm, "sru": sru}


def made(name, features=F, **options):
    layer = LAYERS[name](U, return_state=True, return_sequences=True, **options)
    layer.build((None, None, features))
    random = np.random.default_rng(13)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    return layer


def numbers(features=F, rows=B, steps=T, dtype="float32"):
    random = np.random.default_rng(17)
    sequences = random.normal(size=(rows, steps, features)).astype(dtype)
    return sequences, random.normal(size=(rows, U)).astype(dtype)


@pytest.mark.parametrize("features", [F, U])
@pytest.mark.parametrize("name", LAYERS)
def test_equations_in_numpy(name, features):
    layer = made(name, features, dtype="float64")
    x, state = numbers(features, dtype="float64")
    outputs, last = layer(x, initial_state=[state])
    kernel, bias = (weight.numpy() for weight in layer.weights)
    for t in range(T):
        expected, state = STEPS[name](x[:, t], state, kernel, bias)
        np.testing.assert_allclose(outputs[:, t], expected, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(last, state, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", LAYERS)
def test_gates_that_are_shut_divide_nothing_by_zero(name):
    layer = made(name)
    x, state = numbers()
    for large in (-1e4, 1e4):
        layer.weights[1].assign(np.full(layer.weights[1].shape, large))
        assert np.isfinite(layer(x, initial_state=[state])[0]).all()


def results(layer, sequences, state, mask):
    """Outputs, states, and the gradients of what is not the same for any two of them."""
    sequences, state = tf.convert_to_tensor(sequences), tf.convert_to_tensor(state)
    with tf.GradientTape() as tape:
        tape.watch([sequences, state])
        outputs = layer(sequences, initial_state=[state], mask=mask)
        ranges = [tf.reshape(tf.range(tf.size(o)), tf.shape(o)) for o in outputs]
        weights = [tf.cos(tf.cast(each, state.dtype)) for each in ranges]
        total = sum(tf.reduce_sum(w * o) for w, o in zip(weights, outputs, strict=True))
    wanted = [sequences, state, *(weight.value for weight in layer.cell.weights)]
    return [*outputs, *tape.gradient(total, wanted)]


def steps_of_keras(layer):
    """The same cell in Keras' own loop, which makes single steps."""
    config = layer.get_config()
    options = {name: config[name] for name in ("go_backwards", "zero_output_for_mask", "dtype")}
    return keras.layers.RNN(layer.cell, return_state=True, return_sequences=True, **options)


def assert_same(received, expected, tolerance=1e-5):
    assert len(received) == len(expected)
    for one, other in zip(received, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_and_gradients_are_those_of_single_steps(name, mask, go_backwards):
    layer = made(name, go_backwards=go_backwards)
    expected = results(steps_of_keras(layer), *numbers(), mask)
    assert_same(results(layer, *numbers(), mask), expected)
    layer.recurrence = "compiled"
    compiled = tf.function(functools.partial(results, layer), autograph=False)
    assert_same(compiled(*numbers(), mask), expected)


@pytest.mark.parametrize("name", LAYERS)
def test_masked_outputs_can_be_zeros(name):
    layer = made(name, zero_output_for_mask=True)
    expected = steps_of_keras(layer)(numbers()[0], mask=MASK)
    assert_same(layer(numbers()[0], mask=MASK), expected)
    layer.return_sequences, last = False, expected[0][:, -1]
    assert_same(layer(numbers()[0], mask=MASK)[:1], [last])


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("name", LAYERS)
def test_the_last_output_alone(name, mask):
    layer = made(name)
    sequences, state = numbers()
    expected = steps_of_keras(layer)(sequences, initial_state=[state], mask=mask)[0][:, -1]
    layer.return_sequences = False
    assert_same(layer(sequences, initial_state=[state], mask=mask)[:1], [expected])


@pytest.mark.parametrize("known", ["steps of the sequences", "steps of the mask"])
def test_lengths_that_a_graph_knows_of_one_input_alone(known):
    layer = made("min_gru")
    expected = results(steps_of_keras(layer), *numbers(), MASK)
    layer.recurrence = "compiled"
    of_sequences, of_mask = (T, None) if known.endswith("sequences") else (None, T)
    compiled = graph_of(layer, (B, of_sequences, F), (B, U), (B, of_mask))
    assert_same(compiled(*numbers(), MASK), expected)


@pytest.mark.parametrize("name", LAYERS)
def test_lengths_that_a_graph_does_not_know(name, monkeypatch):
    """One graph for all of them, in two parts of the batch; one row and one step among them."""
    monkeypatch.setattr("os.sched_getaffinity", lambda process: range(2))
    layer = made(name)
    layer.recurrence = "compiled"
    compiled = graph_of(layer, (None, None, F), (None, U), (None, None))
    for rows, steps in ((3, 9), (1, 1), (2, 19)):
        inputs = numbers(rows=rows, steps=steps)
        mask = np.arange(rows * steps).reshape(rows, steps) % 3 != 1
        assert_same(compiled(*inputs, mask), results(steps_of_keras(layer), *inputs, mask))
    assert [each for each in compiled_functions(compiled) if "compiled" in each.signature.name]


def graph_of(layer, *shapes):
    """`results` of a layer in one graph, for sequences, states and masks of these shapes."""
    dtypes = ["float32", "float32", "bool"]
    specs = [tf.TensorSpec(*each) for each in zip(shapes, dtypes, strict=True)]
    run = functools.partial(results, layer)
    return tf.function(run, input_signature=specs, autograph=False)


def compiled_functions(function):
    graph = function.get_concrete_function().graph.as_graph_def()
    return [each for each in graph.library.function if each.attr["_XlaMustCompile"].b]


def coefficients(steps, dtype):
    random = np.random.default_rng(19)
    kept = random.uniform(size=(steps, B, U)).astype(dtype) ** 0.1  # most of it is kept
    return kept, random.normal(size=kept.shape).astype(dtype), np.ones((B, U), dtype)


def in_numpy(kept, added, state):
    states = []
    for a, b in zip(kept, added, strict=True):
        states.append(state := a * state + b)
    return np.stack(states)


def known(function, *inputs):
    return tf.function(function, autograph=False)(*map(tf.convert_to_tensor, inputs))


@pytest.mark.parametrize(
    "steps, dtype, tolerance",
    [(1, "float32", 1e-5), (100, "float32", 1e-5), (784, "float64", 1e-10)],
)
@pytest.mark.parametrize(
    "way",
    [
        over_time.loop,
        over_time.scan,
        over_time.recurrence,
        tensorflow_loops.doubling,
        lambda *inputs: tensorflow_loops.differentiable(*inputs, steps=tf.shape(inputs[0])[0]),
    ],
    ids=["loop", "scan", "recurrence", "doubling", "steps"],
)
def test_each_way_gives_the_same_numbers(way, steps, dtype, tolerance):
    inputs = coefficients(steps, dtype)
    np.testing.assert_allclose(
        known(way, *inputs), in_numpy(*inputs), rtol=tolerance, atol=tolerance
    )


@pytest.mark.parametrize("scans", [False, True])
def test_gradients_are_slopes(scans, monkeypatch):
    """Of a sum of all states, by the difference quotient of two sides."""
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: ["a GPU"] * scans)
    inputs = coefficients(T, "float64")
    variables = [tf.Variable(each) for each in inputs]
    weights = np.cos(np.arange(T * B * U)).reshape(T, B, U)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(over_time.recurrence(*(each.value() for each in variables)) * weights)
    for number, gradient in enumerate(tape.gradient(total, variables)):
        for place in (np.s_[0, 2], np.s_[3, 4], np.s_[-1, -1]):
            sums = []
            for change in (1e-6, -1e-6):
                changed = [each.copy() for each in inputs]
                changed[number][place] += change
                sums.append((in_numpy(*changed) * weights).sum())
            slope = (sums[0] - sums[1]) / 2e-6
            np.testing.assert_allclose(np.sum(gradient.numpy()[place]), slope, rtol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_784_single_steps(name):
    layer = made(name, dtype="float64")
    x, state = numbers(rows=2, steps=784, dtype="float64")
    outputs, last = layer(x, initial_state=[state])
    step, states = tf.function(layer.cell, autograph=False), [tf.convert_to_tensor(state)]
    for t in range(784):
        output, states = step(x[:, t], states)
        np.testing.assert_allclose(outputs[:, t], output, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(last, states[0], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", LAYERS)
def test_a_stack_of_both_directions(name):
    """Padding changes nothing; compiled or not; and XLA compiles nothing where it is not told."""
    keras.utils.set_random_seed(23)
    stack = RecurrentStack(name, U, num_layers=2, bidirectional=True, return_sequences=False)
    inputs = keras.Input((None, F)), keras.Input((None,), dtype="bool")
    model = keras.Model(inputs, stack(inputs[0], mask=inputs[1]))
    x, mask = numbers()[0], np.arange(T) < np.array([[T], [4], [1], [2], [T]])
    expected = model.predict_on_batch([x, mask])
    np.testing.assert_allclose(expected[1:2], model([x[1:2, :4], mask[1:2, :4]]), atol=1e-5)
    stack.recurrence = "compiled"
    model.compile()  # another graph
    np.testing.assert_allclose(model.predict_on_batch([x, mask]), expected, atol=1e-5)
    call = tf.function(lambda: model([x, mask]), autograph=False)
    assert compiled_functions(call)
    stack.recurrence = "keras"
    assert not compiled_functions(tf.function(lambda: model([x, mask]), autograph=False))


@pytest.mark.parametrize("name", LAYERS)
def test_a_stateful_layer_goes_on(name):
    layer = made(name)
    twin = LAYERS[name](U, stateful=True, return_sequences=True)
    twin.build((B, None, F))
    twin.set_weights(layer.get_weights())
    x = numbers()[0]
    halves = [twin(x[:, :3]), twin(x[:, 3:])]
    np.testing.assert_allclose(np.concatenate(halves, axis=1), layer(x)[0], atol=1e-5)
    twin.reset_state()
    np.testing.assert_allclose(twin(x[:, :3]), halves[0], atol=1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_config_survives(name):
    layer = LAYERS[name](U, memory=29, return_sequences=True, go_backwards=True, name="x")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == layer.get_config() and copy.cell.memory == 29
    cell = keras.saving.serialize_keras_object(layer.cell)
    assert keras.saving.deserialize_keras_object(cell).get_config() == layer.cell.get_config()


@pytest.mark.parametrize("name", LAYERS)
def test_first_memories(name):
    """Of zeros nothing is added, and after m steps a state is (1 - 1/m)^m of itself."""
    keras.utils.set_random_seed(29)
    layer = LAYERS[name](499, memory=100, return_state=True)
    _, kept = layer(np.zeros((1, 1, F)), initial_state=[np.ones((1, 499))])
    steps = 1 / (1 - kept.numpy())
    assert steps.min() > 1.99 and steps.max() < 101
    # Evenly on a logarithmic scale: 6 standard errors of the mean of so many draws.
    middle, width = (np.log(2) + np.log(100)) / 2, np.log(50)
    assert abs(np.log(steps).mean() - middle) < 6 * width / 12**0.5 / 499**0.5
    _, kept = LAYERS[name](U, return_state=True)(np.zeros((1, 1, F)), [np.ones((1, U))])
    np.testing.assert_allclose(kept, 0.5)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", LAYERS)
def test_sixteen_bits(name, dtype):
    """States are summed in 32."""
    layer, exact = made(name, dtype=dtype), made(name)
    outputs, last = layer(*numbers(), mask=MASK)
    assert outputs.dtype == last.dtype == dtype.removeprefix("mixed_")
    np.testing.assert_allclose(
        tf.cast(outputs, "float32"), exact(*numbers(), mask=MASK)[0], atol=0.1
    )


def test_errors():
    with pytest.raises(ValueError, match="units.*Received: 0"):
        layers.MinGRU(0)
    with pytest.raises(ValueError, match="memory.*Received: 1"):
        layers.SRU(U, memory=1)
