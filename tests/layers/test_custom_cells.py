"""Cells of one's own: any number of states, nested or not, in the stack, its views and files."""

import keras
import numpy as np
import pytest
from keras import ops

import kerasrnn
from kerasrnn.layers import RecurrentStack


@keras.saving.register_keras_serializable("tests")
class ThreeStates(keras.layers.Layer):
    """Three states of three sizes; knows neither of training nor of a beginning."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.output_size = units
        self.state_size = [units, units + 2, 3]

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")
        self.recurrent = self.add_weight(shape=(2 * self.units + 5, self.units), name="recurrent")

    def call(self, inputs, states):
        h, wide, count = states
        joined = ops.concatenate([h, wide, count], axis=-1)
        h = ops.tanh(ops.matmul(inputs, self.kernel) + ops.matmul(joined, self.recurrent))
        return h, [h, wide * 0.5 + ops.sum(h, axis=-1, keepdims=True), count * 0.25 + 1.0]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def layer_of(*cells):
    def layer(units):
        made = [cell(units) for cell in cells]
        return keras.layers.RNN(made if len(made) > 1 else made[0])

    return layer


def wide_lstm(units):
    return keras.layers.LSTMCell(units + 1)


def deep(units):
    cells = [keras.layers.GRUCell(units, dropout=0.5), wide_lstm(units)]
    return keras.layers.StackedRNNCells(cells)


LAYERS = {
    "gru_cell": (layer_of(keras.layers.GRUCell), [5]),
    "lstm_cell": (layer_of(keras.layers.LSTMCell), [5, 5]),
    "three_states": (layer_of(ThreeStates), [5, 7, 3]),
    "stacked": (layer_of(wide_lstm, keras.layers.GRUCell), [6, 6, 5]),
    "one_each": (layer_of(keras.layers.GRUCell, keras.layers.GRUCell), [5, 5]),
    "nested": (layer_of(deep, ThreeStates), [5, 6, 6, 5, 7, 3]),
}
every_layer = pytest.mark.parametrize(("layer", "sizes"), LAYERS.values(), ids=LAYERS)
one_or_both_directions = pytest.mark.parametrize("bidirectional", [False, True], ids=["", "both"])
SUFFIXES = ["h", "c", "state_2", "state_3", "state_4", "state_5"]


def fill(model):
    random = np.random.default_rng(7)
    model.set_weights([random.normal(size=weight.shape) for weight in model.weights])
    return model


@every_layer
@one_or_both_directions
def test_saved_model_is_bit_equal_whatever_the_sizes(layer, sizes, bidirectional, tmp_path):
    model = fill(
        kerasrnn.many_to_many(
            11,
            3,
            cell=layer,
            units=5,
            num_layers=3,
            embedding=7,
            bidirectional=bidirectional,
        )
    )
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    ids = np.array([[2, 3, 5, 7], [3, 1, 0, 0]])
    np.testing.assert_array_equal(model(ids), reloaded(ids))
    assert len({id(weight) for weight in reloaded.weights}) == len(model.weights)


@every_layer
@one_or_both_directions
def test_no_state_is_dropped(layer, sizes, bidirectional):
    stack = RecurrentStack(layer, 5, num_layers=2, bidirectional=bidirectional, return_state=True)
    ways = 2 if bidirectional else 1
    expected = {
        f"rnn_{i}_{suffix}": ways * size
        for i in range(2)
        for suffix, size in zip(SUFFIXES, sizes, strict=False)
    }
    assert stack.state_sizes == expected
    xs = np.random.default_rng(3).normal(size=(2, 7, 3)).astype("float32")
    outputs, *states = stack(xs)
    assert [state.shape for state in states] == [(2, size) for size in expected.values()]
    # Given what it would have begun with anyway, it gives the same.
    again, *last = stack(xs, initial_state=stack.initial_state(2))
    np.testing.assert_allclose(outputs, again, atol=1e-6)
    for one, other in zip(states, last, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@every_layer
def test_single_steps_equal_the_whole_sequence(layer, sizes):
    stack = RecurrentStack(layer, 5, num_layers=2, return_state=True)
    random = np.random.default_rng(5)
    xs = random.normal(size=(2, 7, 3)).astype("float32")
    states = [random.normal(size=(2, n)).astype("float32") for n in stack.state_sizes.values()]
    outputs, *last = stack(xs, initial_state=states)
    for t in range(7):
        output, *states = stack(xs[:, t], initial_state=states)
        np.testing.assert_allclose(output, outputs[:, t], atol=1e-5)
    for one, other in zip(states, last, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("name", ["three_states", "nested"])
def test_views_of_a_language_model(name):
    layer, sizes = LAYERS[name]
    model = fill(kerasrnn.language_model(11, cell=layer, units=5, embedding=7))
    ids = ops.convert_to_tensor([[1, 4, 5, 6, 2, 7], [1, 9, 8, 3, 10, 4]])
    whole = ops.convert_to_numpy(model(ids))
    states = kerasrnn.views.initial_states(model, 2)
    assert [state.shape[1] for state in states.values()] == sizes
    step, segment = kerasrnn.views.step(model), kerasrnn.views.segment(model)
    for t in range(6):
        states = step({"tokens": ids[:, t], **states})
        np.testing.assert_allclose(states.pop("logits"), whole[:, t], atol=1e-4)
    states = kerasrnn.views.initial_states(model, 2)
    stream = kerasrnn.views.stream(model, batch_size=2)
    for start in (0, 3):
        piece = ids[:, start : start + 3]
        states = segment({"tokens": piece, **states})
        np.testing.assert_allclose(states.pop("logits"), whole[:, start : start + 3], atol=1e-4)
        np.testing.assert_allclose(stream(piece), whole[:, start : start + 3], atol=1e-4)


@pytest.mark.parametrize("attention", [None, "dot"], ids=["plain", "input_feeding"])
@pytest.mark.parametrize("name", ["three_states", "nested"])
def test_decoder(name, attention, tmp_path):
    layer, sizes = LAYERS[name]
    if attention:  # whose cells have no dropout of their own
        layer = layer_of(wide_lstm, ThreeStates)
    model = kerasrnn.encoder_decoder(
        11,
        13,
        cell=layer,
        units=5,
        embedding=7,
        num_layers=2,
        attention=attention,
        input_feeding=attention is not None,
    )
    fill(model).save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    source = ops.convert_to_tensor([[4, 5, 6], [7, 2, 0]])
    target = ops.convert_to_tensor([[1, 8, 9, 12], [1, 4, 3, 5]])
    logits = ops.convert_to_numpy(model({"source": source, "target": target}))
    np.testing.assert_array_equal(logits, reloaded({"source": source, "target": target}))
    states, step = kerasrnn.views.encode(model)(source), kerasrnn.views.step(model)
    for t in range(4):
        outputs = step({**states, "tokens": target[:, t]})
        np.testing.assert_allclose(outputs["logits"], logits[:, t], atol=1e-4)
        states = {name: outputs.get(name, value) for name, value in states.items()}


def test_exported_language_model_has_all_states(tmp_path):
    vocabulary = kerasrnn.Vocabulary(list("abc"))
    layer, _ = LAYERS["three_states"]
    model = fill(kerasrnn.language_model(len(vocabulary), cell=layer, units=5))
    tokenizer = kerasrnn.Tokenizer(vocabulary, level="character")
    task = kerasrnn.LanguageModel(model, tokenizer)
    # The export is loaded again and compared with the task.
    task.export(tmp_path / "exported", signatures=["step"])
    task.save(tmp_path / "run")
    again = kerasrnn.load(tmp_path / "run")
    for text in ("ab", "c"):
        (before,), (after,) = (each.token_log_probs([text]) for each in (task, again))
        np.testing.assert_array_equal(before, after)


def test_states_of_both_directions_that_do_not_fit_a_decoder():
    with pytest.raises(ValueError, match=r"twice as large.*\[10, 14, 6\].*\[10, 12, 3\]"):
        kerasrnn.encoder_decoder(11, 13, cell=layer_of(ThreeStates), units=5, bidirectional=True)


def test_a_layer_is_no_callable_from_units_to_a_layer():
    with pytest.raises(ValueError, match="callable that returns a recurrent Keras layer"):
        RecurrentStack(keras.layers.LSTM(5), 5)
