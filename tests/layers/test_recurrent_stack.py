"""RecurrentStack against NumPy: textbook equations forward, hand-written BPTT backward."""

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.layers import RecurrentStack

# Keras itself calls `np.array` on TensorFlow variables when it saves weights.
pytestmark = pytest.mark.filterwarnings(
    "error", "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def simple_rnn(weights, x, states):
    """Elman (1990): h' = tanh(W x + U h + b). Returns the states, and what backward needs."""
    kernel, recurrent, bias = weights
    (h,) = states
    new = np.tanh(x @ kernel + h @ recurrent + bias)
    return [new], (x, h, new)


def simple_rnn_backward(weights, saved, d_states):
    """Returns the gradients of the weights, of the input and of the states before the step."""
    kernel, recurrent, _ = weights
    x, h, new = saved
    d = d_states[0] * (1 - new**2)
    return [x.T @ d, h.T @ d, d.sum(0)], d @ kernel.T, [d @ recurrent.T]


def lstm(weights, x, states):
    """Hochreiter & Schmidhuber (1997) with the forget gate of Gers et al. (2000)."""
    kernel, recurrent, bias = weights
    h, c = states
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    new = f * c + i * g
    return [o * np.tanh(new), new], (x, h, c, i, f, g, o, np.tanh(new))


def lstm_backward(weights, saved, d_states):
    kernel, recurrent, _ = weights
    x, h, c, i, f, g, o, squashed = saved
    d_h, d_c = d_states
    d_c = d_c + d_h * o * (1 - squashed**2)
    d_gates = [
        d_c * g * i * (1 - i),
        d_c * c * f * (1 - f),
        d_c * i * (1 - g**2),
        d_h * squashed * o * (1 - o),
    ]
    d = np.concatenate(d_gates, axis=-1)
    return [x.T @ d, h.T @ d, d.sum(0)], d @ kernel.T, [d @ recurrent.T, d_c * f]


def gru_reset_before(weights, x, states):
    """Cho et al. (2014): the reset gate scales the state, then comes the matrix."""
    kernel, recurrent, bias = weights
    (h,) = states
    x_z, x_r, x_g = np.split(x @ kernel + bias, 3, axis=-1)
    u_z, u_r, u_g = np.split(recurrent, 3, axis=-1)
    z, r = sigmoid(x_z + h @ u_z), sigmoid(x_r + h @ u_r)
    g = np.tanh(x_g + (r * h) @ u_g)
    return [z * h + (1 - z) * g], (x, h, z, r, g)


def gru_reset_before_backward(weights, saved, d_states):
    kernel, recurrent, _ = weights
    x, h, z, r, g = saved
    u_zr, u_g = np.split(recurrent, [2 * h.shape[1]], axis=-1)
    (d_new,) = d_states
    d_g = d_new * (1 - z) * (1 - g**2)
    d_reset_state = d_g @ u_g.T
    d_zr = np.concatenate([d_new * (h - g) * z * (1 - z), d_reset_state * h * r * (1 - r)], -1)
    d = np.concatenate([d_zr, d_g], axis=-1)
    d_recurrent = np.concatenate([h.T @ d_zr, (r * h).T @ d_g], axis=-1)
    d_h = d_new * z + d_reset_state * r + d_zr @ u_zr.T
    return [x.T @ d, d_recurrent, d.sum(0)], d @ kernel.T, [d_h]


def gru(weights, x, states):
    """The variant of cuDNN: the matrix, with a bias of its own, and then the reset gate."""
    kernel, recurrent, (bias, recurrent_bias) = weights
    (h,) = states
    x_z, x_r, x_g = np.split(x @ kernel + bias, 3, axis=-1)
    h_z, h_r, h_g = np.split(h @ recurrent + recurrent_bias, 3, axis=-1)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    g = np.tanh(x_g + r * h_g)
    return [z * h + (1 - z) * g], (x, h, z, r, g, h_g)


def gru_backward(weights, saved, d_states):
    kernel, recurrent, _ = weights
    x, h, z, r, g, h_g = saved
    (d_new,) = d_states
    d_z = d_new * (h - g) * z * (1 - z)
    d_g = d_new * (1 - z) * (1 - g**2)
    d_r = d_g * h_g * r * (1 - r)
    d_x = np.concatenate([d_z, d_r, d_g], axis=-1)
    d_h = np.concatenate([d_z, d_r, d_g * r], axis=-1)
    d_weights = [x.T @ d_x, h.T @ d_h, np.stack([d_x.sum(0), d_h.sum(0)])]
    return d_weights, d_x @ kernel.T, [d_new * z + d_h @ recurrent.T]


def chunks(values, count):
    """Cuts a list into `count` lists of the same length."""
    size = len(values) // count
    return [values[i * size : (i + 1) * size] for i in range(count)]


class NumpyStack:
    """Layers, directions and masks over one cell; lists are flat, in Keras' order."""

    def __init__(self, cell, weights, num_layers, directions):
        self.cell, self.num_layers, self.directions = cell, num_layers, directions
        weights = [np.asarray(weight, "float64") for weight in weights]
        self.weights = [chunks(layer, directions) for layer in chunks(weights, num_layers)]

    def forward(self, xs, mask, states):
        """Returns the outputs, in which a masked step repeats the state, and the last states."""
        self.mask, self.saved, last = mask[..., None].astype(float), [], []
        for weights, start in zip(self.weights, self._by_direction(states), strict=True):
            halves = []
            for order, w, s in zip((1, -1), weights, start, strict=False):
                outputs, s = self._run(w, xs[:, ::order], self.mask[:, ::order], s)
                halves.append((outputs[:, ::order], s))
            xs = np.concatenate([outputs for outputs, _ in halves], axis=-1)
            last += self._joined([s for _, s in halves])
        return xs, last

    def backward(self, d_xs):
        """Gradients of sum(outputs * d_xs): those of the weights, inputs and first states."""
        d_weights, d_states, saved = [], [], list(self.saved)
        for weights in reversed(self.weights):
            halves, d_outputs = [], np.split(d_xs, self.directions, axis=-1)
            for order, w, d in reversed(list(zip((1, -1), weights, d_outputs, strict=False))):
                d_w, d_x, d_s = self._run_backward(
                    w, saved.pop(), self.mask[:, ::order], d[:, ::order]
                )
                halves.insert(0, (d_w, d_x[:, ::order], d_s))
            d_weights = [d for d_w, _, _ in halves for d in d_w] + d_weights
            d_xs = sum(d_x for _, d_x, _ in halves)
            d_states = self._joined([d_s for _, _, d_s in halves]) + d_states
        return d_weights, d_xs, d_states

    def _run(self, weights, xs, mask, states):
        outputs, saved = [], []
        for x, m in zip(xs.swapaxes(0, 1), mask.swapaxes(0, 1), strict=True):
            new, step = self.cell.forward(weights, x, states)
            states = [m * n + (1 - m) * s for n, s in zip(new, states, strict=True)]
            outputs.append(states[0])
            saved.append(step)
        self.saved.append(saved)
        return np.stack(outputs, axis=1), states

    def _run_backward(self, weights, saved, mask, d_outputs):
        d_weights, d_xs = [np.zeros_like(w) for w in weights], []
        d_states = [np.zeros_like(d_outputs[:, 0]) for _ in range(self.cell.num_states)]
        for t in reversed(range(len(saved))):
            m = mask[:, t]
            d_states[0] = d_states[0] + d_outputs[:, t]
            d_w, d_x, d_before = self.cell.backward(weights, saved[t], [m * d for d in d_states])
            d_states = [(1 - m) * d + b for d, b in zip(d_states, d_before, strict=True)]
            d_weights = [d + more for d, more in zip(d_weights, d_w, strict=True)]
            d_xs.insert(0, d_x)
        return d_weights, np.stack(d_xs, axis=1), d_states

    def _by_direction(self, states):
        """Nests the flat states as layer, direction, state."""
        halves = [np.split(state, self.directions, axis=-1) for state in states]
        return [list(zip(*layer, strict=True)) for layer in chunks(halves, self.num_layers)]

    def _joined(self, halves):
        return [np.concatenate(state, axis=-1) for state in zip(*halves, strict=True)]


def gru_layer_reset_before(units):
    return keras.layers.GRU(units, reset_after=False)


class Cell(NamedTuple):
    keras: str | Callable
    forward: Callable
    backward: Callable
    num_states: int
    num_weights: Callable  # of features and units


class Sizes(NamedTuple):
    batch: int
    steps: int
    features: int
    units: int


CELLS = {
    "simple_rnn": Cell(
        "simple_rnn", simple_rnn, simple_rnn_backward, 1, lambda f, u: u * (f + u + 1)
    ),
    "lstm": Cell("lstm", lstm, lstm_backward, 2, lambda f, u: 4 * u * (f + u + 1)),
    "gru": Cell("gru", gru, gru_backward, 1, lambda f, u: 3 * u * (f + u + 2)),
    "gru_reset_before": Cell(
        gru_layer_reset_before,
        gru_reset_before,
        gru_reset_before_backward,
        1,
        lambda f, u: 3 * u * (f + u + 1),
    ),
}
PRIMES = Sizes(batch=2, steps=7, features=3, units=5)
ONES = {"b3_t2_f1_u1": Sizes(3, 2, 1, 1), "b1_t1_f5_u2": Sizes(1, 1, 5, 2)}


def padded(shape):
    """Rows of all steps, of four less, and so on, of one at least."""
    lengths = np.maximum(shape[1] - 4 * np.arange(shape[0]), 1)
    return np.arange(shape[1]) < lengths[:, None]


def scattered(shape):
    return np.random.default_rng(3).random(shape) < 0.6


HAS_GPU = bool(tf.config.list_physical_devices("GPU"))
not_on_gpu = pytest.mark.skipif(HAS_GPU, reason="cuDNN takes padding on the right alone")
MASKS = {
    "no_mask": lambda shape: None,
    "padded": padded,
    "scattered": pytest.param(scattered, marks=not_on_gpu),
}

every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
one_or_two_layers = pytest.mark.parametrize("layers", [1, 2], ids="{}_layers".format)
one_or_both_directions = pytest.mark.parametrize(
    "bidirectional", [False, True], ids=["forward", "both"]
)
every_mask = pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
with_and_without_state = pytest.mark.parametrize(
    "given", [False, True], ids=["zero_state", "initial_state"]
)


def uniform(shape, seed=0):
    return np.random.default_rng(seed).uniform(-0.9, 0.9, shape).astype("float32")


@functools.cache
def make_stack(cell, sizes, layers, bidirectional, **kwargs):
    """A built stack with random weights, the biases too; shared, so leave its weights alone."""
    kwargs = {"return_state": True, **kwargs}
    stack = RecurrentStack(cell.keras, sizes.units, layers, bidirectional, **kwargs)
    stack.build((None, None, sizes.features))
    stack.set_weights([uniform(w.shape, seed) for seed, w in enumerate(stack.weights)])
    return stack


def make(cell, sizes=PRIMES, layers=1, bidirectional=False, **kwargs):
    """Returns the stack, and its double in NumPy."""
    stack = make_stack(cell, sizes, layers, bidirectional, **kwargs)
    return stack, NumpyStack(cell, stack.get_weights(), layers, 2 if bidirectional else 1)


def make_states(stack, batch, given=True):
    shapes = [(batch, size) for size in stack.state_sizes.values()]
    return [uniform(s, 50 + i) if given else np.zeros(s, "float32") for i, s in enumerate(shapes)]


def assert_close(received, expected, tolerance=1e-5):
    """Compares arrays, or lists of them of the same length."""
    if not isinstance(expected, list):
        received, expected = [received], [expected]
    for r, e in zip(received, expected, strict=True):
        np.testing.assert_allclose(r, e, rtol=tolerance, atol=tolerance)


def check_against_numpy(cell, sizes, layers, bidirectional, mask, given):
    mask = mask(sizes[:2])
    stack, double = make(cell, sizes, layers, bidirectional)
    xs, states = uniform(sizes[:3], 99), make_states(stack, sizes.batch, given)
    outputs, *last = stack(xs, initial_state=states if given else None, mask=mask)
    unmasked = np.ones(sizes[:2], bool) if mask is None else mask
    expected_outputs, expected_last = double.forward(xs, unmasked, states)
    assert outputs.shape == (*sizes[:2], sizes.units * (2 if bidirectional else 1))
    # What stands at masked steps is Keras' affair, pinned by a test of its own below.
    assert_close(outputs.numpy()[unmasked], expected_outputs[unmasked])
    assert_close(last, expected_last)


@every_cell
@one_or_two_layers
@one_or_both_directions
@every_mask
@with_and_without_state
def test_unmasked_outputs_and_last_states(cell, layers, bidirectional, mask, given):
    check_against_numpy(cell, PRIMES, layers, bidirectional, mask, given)


@every_cell
@one_or_both_directions
@pytest.mark.parametrize("sizes", ONES.values(), ids=ONES)
def test_sizes_of_one(cell, bidirectional, sizes):
    check_against_numpy(cell, sizes, 2, bidirectional, padded, given=True)


def masked_call(way, stack, features, mask, states):
    """Calls the stack so that the mask reaches it in one of the ways; returns the inputs too."""
    if way in ("mask", "sequences_mask"):
        xs = uniform((*mask.shape, features), 99)
        return xs, stack(xs, initial_state=states, **{way: mask})
    embedding = keras.layers.Embedding(11, features, mask_zero=True)
    ids = np.random.default_rng(0).integers(1, 11, mask.shape) * mask
    if way == "embedding":
        return embedding(ids).numpy(), stack(embedding(ids), initial_state=states)
    inputs = [keras.Input((None,), dtype="int32")]
    inputs += [keras.Input((size,)) for size in stack.state_sizes.values() if states]
    model = keras.Model(inputs, stack(embedding(inputs[0]), initial_state=inputs[1:] or None))
    return embedding(ids).numpy(), model([ids, *(states or [])])


@pytest.mark.parametrize("way", ["mask", "sequences_mask", "embedding", "functional_model"])
@with_and_without_state
@one_or_both_directions
def test_mask_is_honoured_however_it_comes(bidirectional, given, way):
    stack, double = make(CELLS["lstm"], layers=2, bidirectional=bidirectional)
    mask, states = padded(PRIMES[:2]), make_states(stack, PRIMES.batch, given)
    xs, (outputs, *last) = masked_call(way, stack, PRIMES.features, mask, states if given else None)
    expected_outputs, expected_last = double.forward(xs, mask, states)
    assert_close(outputs.numpy()[mask], expected_outputs[mask])
    assert_close(last, expected_last)


@every_cell
@one_or_both_directions
def test_sequence_of_padding_alone_leaves_the_states(cell, bidirectional):
    stack, _ = make(cell, layers=2, bidirectional=bidirectional)
    states = make_states(stack, PRIMES.batch)
    mask = np.arange(PRIMES.steps) < np.array([[PRIMES.steps], [0]])
    _, *last = stack(uniform(PRIMES[:3]), initial_state=states, mask=mask)
    for before, after in zip(states, last, strict=True):
        np.testing.assert_array_equal(before[1], after[1])
        assert not np.allclose(before[0], after[0])


@every_cell
@one_or_both_directions
def test_content_of_padding_changes_nothing(cell, bidirectional):
    stack, _ = make(cell, layers=2, bidirectional=bidirectional)
    mask, xs = padded(PRIMES[:2]), uniform(PRIMES[:3], 99)
    outputs, *last = stack(xs, mask=mask)
    xs[~mask] = 1e3
    other_outputs, *other_last = stack(xs, mask=mask)
    np.testing.assert_array_equal(outputs.numpy()[mask], other_outputs.numpy()[mask])
    np.testing.assert_array_equal(last, other_last)


@not_on_gpu
@every_cell
@one_or_both_directions
def test_masked_steps_repeat_the_last_output_or_give_zeros(cell, bidirectional):
    """Pins what Keras does without cuDNN, which gives zeros. Nothing here relies on either."""
    stack, _ = make(cell, bidirectional=bidirectional)
    mask = padded(PRIMES[:2])
    outputs, last, *_ = stack(uniform(PRIMES[:3]), mask=mask)
    expected = np.zeros_like(outputs) if bidirectional else np.repeat(last[:, None], 7, axis=1)
    np.testing.assert_array_equal(outputs.numpy()[~mask], expected[~mask])


class OutputMask(keras.layers.Layer):
    """Gives the mask that a layer after the stack gets."""

    supports_masking = True

    def call(self, inputs, mask=None):
        return mask


@pytest.mark.parametrize("functional", [False, True], ids=["eager", "functional_model"])
@with_and_without_state
@pytest.mark.parametrize("sequences", [True, False], ids=["all_outputs", "last_output"])
def test_mask_is_passed_on_with_all_outputs_alone(sequences, given, functional):
    stack, _ = make(CELLS["lstm"], return_sequences=sequences)
    embedding = keras.layers.Embedding(7, PRIMES.features, mask_zero=True)
    ids = np.array([[2, 3, 5, 0, 0], [2, 0, 0, 0, 0]])
    inputs = keras.Input((None,), dtype="int32") if functional else ids
    states = [keras.ops.cast(inputs[:, :1], "float32") + uniform((1, 5))] * 2
    outputs, *last = stack(embedding(inputs), initial_state=states if given else None)
    masks = [OutputMask()(tensor) for tensor in (outputs, *last)]
    assert masks[1:] == [None, None]
    if not sequences:
        assert masks[0] is None
    else:
        mask = keras.Model(inputs, masks[0])(ids) if functional else masks[0]
        np.testing.assert_array_equal(mask, ids != 0)


@every_cell
@one_or_both_directions
@pytest.mark.parametrize("lengths", [None, [7, 3]], ids=["no_mask", "padded"])
def test_last_output_is_that_at_the_last_unmasked_step(cell, bidirectional, lengths):
    stack, _ = make(cell, layers=2, bidirectional=bidirectional)
    short, _ = make(cell, layers=2, bidirectional=bidirectional, return_sequences=False)
    xs, mask = uniform(PRIMES[:3], 99), None
    if lengths is not None:
        mask = np.arange(PRIMES.steps) < np.array(lengths)[:, None]
    outputs, *states = stack(xs, mask=mask)
    last, *last_states = short(xs, mask=mask)
    expected = np.stack([o[n - 1] for o, n in zip(outputs, lengths or [7, 7], strict=True)])
    if bidirectional:  # the backward half ends at the first step
        expected[:, PRIMES.units :] = outputs[:, 0, PRIMES.units :]
    assert_close(last, expected)
    assert_close(last_states, states)


@pytest.mark.parametrize("sequences", [True, False], ids=["all_outputs", "last_output"])
@one_or_both_directions
def test_states_are_returned_on_request_alone(bidirectional, sequences):
    kwargs = {"bidirectional": bidirectional, "return_sequences": sequences}
    with_states, _ = make(CELLS["lstm"], **kwargs)
    without, _ = make(CELLS["lstm"], return_state=False, **kwargs)
    xs = uniform(PRIMES[:3], 99)
    np.testing.assert_array_equal(without(xs), with_states(xs)[0])


def forced_gru(reset_after, update_bias):
    """A GRU whose update gate is 1 or 0 up to rounding, whatever the input."""
    cell = CELLS["gru" if reset_after else "gru_reset_before"]
    stack = make_stack.__wrapped__(cell, PRIMES, 1, False)  # a new one, not shared
    kernel, recurrent, bias = stack.get_weights()
    bias[..., : PRIMES.units] = update_bias
    stack.set_weights([kernel, recurrent, bias])
    return stack


both_grus = pytest.mark.parametrize(
    "reset_after", [True, False], ids=["reset_after", "reset_before"]
)


@both_grus
def test_gru_update_gate_of_one_keeps_the_state(reset_after):
    stack = forced_gru(reset_after, 60.0)
    (state,) = make_states(stack, PRIMES.batch)
    outputs, last = stack(uniform(PRIMES[:3], 99), initial_state=[state])
    assert_close(outputs, np.repeat(state[:, None], PRIMES.steps, axis=1), 1e-7)
    assert_close(last, state, 1e-7)


@both_grus
def test_gru_update_gate_of_zero_takes_the_candidate(reset_after):
    stack = forced_gru(reset_after, -60.0)
    xs, (state,) = uniform(PRIMES[:3], 99), make_states(stack, PRIMES.batch)
    outputs, _ = stack(xs, initial_state=[state])
    h = np.concatenate([state[:, None], outputs[:, :-1]], axis=1).astype("float64")
    _, w_r, w_g, _, u_r, u_g = (m for w in stack.get_weights()[:2] for m in np.split(w, 3, -1))
    _, b_r, b_g = np.split(stack.get_weights()[2], 3, axis=-1)
    if reset_after:
        r = sigmoid(xs @ w_r + b_r[0] + h @ u_r + b_r[1])
        candidate = np.tanh(xs @ w_g + b_g[0] + r * (h @ u_g + b_g[1]))
    else:
        r = sigmoid(xs @ w_r + b_r + h @ u_r)
        candidate = np.tanh(xs @ w_g + b_g + (r * h) @ u_g)
    assert_close(outputs, candidate)


def loss_weights(stack, mask):
    """What the outputs are multiplied with in the loss: 0 at masked steps."""
    shape = (*mask.shape, stack.units * (2 if stack.bidirectional else 1))
    return uniform(shape, 77) * mask[..., None]


@every_cell
@one_or_two_layers
@one_or_both_directions
@pytest.mark.parametrize("mask", [MASKS["no_mask"], padded], ids=["no_mask", "padded"])
def test_gradients_equal_back_propagation_by_hand(cell, layers, bidirectional, mask):
    stack, double = make(cell, layers=layers, bidirectional=bidirectional)
    xs, states = uniform(PRIMES[:3], 99), make_states(stack, PRIMES.batch)
    mask = mask(PRIMES[:2])
    seen = np.ones(PRIMES[:2], bool) if mask is None else mask
    d_outputs = loss_weights(stack, seen)
    inputs = [tf.constant(a) for a in (xs, *states)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs, *_ = stack(inputs[0], initial_state=inputs[1:], mask=mask)
        loss = tf.reduce_sum(outputs * d_outputs)
    received = tape.gradient(loss, [w.value for w in stack.trainable_weights] + inputs)
    double.forward(xs, seen, states)
    d_weights, d_xs, d_states = double.backward(d_outputs)
    assert_close(received, [*d_weights, d_xs, *d_states])


@every_cell
@one_or_two_layers
@one_or_both_directions
def test_back_propagation_by_hand_equals_finite_differences(cell, layers, bidirectional):
    """The check of the checker: each array is moved in a random direction, in float64."""
    stack, double = make(cell, layers=layers, bidirectional=bidirectional)
    mask = scattered(PRIMES[:2])
    xs, states = uniform(PRIMES[:3], 99).astype("float64"), make_states(stack, PRIMES.batch)
    states = [state.astype("float64") for state in states]
    d_outputs = loss_weights(stack, mask)
    double.forward(xs, mask, states)
    d_weights, d_xs, d_states = double.backward(d_outputs)
    weights = [w for layer in double.weights for direction in layer for w in direction]
    gradients, epsilon = [*d_weights, d_xs, *d_states], 1e-5
    for array, gradient in zip([*weights, xs, *states], gradients, strict=True):
        direction, losses = uniform(array.shape, 13), []
        for step in (epsilon, -2 * epsilon):
            array += step * direction
            losses.append((double.forward(xs, mask, states)[0] * d_outputs).sum())
        array += epsilon * direction
        slope = (losses[0] - losses[1]) / (2 * epsilon)
        np.testing.assert_allclose((gradient * direction).sum(), slope, rtol=1e-6, atol=1e-8)


@every_cell
@one_or_two_layers
def test_single_steps_equal_the_whole_sequence(cell, layers):
    stack, _ = make(cell, layers=layers)
    xs, states = uniform(PRIMES[:3], 99), make_states(stack, PRIMES.batch)
    outputs, *last = stack(xs, initial_state=states)
    for t in range(PRIMES.steps):
        output, *states = stack(xs[:, t], initial_state=states)
        assert_close(output, outputs[:, t])
    assert_close(states, last)


@every_cell
def test_stack_may_be_built_by_a_single_step(cell):
    stack = RecurrentStack(cell.keras, PRIMES.units, num_layers=2)
    output = stack(uniform((2, 3)), initial_state=make_states(stack, 2))
    assert output.shape == (2, PRIMES.units)
    assert stack(uniform(PRIMES[:3])).shape == (2, 7, 5)


@pytest.mark.parametrize(
    ("cell", "layers", "bidirectional", "expected"),
    [
        ("simple_rnn", 1, False, {"rnn_0_h": 5}),
        ("gru", 1, True, {"rnn_0_h": 10}),
        ("gru_reset_before", 2, False, {"rnn_0_h": 5, "rnn_1_h": 5}),
        ("lstm", 1, False, {"rnn_0_h": 5, "rnn_0_c": 5}),
        ("lstm", 2, True, {"rnn_0_h": 10, "rnn_0_c": 10, "rnn_1_h": 10, "rnn_1_c": 10}),
    ],
)
def test_names_and_sizes_of_the_states(cell, layers, bidirectional, expected):
    stack, _ = make(CELLS[cell], layers=layers, bidirectional=bidirectional)
    assert stack.state_sizes == expected
    assert stack.state_names == list(expected)
    _, *states = stack(uniform(PRIMES[:3]))
    assert [state.shape[1] for state in states] == list(expected.values())


RATE, WIDE = 0.3, Sizes(batch=2, steps=37, features=31, units=31)


def wire(units):
    """Gives its input as its output: what dropout leaves of it can be read off."""
    return keras.layers.SimpleRNN(
        units, activation="linear", kernel_initializer="identity", recurrent_initializer="zeros"
    )


def hold(units):
    """Gives its initial state at each step: anything done to it on the way can be read off."""
    return keras.layers.SimpleRNN(
        units, activation="linear", kernel_initializer="zeros", recurrent_initializer="identity"
    )


@every_cell
@pytest.mark.parametrize("training", [None, False], ids=["default", "not_training"])
def test_dropout_is_off_in_inference(cell, training):
    stack, double = make(cell, layers=2, dropout=RATE)
    xs, states = uniform(PRIMES[:3], 99), make_states(stack, PRIMES.batch)
    outputs, *last = stack(xs, initial_state=states, training=training)
    expected_outputs, expected_last = double.forward(xs, np.ones(PRIMES[:2]), states)
    assert_close([outputs, *last], [expected_outputs, *expected_last])


@pytest.mark.parametrize(
    ("layers", "bidirectional"),
    [(1, False), (2, False), (1, True)],
    ids=["1_layer", "2_layers", "both_directions"],
)
def test_dropout_takes_its_share_of_the_inputs_of_each_layer(layers, bidirectional):
    keras.utils.set_random_seed(1)
    stack = RecurrentStack(wire, WIDE.units, layers, bidirectional, RATE)
    outputs = stack(np.ones(WIDE[:3], "float32"), training=True).numpy()
    if bidirectional:  # both see the same rest
        outputs, backward = np.split(outputs, 2, axis=-1)
        np.testing.assert_array_equal(outputs, backward)
    kept, share = outputs != 0, (1 - RATE) ** layers
    assert abs(kept.mean() - share) < 5 * np.sqrt(share * (1 - share) / kept.size)
    assert_close(outputs[kept], np.full(kept.sum(), 1 / share))


def test_dropout_is_drawn_anew_for_each_step_sequence_and_call():
    keras.utils.set_random_seed(1)
    stack = RecurrentStack(wire, WIDE.units, dropout=RATE)
    ones = np.ones(WIDE[:3], "float32")
    first, second = (stack(ones, training=True).numpy() for _ in range(2))
    steps = first.reshape(-1, WIDE.units)
    assert len(np.unique(steps, axis=0)) == len(steps)
    assert (first != second).any()


@one_or_two_layers
@one_or_both_directions
def test_dropout_leaves_the_recurrent_connections_alone(layers, bidirectional):
    stack = RecurrentStack(hold, WIDE.units, layers, bidirectional, RATE, return_state=True)
    states = make_states(stack, WIDE.batch)
    outputs, *last = stack(np.ones(WIDE[:3], "float32"), initial_state=states, training=True)
    np.testing.assert_array_equal(outputs, np.repeat(states[-1][:, None], WIDE.steps, axis=1))
    np.testing.assert_array_equal(last, states)


SETTINGS = {
    "defaults": {},
    "two_layers": {"num_layers": 2, "return_state": True},
    "both_directions": {"num_layers": 2, "bidirectional": True, "dropout": 0.25},
    "last_output": {"return_sequences": False, "name": "summary"},
}
every_setting = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


@pytest.mark.parametrize("cell", ["lstm", "gru_reset_before"])
@every_setting
def test_config_makes_the_same_layer(cell, settings):
    stack = RecurrentStack(CELLS[cell].keras, PRIMES.units, **settings)
    config = stack.get_config()
    other = RecurrentStack.from_config(config)
    assert other.get_config() == config
    for name, value in settings.items():
        assert getattr(other, name) == value
    assert other.state_sizes == stack.state_sizes
    xs = uniform(PRIMES[:3])
    stack(xs)
    other(xs)
    other.set_weights(stack.get_weights())
    np.testing.assert_array_equal(tf.nest.flatten(stack(xs))[0], tf.nest.flatten(other(xs))[0])


@pytest.mark.parametrize("cell", ["lstm", "gru_reset_before"])
@every_setting
def test_saved_model_is_bit_equal(cell, settings, tmp_path):
    ids = keras.Input((None,), dtype="int32")
    embedded = keras.layers.Embedding(11, PRIMES.features, mask_zero=True)(ids)
    stack = RecurrentStack(CELLS[cell].keras, PRIMES.units, **settings)
    model = keras.Model(ids, stack(embedded))
    stack.set_weights([uniform(w.shape, seed) for seed, w in enumerate(stack.weights)])
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    xs = np.array([[2, 3, 5, 7], [3, 1, 0, 0]])
    for before, after in zip(
        tf.nest.flatten(model(xs)), tf.nest.flatten(reloaded(xs)), strict=True
    ):
        np.testing.assert_array_equal(before, after)


@one_or_both_directions
def test_callable_of_a_bare_cell_is_restored(bidirectional):
    def cell(units):
        return keras.layers.RNN(keras.layers.LSTMCell(units))

    stack = RecurrentStack(cell, 5, num_layers=2, bidirectional=bidirectional)
    other = RecurrentStack.from_config(stack.get_config())
    xs = uniform(PRIMES[:3])
    stack(xs)
    other(xs)
    other.set_weights(stack.get_weights())
    np.testing.assert_array_equal(stack(xs), other(xs))


@one_or_both_directions
def test_dtype_reaches_every_layer(bidirectional):
    options = {"num_layers": 2, "bidirectional": bidirectional, "dropout": 0.5}
    double = RecurrentStack("lstm", 5, dtype="float64", **options)
    assert double(uniform(PRIMES[:3])).dtype == tf.float64
    assert {weight.dtype for weight in double.weights} == {"float64"}
    mixed = RecurrentStack("gru", 5, dtype="mixed_float16", **options)
    assert mixed(uniform(PRIMES[:3])).dtype == tf.float16
    assert {weight.dtype for weight in mixed.weights} == {"float32"}


def test_dropout_of_a_cell_is_drawn_anew_for_each_single_step():
    stack = RecurrentStack(lambda units: keras.layers.GRU(units, dropout=0.5), 5)
    states = [tf.zeros((2, 5))]
    xs = tf.ones((2, 97))
    steps = [stack(xs, initial_state=states, training=True).numpy() for _ in range(3)]
    assert not np.array_equal(steps[0], steps[1])
    stack(tf.ones((3, 97)), initial_state=[tf.zeros((3, 5))], training=True)
    stack(tf.ones((7, 2, 97)), training=True)


@every_cell
@one_or_two_layers
@one_or_both_directions
def test_number_of_parameters(cell, layers, bidirectional):
    stack, _ = make(cell, layers=layers, bidirectional=bidirectional)
    directions = 2 if bidirectional else 1
    expected = directions * cell.num_weights(PRIMES.features, PRIMES.units)
    if layers == 2:
        expected += directions * cell.num_weights(directions * PRIMES.units, PRIMES.units)
    assert stack.count_params() == expected


BAD_ARGUMENTS = {
    "unknown_cell": ({"cell": "jordan"}, r"simple_rnn.*lstm.*gru.*Received: 'jordan'"),
    "callable_of_no_layer": ({"cell": lambda units: units}, "recurrent Keras layer"),
    "callable_of_another_layer": ({"cell": keras.layers.Dense}, "recurrent Keras layer"),
    "no_cell": ({"cell": None}, "recurrent Keras layer.*Received: None"),
    "no_units": ({"units": 0}, "`units`.*Received: 0"),
    "no_layers": ({"num_layers": 0}, "`num_layers`.*Received: 0"),
    "dropout_of_one": ({"dropout": 1.0}, "Received: 1.0"),
    "negative_dropout": ({"dropout": -0.1}, "Received: -0.1"),
    "dropout_of_nothing": ({"dropout": None}, "Received: None"),
    "units_in_words": ({"units": "5"}, "`units`.*Received: '5'"),
    "half_a_unit": ({"units": 2.5}, "`units`.*Received: 2.5"),
    "layers_of_nothing": ({"num_layers": None}, "`num_layers`.*Received: None"),
    "another_size": ({"cell": lambda units: keras.layers.LSTM(2 * units)}, "Received: 10"),
}


def assert_explains(error, words):
    assert re.search("(?s)Expected.*Received", str(error.value)), str(error.value)
    assert re.search(f"(?s){words}", str(error.value)), str(error.value)


@pytest.mark.parametrize(("arguments", "words"), BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS)
def test_bad_arguments_are_refused(arguments, words):
    with pytest.raises(ValueError) as error:
        RecurrentStack(**{"cell": "gru", "units": 5, **arguments})
    assert_explains(error, words)


BAD_CALLS = {
    "too_few_states": ((2, 7, 3), False, 3, "rnn_0_h.*rnn_1_c.*Received: 3 tensors"),
    "too_many_states": ((2, 7, 3), True, 5, "rnn_0_h.*rnn_1_c.*Received: 5 tensors"),
    "step_with_one_state": ((2, 3), False, 1, "rnn_0_h.*rnn_1_c.*Received: 1 tensors"),
    "step_without_states": ((2, 3), False, None, "one direction.*initial_state=None"),
    "step_in_both_directions": ((2, 3), True, 4, "one direction.*bidirectional=True"),
}


@pytest.mark.parametrize(
    ("shape", "bidirectional", "count", "words"), BAD_CALLS.values(), ids=BAD_CALLS
)
def test_bad_calls_are_refused(shape, bidirectional, count, words):
    stack, _ = make(CELLS["lstm"], layers=2, bidirectional=bidirectional)
    states = count and [np.zeros((2, 10 if bidirectional else 5), "float32")] * count
    with pytest.raises(ValueError) as error:
        stack(uniform(shape), initial_state=states)
    assert_explains(error, words)


def test_a_copy_that_keras_takes_for_another_is_made_again(monkeypatch):
    """As it happens in loading where the address of a layer was another object's before."""
    real, refused = keras.layers.Bidirectional, []

    def refuses_once(layer, **options):
        if not refused:
            refused.append(layer)
            raise ValueError("Forward layer and backward layer should have different …")
        return real(layer, **options)

    monkeypatch.setattr(keras.layers, "Bidirectional", refuses_once)
    stack = RecurrentStack("gru", PRIMES.units, num_layers=2, bidirectional=True)
    assert len(refused) == 1 and len(stack.rnn_layers) == 2
    assert [layer.name for layer in stack.rnn_layers] == ["rnn_0", "rnn_1"]
    assert refused[0] in stack._originals() and len(stack._originals()) == 3
    first = stack.rnn_layers[0]
    assert first.backward_layer.go_backwards and not first.forward_layer.go_backwards
    stack.build((None, None, PRIMES.features))
    assert len({id(weight) for weight in stack.weights}) == len(stack.weights) == 12
