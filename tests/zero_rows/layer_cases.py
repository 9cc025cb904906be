"""Every public layer, loss, metric and way of decoding, with every number of rows."""

import functools
import inspect

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from rows import Case, ids, in_graph, mask, run_on, vectors

from kerasrnn import decoding, layers, losses, metrics
from kerasrnn.decoding import crf
from kerasrnn.models import convolution

T, V, U = 7, 29, 5
CELLS = tuple(layers.CELLS)
LINEAR = ("MinGRU", "MinLSTM", "SRU")
SCORES = ("dot", "scaled_dot", "general", "additive")
# A stream's weights are the states of so many rows; a pad is one half of a pair.
NO_CASE = {"Stream", "PadEmptyBatch"}
# The layers of forecasters and of word vectors, which the cases of tasks run.
NO_CASE |= {
    "NonCrossingQuantiles",
    "SplitPatches",
    "PatchRecurrence",
    "PatchQueries",
    "DotProducts",
}
SHORT = {"CharacterFeatures", "PerFrame own", "encoder vector", "RecurrentStack lstm"}


def encoder(grid=False, shape=(11, 8, 1)):
    return convolution.convolutional_encoder(shape, units=U, grid=grid)


def table():
    """By name a function that makes a layer, how it is called, and its inputs."""

    def call(layer, *inputs):
        return layer(*inputs)

    rows = {
        "AdaptiveEmbedding": (lambda: layers.AdaptiveEmbedding(V, U, (7, 13)), call, [ids(T)]),
        "AdaptiveEmbedding reverse": (
            lambda: layers.AdaptiveEmbedding(V, U, (7, 13)),
            lambda layer, hidden: layer(hidden, reverse=True),
            [vectors(T, U)],
        ),
        "AdaptiveEmbedding targets": (
            lambda: layers.AdaptiveEmbedding(V, U, (7, 13)),
            lambda layer, hidden, targets: layer(hidden, reverse=True, targets=targets),
            [vectors(T, U), ids(T)],
        ),
        "AsFloat32": (layers.AsFloat32, call, [vectors(T, U)]),
        "AttachMask": (
            layers.AttachMask,
            lambda layer, *pair: layer(list(pair)),
            [vectors(T, U), mask(T)],
        ),
        "AttentionPooling": (layers.AttentionPooling, call, [vectors(T, U)]),
        "CharacterFeatures": (lambda: layers.CharacterFeatures(V), call, [ids(T, 4)]),
        "CharacterFeatures one": (lambda: layers.CharacterFeatures(V), call, [ids(1, 4)]),
        "CRF": (lambda: layers.CRF(3), call, [vectors(T, 3)]),
        "CutToBatch": (
            lambda: (layers.PadEmptyBatch(), layers.CutToBatch()),
            lambda pair, inputs: pair[1](pair[0](inputs), inputs),
            [vectors(T)],
        ),
        "Elman": (lambda: layers.Elman(U), call, [vectors(T, 3)]),
        "ElmanCell": (
            lambda: layers.ElmanCell(U),
            lambda layer, x, state: layer(x, [state]),
            [vectors(3), vectors(U)],
        ),
        **{
            name: (functools.partial(getattr(layers, name), U), call, [vectors(T, 3)])
            for name in LINEAR
        },
        **{
            f"{name}Cell": (
                functools.partial(getattr(layers, f"{name}Cell"), U),
                lambda layer, x, state: layer(x, [state]),
                [vectors(3), vectors(U)],
            )
            for name in LINEAR
        },
        "InitialState": (lambda: layers.InitialState([U, 3]), call, [vectors(T, 2)]),
        "LeftWindow": (lambda: layers.LeftWindow(3, fill=2), call, [ids(T)]),
        "PerFrame flat": (
            lambda: layers.PerFrame(keras.layers.Flatten()),
            call,
            [vectors(T, 3, 2)],
        ),
        "PerFrame convolution": (
            lambda: layers.PerFrame(encoder()),
            call,
            [vectors(T, 11, 8, 1)],
        ),
        "PerFrame own": (
            lambda: layers.PerFrame(
                keras.Sequential([keras.layers.Conv2D(U, 3), keras.layers.Flatten()])
            ),
            call,
            [vectors(T, 11, 8, 1)],
        ),
        "encoder vector": (encoder, call, [vectors(11, 8, 1)]),
        "encoder grid": (lambda: encoder(True), call, [vectors(11, 8, 1)]),
        "encoder small": (lambda: encoder(shape=(3, 5, 3)), call, [vectors(3, 5, 3)]),
        "encoder large": (lambda: encoder(shape=(64, 31, 3)), call, [vectors(64, 31, 3)]),
        "encoder own": (
            lambda: convolution.image_encoder(keras.layers.Conv2D(U, 3), (11, 8, 1)),
            call,
            [vectors(11, 8, 1)],
        ),
    }
    for pooling in ("mean", "max"):
        make = functools.partial(layers.SequencePooling, pooling)
        rows[f"SequencePooling {pooling}"] = make, call, [vectors(T, U)]
    for score in SCORES:
        rows[f"Attention {score}"] = (
            functools.partial(layers.Attention, score),
            lambda layer, *inputs: layer(*inputs, return_attention_scores=True),
            [vectors(3, U), vectors(T, U)],
        )
    softmaxes = {
        "AdaptiveSoftmax": lambda: layers.AdaptiveSoftmax(V, (7, 13)),
        "ClassSoftmax": lambda: layers.ClassSoftmax(V, num_classes=3),
    }
    for name, make in softmaxes.items():
        rows[name] = make, call, [vectors(T, U)]
        rows[f"{name} targets"] = make, call, [vectors(T, U), ids(T)]
        rows[f"{name} step"] = make, call, [vectors(U), ids()]
    return {**rows, **recurrent_table(call)}


def recurrent_table(call):
    rows = {}
    for cell in CELLS:
        stack = functools.partial(layers.RecurrentStack, cell, U)
        for ways in (False, True):
            name = f"RecurrentStack {cell}{' both ways' if ways else ''}"
            whole = functools.partial(stack, 2, ways, return_state=True)
            last = functools.partial(stack, 1, ways, return_sequences=False)
            rows[name] = whole, call, [vectors(T, 3)]
            rows[f"{name} last"] = last, call, [vectors(T, 3)]
        rows[f"RecurrentStack {cell} step"] = (
            functools.partial(stack, return_state=True),
            lambda layer, x, *states: layer(x, initial_state=list(states)),
            [vectors(3), *map(vectors, stack().state_sizes.values())],
        )
        segmented = functools.partial(layers.SegmentedStack, cell, U, segment_length=3)
        rows[f"SegmentedStack {cell}"] = segmented, call, [vectors(T, 3)]
        feeding = functools.partial(layers.InputFeedingDecoder, "dot", cell, U)
        rows[f"InputFeedingDecoder {cell}"] = feeding, call, [vectors(T, 3), vectors(4, U)]
    return rows


def layer_cases():
    public = {name for name, each in inspect.getmembers(layers, inspect.isclass)}
    tried = {name.split()[0] for name in table()}
    missing = public & set(layers.__all__) - tried - NO_CASE
    assert not missing, f"no case for {missing}"
    for name, (make, call, given) in table().items():
        run, graph = runs_of(make, call, given)
        yield Case(f"layer {name}", run, name in SHORT)
        yield Case(f"layer {name} in a graph", graph, name in SHORT)


def runs_of(make, call, given):
    """The `run` of a layer that is made at its first use, and the same in a graph."""

    @functools.cache
    def built():
        with tf.init_scope():
            layer = make()
            call(layer, *(each.rows(2) for each in given))
        return layer

    def function(*inputs):
        return call(built(), *inputs)

    return run_on(function, given), in_graph(function, given)


def decoding_cases():
    potentials, labels = vectors(T, 3, 3), ids(T)
    functions = {
        "viterbi": (decoding.viterbi, [potentials]),
        "marginals": (decoding.marginals, [potentials]),
        "path_log_probs": (decoding.path_log_probs, [potentials, labels]),
        "log_partition": (crf.log_partition, [potentials]),
    }
    kernel = np.random.default_rng(1).normal(size=(U, V)).astype("float32")

    def step(tokens, states):
        return ops.matmul(states["h"], kernel), {"h": states["h"] * 0.9}

    def drawn(states, chances):
        draw = decoding.sampling(chances, temperature=0.7, top_k=3, top_p=0.9)
        rules = [decoding.min_length(2), decoding.no_repeat_ngram(2)]
        return decoding.decode(step, {"h": states}, max_length=T, draw=draw, constraints=rules)

    def beam(states, chances):
        states = decoding.repeat_rows(states, 3)
        return decoding.beam_search(step, {"h": states}, width=3, best=2, max_length=T)

    def joined(states, chances):
        both = decoding.ensemble([(step, {"h": states}), (step, {"h": states})])
        return decoding.decode(*both, max_length=T)

    def prefixed(states, chances):
        rules = [decoding.force_prefix(ops.cast(chances[:, :2] * 0, "int32") + 5)]
        return decoding.decode(step, {"h": states}, max_length=T, constraints=rules)

    for function in (drawn, beam, joined, prefixed):
        functions[function.__name__] = function, [vectors(U), vectors(T)]
    for name, (function, given) in functions.items():
        runs = {"": run_on(function, given), " in a graph": in_graph(function, given)}
        for where, run in runs.items():
            yield Case(f"decoding {name}{where}", run, free=lambda: {"ids": [1, 2]})


def number_cases():
    """Losses and metrics give one number, whatever the rows; of none it is no error."""
    potentials, logits, log_probs, labels = vectors(T, 3, 3), vectors(T, 3), vectors(T), ids(T)

    def one(function):  # a batch of its own, so that it compares like the others
        return lambda *inputs: ops.broadcast_to(
            ops.reshape(function(*inputs), (1, 1)), (ops.shape(inputs[0])[0], 1)
        )

    functions = {
        "CRF": (losses.CRF(), [labels, potentials]),
        "CrossEntropy": (losses.CrossEntropy(), [labels, logits]),
        "NegativeSampling": (losses.NegativeSampling(), [labels, logits]),
        "Pinball": (losses.Pinball([0.1, 0.5, 0.9]), [vectors(T, 3), vectors(T, 3, 3)]),
        "WeighedLabels": (losses.WeighedLabels([2.0, 1.0, 3.0]), [vectors(T, 3), logits]),
        "NegativeLogProbability": (losses.NegativeLogProbability(), [labels, log_probs]),
        "SmoothedCrossEntropy": (losses.SmoothedCrossEntropy(), [labels, logits]),
    }
    missing = set(losses.__all__) - set(functions)
    assert not missing, f"no case for {missing}"
    for name, (function, given) in functions.items():
        yield Case(f"loss {name}", run_on(one(function), given))
    measured = {
        "BitsPerToken": metrics.BitsPerToken,
        "EntityF1": lambda: metrics.EntityF1(["O", "B-A", "I-A"]),
        "Perplexity": metrics.Perplexity,
        "SequenceExactMatch": metrics.SequenceExactMatch,
        "TokenAccuracy": metrics.TokenAccuracy,
    }
    for name, make in measured.items():
        yield Case(f"metric {name}", run_on(one(make()), [labels, logits]))
