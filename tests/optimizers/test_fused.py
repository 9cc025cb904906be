"""Optimizers in fewer operations, against Adam's definition in NumPy and Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.optimizers import AveragingLazyAdam, FusedAdam, FusedSGD, LazyAdam

ROWS, SIZE, RATE, STEPS = 11, 3, 0.3, 5
BETAS, EPSILON, NORM = (0.9, 0.999), 1e-7, 1.7
# Row 2 twice and rows 3 to 10 not always.
FETCHED = [[2, 5, 2, 7], [2, 2, 3, 10], [7, 1, 0, 5], [4, 4, 4, 4], [2, 9, 8, 2]]


def gradients(rng):
    """Of each step: rows of an embedding `(4, SIZE)` with their numbers, and a matrix."""
    return [
        (rng.normal(size=(4, SIZE)).astype("float32"), rows, rng.normal(size=(7, 2)).astype("f4"))
        for rows in FETCHED
    ]


def slices(values, rows):
    return tf.IndexedSlices(tf.convert_to_tensor(values), rows, tf.constant([ROWS, SIZE]))


def summed(values, rows):
    found = np.zeros((ROWS, SIZE))
    np.add.at(found, rows, values)
    return found


def trained(optimizer, steps):
    """The variables after the steps, and those of the optimizer."""
    table, matrix = keras.Variable(np.ones((ROWS, SIZE), "f4")), keras.Variable(np.ones((7, 2)))
    optimizer.build([table, matrix])
    for values, rows, dense in steps:
        optimizer.apply([slices(values, rows), tf.constant(dense)])
    return [np.array(each) for each in (table, matrix)]


def adam(pairs, lazily=False):
    """Adam's definition: the weights and moments after gradients `(gradient, mask)` of a weight."""
    weights = np.ones(pairs[0][0].shape)
    one, two = np.zeros_like(weights), np.zeros_like(weights)
    for number, (gradient, occurs) in enumerate(pairs, 1):
        moved = np.broadcast_to(occurs[:, None] if lazily else True, weights.shape)
        one = np.where(moved, BETAS[0] * one + (1 - BETAS[0]) * gradient, one)
        two = np.where(moved, BETAS[1] * two + (1 - BETAS[1]) * gradient**2, two)
        means = one / (1 - BETAS[0] ** number), two / (1 - BETAS[1] ** number)
        root = np.sqrt(means[1]) + EPSILON / np.sqrt(1 - BETAS[1] ** number)
        weights = weights - np.where(moved, RATE * means[0] / root, 0)
    return weights, one, two


def norm(*parts):
    return np.sqrt(sum((part**2).sum() for part in parts))


@pytest.mark.parametrize("clips", [False, True])
def test_lazy_adam_is_its_definition(rng, clips):
    steps = gradients(rng)
    optimizer = LazyAdam(RATE, global_clipnorm=NORM if clips else None)
    table, matrix = trained(optimizer, steps)
    sums = [summed(values, rows) for values, rows, _ in steps]
    norms = [norm(one, dense) for one, (_, _, dense) in zip(sums, steps, strict=True)]
    scales = [min(1, NORM / each) if clips else 1 for each in norms]
    assert not clips or min(scales) < 0.7
    occur = [np.isin(np.arange(ROWS), rows) for rows in FETCHED]
    rows = [(one * s, each) for one, s, each in zip(sums, scales, occur, strict=True)]
    whole = [(dense * s, None) for (_, _, dense), s in zip(steps, scales, strict=True)]
    expected = adam(rows, lazily=True)
    # In float32 the correction 1 - 0.999 ** t has four digits at the first steps.
    np.testing.assert_allclose(table, expected[0], rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(matrix, adam(whole)[0], rtol=2e-4, atol=2e-5)
    moments = [v for v in optimizer.variables if tuple(v.shape) == (ROWS, SIZE)]
    for received, wanted in zip(moments, expected[1:], strict=True):
        np.testing.assert_allclose(np.array(received), wanted, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(table[6], np.ones(SIZE))  # it never occurs


@pytest.mark.parametrize(
    "ours, theirs", [(FusedAdam, keras.optimizers.Adam), (FusedSGD, keras.optimizers.SGD)]
)
@pytest.mark.parametrize("most", [None, NORM])
def test_fewer_operations_give_what_those_of_keras_do(rng, ours, theirs, most):
    """Of rows that Keras makes a whole gradient of, as it does where it clips the global norm."""
    steps = gradients(rng)
    mine, other = ours(RATE, global_clipnorm=most), theirs(RATE, global_clipnorm=most or 1e9)
    for one, two in zip(trained(mine, steps), trained(other, steps), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=2e-5)
    kinds = [[v.name.split("_")[-1] for v in each.variables] for each in (mine, other)]
    assert kinds[0] == kinds[1]  # a saved one may take the place of the other
    for one, two in zip(mine.variables, other.variables, strict=True):
        np.testing.assert_allclose(np.array(one), np.array(two), rtol=1e-5, atol=1e-7)


def test_a_norm_that_is_not_finite_spoils_the_weights_as_in_keras(rng):
    steps = [(np.full((4, SIZE), np.inf, "f4"), FETCHED[0], np.ones((7, 2), "f4"))]
    for kind in (FusedAdam, LazyAdam, FusedSGD):
        table, matrix = trained(kind(RATE, global_clipnorm=NORM), steps)
        assert np.isnan(table[2]).all() and np.isnan(matrix).all(), kind


def operations(optimizer):
    """The kinds of operations of a step, those in functions included."""
    variables = [keras.Variable(np.ones((ROWS, SIZE), "f4")), keras.Variable(np.ones((7, 2)))]
    optimizer.build(variables)

    @tf.function
    def step(values, dense):
        optimizer.apply([slices(values, FETCHED[0]), dense])

    graph = step.get_concrete_function(tf.ones((4, SIZE)), tf.ones((7, 2))).graph
    return [each.type for each in graph.get_operations()]


def test_a_step_of_adam_is_one_operation_for_each_variable():
    kinds = operations(FusedAdam(RATE, global_clipnorm=NORM))
    assert kinds.count("ResourceApplyAdam") == 2
    assert kinds.count("Sqrt") == 1  # of the norm
    assert "AssignSubVariableOp" not in kinds


@pytest.mark.parametrize("kind", [FusedSGD, LazyAdam])
def test_no_gradient_of_rows_becomes_one_of_all_rows(kind):
    """What has a segment for each row of the table is as large as the table."""
    variables = [keras.Variable(np.ones((ROWS, SIZE), "f4"))]
    optimizer = kind(RATE, global_clipnorm=NORM)
    optimizer.build(variables)

    @tf.function
    def step(values):
        optimizer.apply([slices(values, FETCHED[0])])

    graph = step.get_concrete_function(tf.ones((4, SIZE))).graph
    large = [
        each.type
        for each in graph.get_operations()
        for output in each.outputs
        if output.shape.rank == 2 and output.shape[0] == ROWS
    ]
    assert large == []


@pytest.mark.parametrize("kind", [FusedAdam, FusedSGD, LazyAdam, AveragingLazyAdam])
def test_a_config_makes_the_same_optimizer(kind):
    config = kind(0.25, global_clipnorm=3.0).get_config()
    again = keras.optimizers.deserialize(keras.optimizers.serialize(kind.from_config(config)))
    assert type(again) is kind and again.get_config() == config
    assert (config["learning_rate"], config["global_clipnorm"]) == (0.25, 3.0)


@pytest.mark.parametrize("kind", [FusedAdam, LazyAdam])
def test_a_saved_model_goes_on_to_the_bit(kind, tmp_path, rng):
    layers = [keras.Input((7,)), keras.layers.Embedding(ROWS, SIZE), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    model.compile(kind(RATE, global_clipnorm=NORM), "mse", run_eagerly=True)
    x, y = rng.integers(0, ROWS, (STEPS, 7)), rng.normal(size=(STEPS, 7, 2))
    model.train_on_batch(x, y)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    again.run_eagerly = True
    for each in (model, again):
        each.train_on_batch(x[:2], y[:2])
    assert type(again.optimizer) is kind
    for one, two in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.array(one), np.array(two))
    for one, two in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
