"""Layers of forecasters against loops and NumPy."""

import keras
import numpy as np
import pytest

from kerasrnn.layers import (
    CELLS,
    NonCrossingQuantiles,
    PatchQueries,
    PatchRecurrence,
    SplitPatches,
)
from kerasrnn.layers.cell_states import flat_states, nested_states
from kerasrnn.layers.cells import recurrent_layer, run_cell
from kerasrnn.layers.horizon.parallel_steps import parallel_steps
from kerasrnn.layers.horizon.quantile_levels import middle

B, K, N, M, D, U = 3, 2, 5, 7, 11, 13
RNG = np.random.default_rng(1)


def numbers(*shape):
    return RNG.normal(size=shape).astype("float32")


def test_quantiles_are_ascending_whatever_comes_in():
    layer = NonCrossingQuantiles([0.05, 0.3, 0.5, 0.9])
    free = 30 * numbers(B, M, 4)
    found = keras.ops.convert_to_numpy(layer(free))
    np.testing.assert_array_equal(found[..., 2], free[..., 2])  # the median is free
    assert (np.diff(found, axis=-1) >= 0).all()
    softplus = np.logaddexp(0, free.astype("float64"))
    expected = np.stack(
        [
            free[..., 2] - softplus[..., 1] - softplus[..., 0],
            free[..., 2] - softplus[..., 1],
            free[..., 2],
            free[..., 2] + softplus[..., 3],
        ],
        axis=-1,
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("levels", [[], [0.5, 0.1], [0.1, 0.1], [0.0, 0.5], [0.5, 1.2], "0.5"])
def test_levels_that_are_none(levels):
    with pytest.raises(ValueError, match="Expected `levels`"):
        NonCrossingQuantiles(levels)


def test_the_level_that_stands_for_the_forecast():
    assert [middle(each) for each in ([0.5], [0.1, 0.5, 0.9], [0.2, 0.3], [0.6, 0.9])] == [
        0,
        1,
        1,
        0,
    ]


def test_patches_hold_their_own_channel_and_what_is_no_channel():
    window = numbers(B, 12, 5)
    found = keras.ops.convert_to_numpy(SplitPatches(4, [3, 0])(window))
    assert found.shape == (B, 2, 3, 4 * 4)
    for row in range(B):
        for channel, column in enumerate([3, 0]):
            for patch in range(3):
                steps = window[row, 4 * patch : 4 * patch + 4]
                own = [*steps[:, column], *steps[:, 1], *steps[:, 2], *steps[:, 4]]
                np.testing.assert_array_equal(found[row, channel, patch], own)


def test_a_window_that_is_no_multiple():
    with pytest.raises(ValueError, match="multiple of the patch length 5. Received: 12"):
        SplitPatches(5, [0])(numbers(B, 12, 3))


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("rows", [1, B])
def test_steps_side_by_side_are_single_steps(cell, rows):
    layer = recurrent_layer(cell, U, "rnn_0")
    layer.build((None, None, D))
    inputs = numbers(rows, K, M, D)
    states = [numbers(B, K, size) for size in keras.tree.flatten(layer.cell.state_size)]
    found = keras.ops.convert_to_numpy(parallel_steps(layer, inputs, states))
    assert found.shape == (B, K, M, U)
    for k in range(K):
        for m in range(M):
            one = np.broadcast_to(inputs[:, k, m], (B, D))
            before = nested_states(layer, [state[:, k] for state in states])
            expected, _ = run_cell(layer.cell, keras.ops.convert_to_tensor(one), before)
            np.testing.assert_allclose(found[:, k, m], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", ["gru", "lstm", "sru"])
def test_patches_are_read_and_made_by_the_same_weights(cell):
    layer = PatchRecurrence(cell, U, 2)
    patches, queries = numbers(B, K, N, D), numbers(1, K, M, D)
    found = keras.ops.convert_to_numpy(layer(patches, queries))
    assert found.shape == (B, K, M, U)
    first, second = layer.stack.rnn_layers
    row, channel, patch = 1, 1, 4
    below, *states = first(patches[row : row + 1, channel])
    _, *above = second(below)
    query = keras.ops.convert_to_tensor(queries[:, channel, patch])
    hidden, _ = run_cell(first.cell, query, nested_states(first, flat_states(states)))
    hidden, _ = run_cell(second.cell, hidden, nested_states(second, flat_states(above)))
    np.testing.assert_allclose(found[row, channel, patch], hidden[0], rtol=1e-4, atol=1e-5)


def test_queries_say_which_patch_of_which_channel():
    layer = PatchQueries(M, K, 7)
    found = keras.ops.convert_to_numpy(layer(numbers(B, 4)))
    assert found.shape == (1, K, M, 7)
    places, channels = (keras.ops.convert_to_numpy(each) for each in layer.vectors.values())
    np.testing.assert_array_equal(found[0, 1, 4], [*places[4], *channels[1]])
