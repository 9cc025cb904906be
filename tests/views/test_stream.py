"""Truncated BPTT: states go on from batch to batch, gradients do not."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import callbacks, language_model, losses, views
from kerasrnn.layers import RecurrentStack, Stream

B, T, V, U = 2, 7, 11, 5
CASES = [
    ("simple_rnn", 1, "full"),
    ("lstm", 2, "tied"),
    ("gru", 1, "tied_adaptive"),
    ("gru", 2, "full"),
    ("elman", 1, "full"),
    ("lstm", 1, "class"),
    ("gru", 1, "adaptive"),
]
every_case = pytest.mark.parametrize("cell, layers, output", CASES)


def build(cell="lstm", layers=1, output="full", **options):
    return language_model(V, cell=cell, units=U, num_layers=layers, output=output, **options)


def inputs(model, ids):
    return {"tokens": ids, "targets": ids[:, ::-1].copy()} if len(model.inputs) == 2 else ids


@every_case
def test_two_batches_are_one_long_sequence(rng, cell, layers, output):
    model = build(cell, layers, output)
    twin = views.stream(model, B)
    first, second = rng.integers(1, V, (2, B, T))
    if len(model.inputs) == 2:
        whole = {
            name: np.concatenate([inputs(model, ids)[name] for ids in (first, second)], axis=1)
            for name in ("tokens", "targets")
        }
    else:
        whole = np.concatenate([first, second], axis=1)
    received = [twin(inputs(model, ids)) for ids in (first, second)]
    np.testing.assert_allclose(np.concatenate(received, 1), model(whole), rtol=1e-5, atol=1e-5)
    twin.get_layer("stream").reset_states()
    np.testing.assert_array_equal(twin(inputs(model, first)), received[0])


def compiled(model):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if len(model.inputs) == 2:
        loss = losses.NegativeLogProbability()
    model.compile("sgd", loss, run_eagerly=True)
    return model


@every_case
def test_training_the_twin_trains_the_model(rng, cell, layers, output):
    model = build(cell, layers, output)
    twin = compiled(views.stream(model, B))
    before, ids = model.get_weights(), rng.integers(1, V, (B, T))
    twin.train_on_batch(inputs(model, ids), ids)
    for variable, old in zip(model.weights, before, strict=True):
        assert not np.array_equal(variable.numpy(), old), f"{variable.path} has not moved"
    own = {id(variable) for variable in model.weights}
    carried = {id(state) for state in twin.get_layer("stream").states}
    assert {id(variable) for variable in twin.weights} == own | carried


def test_states_are_not_trained_nor_saved_with_the_model(rng, tmp_path):
    model = build("lstm", 2)
    twin = views.stream(model, B)
    ids = rng.integers(1, V, (B, T))
    fresh = model(ids).numpy()
    twin(ids)
    assert not {id(s) for s in twin.get_layer("stream").states} & {id(v) for v in model.weights}
    assert twin.count_params() == model.count_params() + B * 4 * U
    assert len(twin.trainable_variables) == len(model.trainable_variables)
    np.testing.assert_array_equal(model(ids), fresh)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(ids), fresh)


def test_a_saved_twin_goes_on_where_it_was(rng, tmp_path):
    twin = views.stream(build("gru", 2), B)
    ids = rng.integers(1, V, (B, T))
    twin(ids)
    twin.save(tmp_path / "twin.keras")
    reloaded = keras.models.load_model(tmp_path / "twin.keras")
    np.testing.assert_array_equal(reloaded(ids), twin(ids))


@pytest.mark.parametrize("cell", ["lstm", "elman", "sru"])
def test_the_gradient_stops_at_the_border(rng, cell):
    """The second batch has the gradient of a model whose first state is a given constant."""
    model = build(cell)
    stack, embedding = model.get_layer("recurrent"), model.get_layer("token_embedding")
    first, second = rng.integers(1, V, (2, B, T))
    _, *constant = stack(embedding(first))
    twin = views.stream(model, B)
    with tf.GradientTape() as tape:
        twin(first)
        loss = tf.reduce_sum(twin(second) ** 2)
    received = tape.gradient(loss, [v.value for v in model.trainable_variables])
    with tf.GradientTape() as tape:
        constant = [tf.constant(state) for state in constant]
        outputs, *_ = stack(embedding(second), initial_state=constant)
        loss = tf.reduce_sum(model.get_layer("output")(outputs) ** 2)
    expected = tape.gradient(loss, [v.value for v in model.trainable_variables])
    for ours, theirs in zip(received, expected, strict=True):
        np.testing.assert_allclose(
            tf.convert_to_tensor(ours), tf.convert_to_tensor(theirs), rtol=1e-4, atol=1e-5
        )


class Watch(keras.callbacks.Callback):
    """Notes whether the states are those of the beginning before each batch."""

    def __init__(self):
        super().__init__()
        self.events = []

    def _note(self, event):
        layer = self.model.get_layer("stream")
        expected = layer.stack.initial_state(B)
        fresh = all(np.array_equal(s, e) for s, e in zip(layer.states, expected, strict=True))
        self.events.append((event, fresh))

    def on_train_batch_begin(self, batch, logs=None):
        self._note(f"train {batch}")

    def on_test_batch_begin(self, batch, logs=None):
        self._note(f"test {batch}")

    def on_predict_batch_begin(self, batch, logs=None):
        self._note(f"predict {batch}")


@pytest.mark.parametrize("reset", [True, False])
def test_each_epoch_and_each_validation_begins_afresh(rng, reset):
    twin = compiled(views.stream(build("elman"), B))
    x, y = rng.integers(1, V, (2, 3 * B, T))
    watch = Watch()
    given = [callbacks.ResetStates()] * reset + [watch]
    twin.fit(
        *(x, y, B, 2, 0, given),
        validation_data=(x[: 2 * B], y[: 2 * B]),
        validation_batch_size=B,
        shuffle=False,
    )
    epoch = [("train 0", True), ("train 1", False), ("train 2", False)]
    epoch += [("test 0", True), ("test 1", False)]
    if reset:
        assert watch.events == epoch * 2
    else:
        assert [fresh for _, fresh in watch.events] == [True] + [False] * 9
    twin.predict(x[:B], batch_size=B, verbose=0, callbacks=given)
    assert watch.events[-1] == ("predict 0", reset)


def test_padding_leaves_the_states(rng):
    model = build("lstm")
    twin = views.stream(model, B)
    ids = rng.integers(1, V, (B, T))
    ids[1, 3:] = 0
    twin(ids)
    states = [state.numpy() for state in twin.get_layer("stream").states]
    twin.get_layer("stream").reset_states()
    twin(ids[:, :3])
    for state, other in zip(states, twin.get_layer("stream").states, strict=True):
        np.testing.assert_allclose(state[1], other[1], atol=1e-6)
        assert not np.allclose(state[0], other[0])


def test_a_given_mask_is_handed_on(rng):
    stack = RecurrentStack("gru", U, return_state=True)
    stream = Stream(stack, B)
    sequences = rng.normal(size=(B, T, 3)).astype("float32")
    stream(sequences, mask=np.arange(T) < np.array([[T], [3]]))
    _, expected = stack(sequences[:, :3])
    np.testing.assert_allclose(stream.states[0][1], expected[1], atol=1e-6)


@pytest.mark.parametrize("options", [{"bidirectional": True, "return_state": True}, {}])
def test_a_stack_that_cannot_go_on(options):
    with pytest.raises(ValueError, match="Expected a stack of one direction that returns"):
        Stream(RecurrentStack("gru", U, **options), B)
