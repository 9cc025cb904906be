"""The step of a GRU with its gates cut out at once, against that of Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.layers import RecurrentStack

B, T, F, U = 2, 5, 3, 7


def of_keras(stack):
    """The same layers, computed as Keras does it."""
    again = type(stack).from_config(stack.get_config())
    again.build((B, T, F))
    again.set_weights(stack.get_weights())
    for layer in again.rnn_layers:
        for way in (layer, *(getattr(layer, f"{w}_layer", None) for w in ("forward", "backward"))):
            if way is not None and "call" in vars(getattr(way, "cell", way)):
                del way.cell.call
    return again


def kinds(graph):
    """The kinds of operations of a graph and of the functions in it."""
    found = [node.op for node in graph.as_graph_def().node]
    for function in graph.as_graph_def().library.function:
        found += [node.op for node in function.node_def]
    return found


@pytest.mark.parametrize("bidirectional, dropout", [(True, 0.0), (False, 0.3)])
def test_outputs_and_gradients_are_those_of_keras_to_the_bit(rng, bidirectional, dropout):
    """What is added in the gradient of a slice is 0."""
    keras.utils.set_random_seed(3)
    stack = RecurrentStack(
        "gru", U, 2, bidirectional=bidirectional, dropout=dropout, return_state=True
    )
    x = tf.constant(rng.normal(size=(B, T, F)).astype("float32"))
    mask = tf.constant([[True] * T, [True] * 2 + [False] * (T - 2)])
    stack(x)
    found = []
    for each in (stack, of_keras(stack)):
        keras.utils.set_random_seed(5)

        @tf.function
        def run(each=each):
            with tf.GradientTape() as tape:
                outputs = each(x, mask=mask, training=False)
                loss = sum(tf.reduce_sum(output**2) for output in outputs)
            return [*outputs, *tape.gradient(loss, [v.value for v in each.trainable_variables])]

        found.append((run(), kinds(run.get_concrete_function().graph)))
    (mine, my_kinds), (theirs, their_kinds) = found
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(np.array(one), np.array(other))
    slices = [each.count("StridedSliceGrad") for each in (my_kinds, their_kinds)]
    assert slices[0] <= slices[1] - 3 * 2 * (2 if bidirectional else 1)


def test_a_single_step_is_that_of_keras_too(rng):
    stack = RecurrentStack("gru", U, return_state=True)
    stack.build((B, None, F))
    x, state = (rng.normal(size=(B, size)).astype("float32") for size in (F, U))
    expected = of_keras(stack)(x, initial_state=[state])
    for one, other in zip(stack(x, initial_state=[state]), expected, strict=True):
        np.testing.assert_array_equal(np.array(one), np.array(other))


@pytest.mark.parametrize(
    "cell",
    [
        lambda units: keras.layers.GRU(units, reset_after=False),
        lambda units: keras.layers.GRU(units, use_bias=False, dropout=0.4),
        lambda units: keras.layers.GRU(units, recurrent_dropout=0.4),
        lambda units: keras.layers.RNN(keras.layers.GRUCell(units)),
    ],
)
@pytest.mark.parametrize("training", [False, True])
def test_other_gru_cells_are_those_of_keras(rng, cell, training):
    stack = RecurrentStack(cell, U)
    x = rng.normal(size=(B, T, F)).astype("float32")
    stack(x)
    other = of_keras(stack)
    values = []
    for each in (stack, other):
        (layer,) = each.rnn_layers
        for seeded in (layer, layer.cell):
            if hasattr(seeded, "seed_generator"):
                seeded.seed_generator.state.assign([3, 5])
        values.append(np.array(each(x, training=training)))
    np.testing.assert_array_equal(*values)
