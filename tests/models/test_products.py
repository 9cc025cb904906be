"""Every factory over pairs of its options: sizes, names, counts, gradients, saving, padding."""

import functools
import itertools
from typing import NamedTuple

import keras
import numpy as np
import pytest

from kerasrnn import losses, models, views
from kerasrnn.layers import AdaptiveEmbedding, AdaptiveSoftmax, ClassSoftmax
from kerasrnn.metrics import Perplexity

# Different primes, so that swapped axes cannot pass. The second row ends early.
B, T, SHORT = 2, 5, 3
TIED = ("tied", "tied_adaptive")
VOCABULARY, CHARACTERS, OUTPUTS, VECTOR = 29, 31, 11, 13
UNITS, EMBEDDING, LETTERS, WINDOW, CLASSES, CUTOFF = 5, 3, 7, 3, 4, 5
GRID, FRAME = (2, 3, VECTOR), (5, 3, 1)
CHARACTER_EMBEDDING, CHARACTER_FILTERS, CHARACTER_WIDTH = 25, 30, 3
FILTERS = 2
FRAME_WEIGHTS, FRAME_SIZE = (3 * 3 + 1) * FILTERS, 3 * 1 * FILTERS

GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3, "elman": 1, "callable": 3}
BIASES = {"simple_rnn": 1, "lstm": 1, "gru": 2, "elman": 0, "callable": 1}
STATES = {"simple_rnn": 1, "lstm": 2, "gru": 1, "elman": 1, "callable": 1}
CELLS = tuple(GATES)
ATTENTIONS = (None, "dot", "additive")  # the others: see test_encoder_decoder.py
STACK = {"cell": CELLS, "num_layers": (1, 2), "dropout": (0, 0.5)}

TABLES = {
    "one_to_one": {"inputs": ("ids", "vectors"), **STACK},
    "one_to_many": {
        "inputs": ("vectors", "grid", "frames"),
        "attention": ATTENTIONS,
        "output": ("full", "tied"),
        **STACK,
    },
    "many_to_one": {
        "inputs": ("ids", "vectors", "frames"),
        "pooling": ("last", "mean", "max", "attention"),
        "bidirectional": (False, True),
        **STACK,
    },
    "many_to_many": {
        "inputs": ("ids", "vectors", "frames", "characters"),
        "output": ("softmax", "crf"),
        "bidirectional": (False, True),
        **STACK,
    },
    "encoder_decoder": {
        "embedding": ("two", "shared"),
        "attention": ATTENTIONS,
        "output": ("full", "tied"),
        "bidirectional": (False, True),
        **STACK,
        "cell": ("lstm", "elman"),  # the others: see test_encoder_decoder.py
    },
    "language_model": {
        "output": ("full", "tied", "class", "adaptive", "tied_adaptive"),
        "variational": (False, True),
        **STACK,
    },
    "fixed_window_language_model": {
        "output": ("full", "tied", "class", "adaptive", "tied_adaptive"),
        "combine": ("concatenate", "mean"),
        "dropout": (0, 0.5),
    },
    "cbow": {"inputs": ("ids",)},
}


class Case(NamedTuple):
    factory: str
    options: dict

    def __str__(self):
        return "-".join([self.factory, *(f"{value}" for value in self.options.values())])

    def __getattr__(self, name):
        return self.options.get(name)


def possible(case):
    if case.factory == "one_to_many" and case.inputs == "vectors":
        return case.attention is None
    if case.factory == "language_model" and case.cell == "elman":
        return case.num_layers == 1 and case.output not in TIED and not case.variational
    return True


def pairs(case):
    """The pairs of options that a case covers.

    What stands before a recurrent layer or behind it sees tensors of the same shapes whatever the
    cell is; hence cells are paired with the other options of the stack alone.
    """
    if not possible(case):
        return set()
    found = itertools.combinations(case.options.items(), 2)
    kept = {(a, b) for a, b in found if b[0] != "cell" or a[0] in ("bidirectional", "variational")}
    return kept | {(item, None) for item in case.options.items()}


def pairwise(factory, table):
    """Greedily chooses cases until each possible pair has occurred."""
    rows = itertools.product(*table.values())
    cases = [Case(factory, dict(zip(table, row, strict=True))) for row in rows]
    missing, chosen = set().union(*map(pairs, cases)), []
    while missing:
        chosen.append(max(cases, key=lambda case: len(pairs(case) & missing)))
        missing -= pairs(chosen[-1])
    return chosen


CASES_BY_FACTORY = {name: pairwise(name, table) for name, table in TABLES.items()}
CASES = [case for cases in CASES_BY_FACTORY.values() for case in cases]
# The first cases of each factory have many of the pairs; the others take their time.
SLOW = [
    place >= max(3, len(cases) // 3)
    for cases in CASES_BY_FACTORY.values()
    for place in range(len(cases))
]


def make_encoder(case):
    layers = [keras.Input(FRAME), keras.layers.Conv2D(FILTERS, 3, activation="tanh")]
    if case.factory != "one_to_many":
        layers.append(keras.layers.Flatten())
    return keras.Sequential(layers)


def build(case):
    options = {**case.options, "units": UNITS, "embedding": EMBEDDING}
    if case.cell == "callable":
        options["cell"] = lambda units: keras.layers.GRU(units, reset_after=False)
    if case.output == "class":
        options["output"] = ClassSoftmax(VOCABULARY, CLASSES, name="output")
    if case.output == "adaptive":
        options["output"] = AdaptiveSoftmax(VOCABULARY, (CUTOFF,), name="output")
    if case.output == "tied_adaptive":
        options["embedding"] = AdaptiveEmbedding(
            VOCABULARY, EMBEDDING, (CUTOFF,), mask_zero=True, name="token_embedding"
        )
    if case.embedding == "shared":
        options["embedding"] = keras.layers.ReversibleEmbedding(
            VOCABULARY, EMBEDDING, mask_zero=True, name="embedding"
        )
    if case.factory == "language_model" and case.cell == "elman":
        del options["embedding"]
    if case.factory in ("language_model", "fixed_window_language_model"):
        sizes = [VOCABULARY]
    elif case.factory == "encoder_decoder":
        sizes = [VOCABULARY, VOCABULARY]
    elif case.factory == "cbow":
        options, sizes = {"embedding": EMBEDDING, "window": WINDOW}, [VOCABULARY]
    else:
        shapes = {"vectors": (VECTOR,), "grid": GRID, "frames": FRAME}
        inputs = shapes.get(options.pop("inputs"), VOCABULARY)
        sizes = [inputs, VOCABULARY if case.factory == "one_to_many" else OUTPUTS]
        if inputs != VOCABULARY and case.factory != "one_to_many":
            del options["embedding"]
        if case.inputs == "frames":
            options["encoder"] = make_encoder(case)
        if case.inputs == "characters":
            options["characters"] = CHARACTERS
    if case.factory == "fixed_window_language_model":
        options["window"] = WINDOW
    return getattr(models, case.factory)(*sizes, **options)


def widths(case):
    """Returns the number of columns of each input that is a sequence, and of the targets."""
    if case.factory in ("one_to_one", "cbow"):
        return {}
    if case.factory == "one_to_many":
        return {"target": T, "y": T}
    if case.factory == "encoder_decoder":
        return {"source": T, "target": T - 2, "y": T - 2}
    names = ("tokens", "features", "mask", "characters", "targets")
    return dict.fromkeys(names if case.factory == "many_to_one" else (*names, "y"), T)


def batch(case, extra=0):
    """Makes inputs by their names, targets and weights; `extra` steps of padding more.

    What vectors have at padding is large, and must not matter.
    """
    rng = np.random.default_rng(1)
    size = {"vectors": (VECTOR,), "grid": GRID, "frames": FRAME}.get(case.inputs)

    def ids(*shape, below=VOCABULARY):
        return rng.integers(1, below, shape).astype("int32")

    if case.factory == "cbow":
        context = ids(B, 2 * WINDOW)
        context[1, :2] = 0
        return {"context": context}, ids(B), np.ones(B, "float32")
    if case.factory == "one_to_one":
        x = {"features": rng.normal(size=(B, VECTOR))} if size else {"tokens": ids(B)}
        names = [f"rnn_{i}_{s}" for i in range(case.num_layers) for s in "hc"[: STATES[case.cell]]]
        return (
            {**x, **{name: rng.normal(size=(B, UNITS)) for name in names}},
            ids(B, below=OUTPUTS),
            np.ones(B, "float32"),
        )
    if case.factory == "one_to_many":
        x = {"features": rng.normal(size=(B, *size)), "target": ids(B, T)}
    elif case.factory == "encoder_decoder":
        x = {"source": ids(B, T), "target": ids(B, T - 2)}
    elif size:
        x = {"features": rng.normal(size=(B, T, *size)), "mask": np.ones((B, T), bool)}
    else:
        x = {"tokens": ids(B, T)}
    if case.inputs == "characters":
        x["characters"] = ids(B, T, LETTERS, below=CHARACTERS)
        x["characters"][:, ::2, 4:] = 0
    columns = widths(case)
    below = VOCABULARY if "vocabulary" in case.factory or not case.inputs else OUTPUTS
    y = ids(B, *([columns["y"]] if "y" in columns else []), below=below)
    if gives_log_prob(case):
        x["targets"] = y.copy()
    weights = np.ones(y.shape, "float32")
    for name, array in {**x, "y": y, "weights": weights}.items():
        if name in columns or (name == "weights" and "y" in columns):
            array[1, SHORT:] = 1e3 if name == "features" else 0
    if "y" in columns:
        y, weights = (np.pad(array, ((0, 0), (0, extra))) for array in (y, weights))
    for name in columns.keys() & x.keys():
        pad = ((0, 0), (0, extra)) + ((0, 0),) * (x[name].ndim - 2)
        if name == "characters":
            pad = ((0, 0), (0, extra), (0, extra))
        x[name] = np.pad(x[name], pad, constant_values=9e2 if name == "features" else 0)
    return x, y, weights


def gives_log_prob(case):
    return case.output in ("class", "adaptive", "tied_adaptive")


def call(model, x):
    """Calls a model of one input or of several; returns its only output, or the logits."""
    x = {tensor.name: keras.ops.convert_to_tensor(x[tensor.name]) for tensor in model.inputs}
    outputs = model(x if isinstance(model.input, dict) else next(iter(x.values())))
    return outputs["logits"] if isinstance(outputs, dict) else outputs


def recurrent(case, inputs, units=UNITS):
    """Number of weights of a stack of one direction."""
    gates, biases = GATES[case.cell], BIASES[case.cell]
    sizes = [inputs] + [units] * (case.num_layers - 1)
    return sum(gates * units * (size + units + biases) for size in sizes)


def attention(case, units=UNITS):
    if case.attention is None:
        return 0
    scores = {"general": units**2, "additive": 2 * units**2 + units}.get(case.attention, 0)
    return scores + 2 * units * units


def softmax(case, hidden=UNITS, embedding=EMBEDDING, outputs=VOCABULARY):
    """Number of weights behind the hidden layer."""
    if case.output in TIED:
        own = embedding + VOCABULARY + 1 if case.output == "tied_adaptive" else 0
        return own + (hidden * embedding if hidden != embedding else 0)
    if case.output == "class":
        return (hidden + 1) * (CLASSES + outputs)
    if case.output == "adaptive":
        small = max(1, hidden // 4)
        count = (hidden + 1) * (CUTOFF + 1) + hidden * small
        return count + (small + 1) * (outputs - CUTOFF)
    return (hidden + 1) * outputs


def encoded(case):
    """Number of weights before the stack, and what it reads."""
    return {
        "ids": (VOCABULARY * EMBEDDING, EMBEDDING),
        "vectors": (0, VECTOR),
        "frames": (FRAME_WEIGHTS, FRAME_SIZE),
        "characters": (
            VOCABULARY * EMBEDDING
            + CHARACTERS * CHARACTER_EMBEDDING
            + (CHARACTER_WIDTH * CHARACTER_EMBEDDING + 1) * CHARACTER_FILTERS,
            EMBEDDING + CHARACTER_FILTERS,
        ),
    }[case.inputs]


def parameters(case):
    """The formula: embeddings or encoder, each recurrent layer, attention, the output."""
    if case.factory == "cbow":
        return 2 * VOCABULARY * EMBEDDING
    if case.factory == "fixed_window_language_model":
        count, hidden = VOCABULARY * EMBEDDING, EMBEDDING
        if case.combine == "concatenate":
            count, hidden = count + (WINDOW * EMBEDDING + 1) * UNITS, UNITS
        return count + softmax(case, hidden)
    if case.factory == "language_model" and case.cell == "elman":
        return VOCABULARY * UNITS + UNITS * UNITS + softmax(case)
    if case.factory == "language_model":
        return VOCABULARY * EMBEDDING + recurrent(case, EMBEDDING) + softmax(case)
    if case.factory == "one_to_many":
        encoder, size = (FRAME_WEIGHTS, FILTERS) if case.inputs == "frames" else (0, VECTOR)
        count = encoder + VOCABULARY * EMBEDDING + recurrent(case, EMBEDDING) + attention(case)
        if case.attention:
            count, size = count + (size + 1) * UNITS, UNITS
        count += STATES[case.cell] * case.num_layers * (size + 1) * UNITS
        return count + softmax(case)
    ways = 2 if case.bidirectional else 1
    if case.factory == "encoder_decoder":
        count = VOCABULARY * EMBEDDING * (1 if case.embedding == "shared" else 2)
        count += recurrent(case, EMBEDDING, ways * UNITS) + attention(case, ways * UNITS)
        return count + softmax(case, ways * UNITS) + two_ways(case, EMBEDDING)
    count, size = encoded(case)
    count += two_ways(case, size) + (ways * UNITS + 1) * OUTPUTS
    if case.pooling == "attention":
        count += (ways * UNITS + 2) * ways * UNITS
    if case.output == "crf":
        count += OUTPUTS * (OUTPUTS + 2)
    return count


def two_ways(case, inputs):
    """Number of weights of a stack of one direction or two, which both read both below."""
    ways = 2 if case.bidirectional else 1
    gates, biases = GATES[case.cell], BIASES[case.cell]
    sizes = [inputs] + [ways * UNITS] * (case.num_layers - 1)
    return sum(ways * gates * UNITS * (size + UNITS + biases) for size in sizes)


def layer_names(case):
    """The names that the docstring of the factory promises."""
    names = {"dropout"} if case.dropout else set()
    names |= {"projection"} if case.output in TIED and UNITS != EMBEDDING else set()
    names |= {"output"} if case.output not in TIED else set()
    if case.factory == "cbow":
        return names | {"token_embedding", "pooling"}
    if case.factory == "fixed_window_language_model":
        joined = {"reshape", "hidden"} if case.combine == "concatenate" else set()
        return (
            names - ({"projection"} - joined if not joined else set())
            | joined
            | {*("token_embedding", "window")}
        )
    if case.factory in ("one_to_many", "encoder_decoder"):
        names |= {"decoder"}
        names |= {"attention", "concatenate", "attention_vector"} if case.attention else set()
        if case.factory == "encoder_decoder":
            shared = case.embedding == "shared"
            return (
                names
                | {"encoder"}
                | ({"embedding"} if shared else {"source_embedding", "target_embedding"})
            )
        names |= {"places", "initial_state", "target_embedding"}
        names |= {"memory"} if case.attention else set()
        return names | ({"encoder"} if case.inputs == "frames" else set())
    names |= {"recurrent"}
    names |= {"pooling"} if case.pooling not in (None, "last") else set()
    names |= {"emissions"} if case.output == "crf" else set()
    if case.inputs in ("vectors", "frames"):
        names |= {"attach_mask"} if case.factory != "one_to_one" else set()
        return names | ({"encoder"} if case.inputs == "frames" else set())
    if case.inputs == "characters":
        names |= {"character_features", "word_vectors"}
    return names | {"token_embedding"}


DOCUMENTED = set().union(*map(layer_names, CASES))


class Trained(NamedTuple):
    case: Case
    model: keras.Model
    before: list  # the weights before training
    x: dict
    y: np.ndarray
    weights: np.ndarray  # 0 at padding
    outputs: object  # of the trained model


def over(wanted=lambda case: True):
    """Marks a test to run for the cases that it says something about."""
    places = [
        pytest.param(i, marks=pytest.mark.slow if SLOW[i] else ())
        for i, case in enumerate(CASES)
        if wanted(case)
    ]
    return pytest.mark.parametrize(
        "trained", places, indirect=True, ids=lambda place: str(CASES[place])
    )


@pytest.fixture
def trained(request):
    return trained_case(request.param)


@functools.cache  # pytest's order of such fixtures would make one anew for most tests
def trained_case(place):
    """A model after one step of training, and a batch: made once for all tests of a case."""
    case = CASES[place]
    keras.utils.set_random_seed(1)
    model = build(case)
    assert not model.compiled
    before = [np.array(weight) for weight in model.get_weights()]
    x, y, weights = batch(case)
    train(case, model, x, y, weights)
    return Trained(case, model, before, x, y, weights, call(model, x))


def train(case, model, x, y, weights):
    loss = loss_of(case)
    if not isinstance(model.input, dict):
        (x,) = x.values()
    if case.factory == "one_to_one":  # Keras asks for a target of outputs without a loss too
        loss = {"logits": loss}
        y, weights = (dict.fromkeys(model.output, array) for array in (y, weights))
    model.compile(keras.optimizers.Adam(0.01), loss, run_eagerly=True)
    model.train_on_batch(x, y, weights)


def loss_of(case):
    if case.output == "crf":
        return losses.CRF()
    if gives_log_prob(case):
        return losses.NegativeLogProbability()
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )


@over()
def test_names_shapes_and_number_of_weights(trained):
    case, model, *_ = trained
    assert model.name == case.factory
    assert {tensor.name for tensor in model.inputs} == trained.x.keys()
    assert DOCUMENTED & {layer.name for layer in model.layers} == layer_names(case)
    assert model.count_params() == parameters(case)
    to_ids = case.factory not in ("one_to_one", "many_to_one", "many_to_many")
    labels = VOCABULARY if to_ids else OUTPUTS
    last = {"crf": (labels, labels)}.get(case.output, () if gives_log_prob(case) else (labels,))
    assert trained.outputs.shape == trained.y.shape + last


@over()
def test_training_has_moved_every_weight(trained):
    for variable, old in zip(trained.model.weights, trained.before, strict=True):
        assert not np.array_equal(variable.numpy(), old), f"{variable.path} has not moved"


@over()
def test_reloaded_model_is_bit_equal(trained, tmp_path):
    trained.model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(call(reloaded, trained.x), trained.outputs)
    pairs = zip(reloaded.get_weights(), trained.model.get_weights(), strict=True)
    assert all(np.array_equal(ours, theirs) for ours, theirs in pairs)


@over(widths)
def test_padding_further_changes_nothing(trained):
    case, model, *_ = trained
    x, y, weights = batch(case, extra=4)
    wide, narrow = call(model, x), trained.outputs
    measures = [loss_of(case)]
    if case.output != "crf" and not gives_log_prob(case):
        measures.append(Perplexity())
    for measure in measures:
        before = measure(trained.y, narrow, sample_weight=trained.weights)
        after = measure(y, wide, sample_weight=weights)
        np.testing.assert_allclose(after, before, rtol=1e-5)
    wide, narrow = wide.numpy(), narrow.numpy()
    if y.ndim == 2:
        real = trained.weights > 0
        wide, narrow = wide[:, : real.shape[1]][real], narrow[real]
    np.testing.assert_allclose(wide, narrow, rtol=1e-5, atol=1e-5)


@over()
def test_a_row_alone_gives_what_it_gives_in_a_padded_batch(trained):
    columns = widths(trained.case)
    alone = {
        name: array[1:, :SHORT] if name in columns else array[1:]
        for name, array in trained.x.items()
    }
    expected = trained.outputs[1]
    if trained.y.ndim == 2:
        expected = expected[:SHORT]
    np.testing.assert_allclose(call(trained.model, alone)[0], expected, rtol=1e-5, atol=1e-5)


def step_through(step, inputs, states):
    """Runs a step over `(B, T, …)` inputs of one name; returns the logits of all steps."""
    ((name, sequence),) = inputs.items()
    logits = []
    for t in range(sequence.shape[1]):
        outputs = step({name: keras.ops.convert_to_tensor(sequence[:, t]), **states})
        states = {key: outputs.get(key, value) for key, value in states.items()}
        logits.append(outputs["logits"])
    return np.stack(logits, axis=1)


def has_steps(case):
    if case.factory == "many_to_many":  # else it needs all steps at once
        return not (case.bidirectional or case.output == "crf" or case.inputs == "characters")
    return case.factory in ("one_to_one", "one_to_many", "encoder_decoder", "language_model")


@over(has_steps)
def test_stepping_gives_what_the_model_gives_at_once(trained):
    case, model, _, x, _, weights, expected = trained
    if case.factory == "one_to_one":
        inputs = "ids" if case.inputs == "ids" else "vectors"
        case = Case("many_to_many", {**case.options, "inputs": inputs, "output": "softmax"})
        sequence = build(case)
        sequence.set_weights(model.get_weights())
        x, _, weights = batch(case)
        step, expected = model, call(sequence, x)
    else:
        step = views.step(model)
    if case.factory == "one_to_many":
        states, x = views.encode(model)(x["features"]), {"tokens": x["target"]}
    elif case.factory == "encoder_decoder":
        states, x = views.encode(model)(x["source"]), {"tokens": x["target"]}
    else:
        states = views.initial_states(model, B)
        expected = call(views.log_probs(model), x) if gives_log_prob(case) else expected
        x = {name: x[name] for name in ("tokens", "features") if name in x}
    received, expected = step_through(step, x, states), np.array(expected)
    np.testing.assert_allclose(received[weights > 0], expected[weights > 0], atol=1e-5)


@over(lambda case: case.attention or case.pooling == "attention")
def test_attention_scores_sum_to_one_and_are_nothing_at_padding(trained):
    case = trained.case
    scores = call(views.attention_scores(trained.model), trained.x).numpy()
    np.testing.assert_allclose(scores.sum(-1), 1, rtol=1e-5)
    if case.factory != "one_to_many":  # all places of a grid are real
        assert (scores[1, ..., SHORT:] == 0).all() and (scores[0] > 0).all()
