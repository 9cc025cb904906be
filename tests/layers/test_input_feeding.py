"""Input feeding against NumPy, and its dropout, states, masks and gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.layers import InputFeedingDecoder

# Different primes, so that swapped axes cannot pass.
B, T, S, F, U, E = 2, 7, 5, 3, 11, 13
MASK = np.arange(S) < np.array([[S], [3]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def simple_rnn(weights, x, h):
    kernel, recurrent, bias = weights
    return np.tanh(x @ kernel + h @ recurrent + bias)


def gru(weights, x, h):
    kernel, recurrent, (bias, recurrent_bias) = weights
    x_z, x_r, x_g = np.split(x @ kernel + bias, 3, axis=-1)
    h_z, h_r, h_g = np.split(h @ recurrent + recurrent_bias, 3, axis=-1)
    z = sigmoid(x_z + h_z)
    return z * h + (1 - z) * np.tanh(x_g + sigmoid(x_r + h_r) * h_g)


def dot(weights, h, memory):
    return np.einsum("bu,bsu->bs", h, memory)


def general(weights, h, memory):
    return np.einsum("bu,eu,bse->bs", h, weights[0], memory)


def additive(weights, h, memory):
    query, key, scale = weights
    return np.tanh((h @ query)[:, None] + memory @ key) @ scale


CELLS = {"simple_rnn": (simple_rnn, 3), "gru": (gru, 3)}
SCORES = {"dot": (dot, U, 0), "general": (general, E, 1), "additive": (additive, E, 3)}


def luong(cell, score, weights, xs, memory, mask, h, vector):
    """The recurrence of section 3.3, step by step; returns the vectors and the scores."""
    (cell, count), (score, _, _) = CELLS[cell], SCORES[score]
    cell_weights, score_weights, w_c = weights[:count], weights[count:-1], weights[-1]
    vectors, scores = [], []
    for x in xs.swapaxes(0, 1):
        h = cell(cell_weights, np.concatenate([x, vector], axis=-1), h)
        a = np.exp(score(score_weights, h, memory)) * mask
        a /= a.sum(-1, keepdims=True)
        context = np.einsum("bs,bse->be", a, memory)
        vector = np.tanh(np.concatenate([context, h], axis=-1) @ w_c)
        vectors.append(vector)
        scores.append(a)
    return np.stack(vectors, 1), np.stack(scores, 1), h


def normal(*shape, scale=0.4, seed=0):
    return np.random.default_rng([seed, *shape]).normal(scale=scale, size=shape).astype("float32")


def make(score="dot", cell="gru", **options):
    """A decoder with random weights, its inputs and a memory of the size that the score takes."""
    decoder = InputFeedingDecoder(score, cell, U, **options)
    xs, memory = normal(B, T, F), normal(B, S, SCORES[score][1])
    decoder.build(xs.shape, memory.shape)
    weights = [normal(*w.shape, seed=i) for i, w in enumerate(decoder.trainable_weights)]
    for variable, weight in zip(decoder.trainable_weights, weights, strict=True):
        variable.assign(weight)
    return decoder, weights, xs, memory


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("given", [False, True], ids=["zero_state", "initial_state"])
def test_recurrence(cell, score, given):
    decoder, weights, xs, memory = make(score, cell)
    assert len(weights) == CELLS[cell][1] + SCORES[score][2] + 1
    states = [normal(B, U, seed=90 + i) if given else np.zeros((B, U), "float32") for i in (0, 1)]
    vectors, scores, last, vector = decoder(
        xs, memory, initial_state=states if given else None, memory_mask=MASK
    )
    expected = luong(cell, score, weights, xs, memory, MASK, *states)
    for received, wanted in zip((vectors, scores, last), expected, strict=True):
        np.testing.assert_allclose(received, wanted, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(vector, vectors[:, -1])
    assert not scores.numpy()[1, :, 3:].any()


@pytest.mark.parametrize("cell, layers", [("lstm", 2), ("elman", 1), ("gru", 3)])
def test_single_steps_make_the_sequence(cell, layers):
    decoder, _, xs, memory = make("additive", cell, num_layers=layers)
    assert decoder.state_names[-1] == "attention_vector"
    expected, scores, *last = decoder(xs, memory, memory_mask=MASK)
    states = None
    for t in range(T):
        vector, weights, *states = decoder(xs[:, t], memory, states, memory_mask=MASK)
        np.testing.assert_allclose(vector, expected[:, t], atol=1e-6)
        np.testing.assert_allclose(weights, scores[:, t], atol=1e-6)
    for one, other, size in zip(states, last, decoder.state_sizes.values(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
        assert one.shape == (B, size)


def test_states_without_the_vector_begin_with_zeros():
    decoder, _, xs, memory = make()
    states = [normal(B, U, seed=90)]
    one, other = (
        decoder(xs, memory, given)[0] for given in (states, [*states, np.zeros((B, U), "float32")])
    )
    np.testing.assert_array_equal(one, other)
    assert [tuple(state.shape) for state in decoder.first_states(states)] == [(B, U)] * 2
    with pytest.raises(ValueError, match="rnn_0_h.*attention_vector.* Received: 3 tensors"):
        decoder(xs, memory, states * 3)


def test_masks_come_with_the_tensors_and_go_on():
    decoder, _, _, memory = make()
    ids = np.array([[1, 2, 3, 4], [5, 6, 0, 0]])
    embedding = keras.layers.Embedding(7, F, mask_zero=True)
    source = keras.layers.Embedding(7, U, mask_zero=True)
    source_ids = np.arange(1, S + 1) * MASK
    vectors, scores, *_ = decoder(embedding(ids), source(source_ids))
    np.testing.assert_array_equal(vectors._keras_mask, ids != 0)
    np.testing.assert_array_equal(scores.numpy()[1, :, 3:], 0)
    explicit = decoder(embedding(ids).numpy(), source(source_ids).numpy(), memory_mask=MASK)
    np.testing.assert_allclose(vectors, explicit[0], atol=1e-6)


def central_difference(function, array, index, epsilon=1e-2):
    values = []
    for sign in (1, -1):
        moved = array.copy()
        moved[index] += sign * epsilon
        values.append(float(function(moved)))
    return (values[0] - values[1]) / (2 * epsilon)


@pytest.mark.parametrize("graph", [False, True], ids=["eager", "graph"])
def test_gradients_flow_through_the_fed_vector(graph):
    decoder, _, xs, memory = make("additive")

    def loss(xs):  # of the last step alone: what comes from the first went through all
        return tf.reduce_sum(decoder(xs, memory)[0][:, -1] ** 2)

    def gradients(xs):
        with tf.GradientTape() as tape:
            tape.watch(xs)
            value = loss(xs)
        return tape.gradient(value, [xs, *decoder.trainable_weights])

    if graph:
        spec = tf.TensorSpec((None, None, F), tf.float32)
        gradients = tf.function(gradients, input_signature=[spec])
    d_xs, *d_weights = gradients(tf.constant(xs))
    assert all(np.abs(d).max() > 1e-6 for d in d_weights)
    for index in [(0, 0, 1), (1, 3, 2), (1, T - 1, 0)]:
        expected = central_difference(loss, xs, index)
        np.testing.assert_allclose(d_xs.numpy()[index], expected, rtol=2e-2, atol=1e-4)


def test_the_vector_is_what_feeds_it():
    """With the rows of the kernel for the vector at 0 it is attention behind a plain stack."""
    decoder, weights, xs, memory = make()
    kernel = weights[0].copy()
    kernel[F:] = 0
    before = decoder(xs, memory)[0].numpy()
    decoder.stack.weights[0].assign(kernel)
    hidden, *_ = decoder.stack(np.concatenate([xs, np.zeros((B, T, U), "float32")], -1))
    context = decoder.attention(hidden, memory)
    expected = decoder.attention_vector(tf.concat([context, hidden], -1))
    np.testing.assert_allclose(decoder(xs, memory)[0], expected, atol=1e-6)
    assert np.abs(before - expected).max() > 1e-2


def ones_stack(dropout, layers=1):
    """Steps that pass the dropped inputs on: the stack's noise, seen from outside."""
    decoder = InputFeedingDecoder("dot", "simple_rnn", U, layers, dropout)
    decoder.build((None, None, F), (None, None, U))
    return decoder


@pytest.mark.parametrize("graph", [False, True], ids=["eager", "graph"])
def test_dropout_differs_from_step_to_step_and_call_to_call(graph):
    decoder, _, _, memory = make(dropout=0.5, num_layers=2)
    # The recurrence is cut, and every step reads the same: what differs is what was dropped.
    kernel, recurrent, _ = decoder.stack.rnn_layers[0].weights
    recurrent.assign(np.zeros(recurrent.shape))
    kernel.assign(np.concatenate([kernel[:F], np.zeros(kernel[F:].shape)]))
    decoder.stack.rnn_layers[1].weights[1].assign(np.zeros(recurrent.shape))
    for layer in decoder.stack.rnn_layers:  # update gate shut: the state before is not kept
        bias = layer.weights[2].numpy()
        bias[:, :U] = -50
        layer.weights[2].assign(bias)
    xs = np.repeat(normal(B, 1, F), 9, axis=1)

    def run(training):
        return decoder(xs, memory, training=training)[0]

    if graph:
        run = tf.function(run)
    still = run(False).numpy()
    np.testing.assert_allclose(still, np.repeat(still[:, :1], 9, axis=1), atol=1e-6)
    np.testing.assert_array_equal(still, run(False))
    dropped = run(True).numpy()
    steps = {tuple(step.round(5)) for step in dropped[0]}
    assert len(steps) > 5 and np.abs(dropped - run(True)).max() > 1e-2


def test_dropout_is_drawn_once_and_not_in_the_loop():
    """Other backends cannot change the state of a random generator in a loop."""
    decoder, _, xs, memory = make(dropout=0.5, num_layers=2)
    states = [layer.seed_generator.state for layer in decoder.stack.dropout_layers]
    before = [state.numpy()[1] for state in states]
    decoder(xs, memory, training=True)
    assert [state.numpy()[1] for state in states] == [count + 1 for count in before]


def test_noise_is_that_of_dropout():
    stack = ones_stack(0.25, layers=3).stack
    noise = stack.dropout_noise((31, 37, F + U))
    assert [tuple(each.shape) for each in noise] == [(31, 37, F + U), (31, 37, U), (31, 37, U)]
    for each in noise:
        assert set(np.unique(each)) == {np.float32(0), np.float32(1 / 0.75)}
        np.testing.assert_allclose(np.mean(each), 1, atol=0.02)
    assert not np.array_equal(noise[1], noise[2])
    assert ones_stack(0.0).stack.dropout_noise((2, 3, F)) == []


def test_noise_drops_the_inputs_of_each_layer():
    decoder = ones_stack(0.5, layers=2)
    inputs, states = normal(B, F + U), [normal(B, U, seed=90 + i) for i in (0, 1)]
    noise = [normal(B, F + U, seed=70), normal(B, U, seed=71)]
    outputs, *_ = decoder.stack(inputs, states, dropout_noise=noise, training=True)
    first, second = ([w.numpy() for w in layer.weights] for layer in decoder.stack.rnn_layers)
    expected = simple_rnn(first, inputs * noise[0], states[0])
    expected = simple_rnn(second, expected * noise[1], states[1])
    np.testing.assert_allclose(outputs, expected, atol=1e-6)


def test_mixed_precision():
    decoder = InputFeedingDecoder("additive", "lstm", U, dropout=0.5, dtype="mixed_float16")
    vectors, scores, *states = decoder(normal(B, T, F), normal(B, S, E), training=True)
    assert {each.dtype.name for each in (vectors, *states)} == {"float16"}
    assert scores.dtype == "float32"  # sums of a softmax are too long for 16 bits
    assert {weight.dtype for weight in decoder.trainable_weights} == {"float32"}


@pytest.mark.parametrize(
    "cell", ["elman", lambda units: keras.layers.GRU(units, reset_after=False)]
)
def test_config_makes_the_same_layer(cell):
    decoder, _, xs, memory = make("general", cell, num_layers=2, dropout=0.25, name="decoder")
    copy = InputFeedingDecoder.from_config(decoder.get_config())
    copy.build(xs.shape, memory.shape)
    for variable, value in zip(copy.weights, decoder.weights, strict=True):
        variable.assign(value)
    np.testing.assert_array_equal(copy(xs, memory)[0], decoder(xs, memory)[0])
    assert (copy.name, copy.stack.dropout, copy.stack.num_layers) == ("decoder", 0.25, 2)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"score": "luong"}, "'scaled_dot'.* Received: 'luong'"),
        ({"cell": "lstmm"}, "Received: 'lstmm'"),
        ({"dropout": 1.0}, "below 1"),
        ({"cell": lambda units: keras.layers.GRU(units, dropout=0.5)}, "cell without dropout"),
        ({"cell": lambda units: keras.layers.LSTM(units, recurrent_dropout=0.5)}, "cell without"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        InputFeedingDecoder(units=U, **options)
