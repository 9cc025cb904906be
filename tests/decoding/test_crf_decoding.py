"""Decoding of a CRF against brute force over all paths."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.decoding import log_partition, marginals, viterbi
from kerasrnn.layers import CRF, bio_constraints

# Batch, time, labels.
SIZES = [(3, 5, 4), (2, 6, 4), (5, 3, 7), (1, 1, 5), (2, 3, 1), (3, 2, 11)]
BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
IOBES = ["O", "B-X", "I-X", "E-X", "S-X"]


def example(rng, batch, time, labels, scale=2.0):
    """Random potentials with the same row at each first step, and a mask of all lengths."""
    potentials = rng.normal(size=(batch, time, labels, labels)).astype("float32") * scale
    potentials[:, 0] = potentials[:, 0, :1]
    lengths = np.maximum(time - np.arange(batch), 1)
    return potentials, np.arange(time) < lengths[:, None]


def all_paths(potentials, length):
    """Each path of a row and its score, in float64."""
    labels = potentials.shape[-1]
    for path in itertools.product(range(labels), repeat=length):
        steps = zip(range(length), (0, *path), path, strict=False)
        yield path, sum(float(potentials[t, i, j]) for t, i, j in steps)


def brute_force(potentials, length):
    """The best path, its score, log Z, and `(length, L)` probabilities."""
    paths, scores = zip(*all_paths(potentials, length), strict=True)
    scores = np.array(scores)
    log_z = scores.max() + np.log(np.exp(scores - scores.max()).sum())
    probs = np.zeros((length, potentials.shape[-1]))
    for path, score in zip(paths, scores, strict=True):
        probs[range(length), path] += np.exp(score - log_z)
    best = int(scores.argmax())
    return paths[best], scores[best], log_z, probs


@pytest.mark.parametrize("with_mask", [True, False])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_equals_brute_force(sizes, with_mask, rng):
    potentials, mask = example(rng, *sizes)
    mask = mask if with_mask else None
    best, probs = viterbi(potentials, mask), marginals(potentials, mask).numpy()
    log_z = log_partition(potentials, mask)
    assert (best["labels"].dtype, best["score"].dtype) == (tf.int32, tf.float32)
    for row in range(sizes[0]):
        length = int(mask[row].sum()) if with_mask else sizes[1]
        path, score, expected_log_z, expected_probs = brute_force(potentials[row], length)
        labels = best["labels"][row].numpy()
        assert labels[:length].tolist() == list(path)
        assert not labels[length:].any()
        np.testing.assert_allclose(best["score"][row], score, rtol=1e-5)
        np.testing.assert_allclose(log_z[row], expected_log_z, rtol=1e-5)
        np.testing.assert_allclose(
            best["log_prob"][row], score - expected_log_z, rtol=1e-5, atol=1e-5
        )
        np.testing.assert_allclose(probs[row, :length], expected_probs, rtol=1e-4, atol=1e-6)
        assert not probs[row, length:].any()
        np.testing.assert_allclose(probs[row, :length].sum(-1), 1, rtol=1e-5)


@pytest.mark.parametrize("content", [7.0, -1e9, np.inf, np.nan])
def test_more_padding_and_its_content_change_nothing(content, rng):
    potentials, mask = example(rng, 3, 5, 4)
    expected = viterbi(potentials, mask), marginals(potentials, mask)
    potentials[~mask] = content
    wide = np.pad(potentials, ((0, 0), (0, 2), (0, 0), (0, 0)), constant_values=content)
    wide_mask = np.pad(mask, ((0, 0), (0, 2)))
    best, probs = viterbi(wide, wide_mask), marginals(wide, wide_mask).numpy()
    np.testing.assert_array_equal(best["labels"][:, :5], expected[0]["labels"])
    assert not best["labels"][:, 5:].numpy().any()
    for name in ("score", "log_prob"):
        np.testing.assert_allclose(best[name], expected[0][name], rtol=1e-6)
    np.testing.assert_allclose(probs[:, :5], expected[1], rtol=1e-6)
    assert not probs[:, 5:].any()


def test_a_row_without_steps_has_one_empty_path(rng):
    potentials, _ = example(rng, 2, 3, 5)
    mask = np.array([[False] * 3, [True] * 3])
    best = viterbi(potentials, mask)
    assert best["labels"][0].numpy().tolist() == [0, 0, 0]
    assert (best["score"][0], best["log_prob"][0]) == (0, 0)
    assert log_partition(potentials, mask)[0] == 0
    assert not marginals(potentials, mask)[0].numpy().any()


def test_mask_of_keras_is_the_default(rng):
    tokens = np.array([[3, 1, 2, 0, 0], [1, 1, 1, 1, 1]])
    layer = CRF(5)
    potentials = layer(keras.layers.Embedding(7, 5, mask_zero=True)(tokens))
    explicit = viterbi(potentials.numpy(), tokens != 0)
    for name, value in viterbi(potentials).items():
        np.testing.assert_array_equal(value, explicit[name])
    np.testing.assert_array_equal(
        log_partition(potentials), log_partition(potentials.numpy(), tokens != 0)
    )
    assert not marginals(potentials)[0, 3:].numpy().any()


def test_long_sequences_keep_their_precision(rng):
    """The sums grow to thousands; what they are differences of must not lose digits."""
    potentials, _ = example(rng, 1, 211, 3)
    potentials += 90
    table = potentials[0].astype("float64")
    forward, best, backward = [table[0, 0]], table[0, 0], [np.zeros(3)]
    for step, back in zip(table[1:], table[:0:-1], strict=True):
        forward.append(np.logaddexp.reduce(forward[-1][:, None] + step, axis=0))
        best = (best[:, None] + step).max(0)
        backward.insert(0, np.logaddexp.reduce(back + backward[0], axis=1))
    log_z = np.logaddexp.reduce(forward[-1])
    np.testing.assert_allclose(viterbi(potentials)["log_prob"][0], best.max() - log_z, rtol=1e-5)
    expected = np.exp(np.array(forward) + backward - log_z)
    np.testing.assert_allclose(marginals(potentials)[0], expected, atol=1e-5)


def test_much_padding_adds_no_rounding(rng):
    potentials, _ = example(rng, 7, 101, 13)
    mask = np.arange(101) < np.ones((7, 1))
    shortest = potentials[:, :1], mask[:, :1]
    short, long = log_partition(*shortest), log_partition(potentials, mask)
    np.testing.assert_array_equal(long, short)
    np.testing.assert_array_equal(
        viterbi(potentials, mask)["log_prob"], viterbi(*shortest)["log_prob"]
    )


def legal(labels, names, allowed):
    return (
        allowed["start"][labels[0]]
        and allowed["end"][labels[-1]]
        and all(allowed["transition"][i][j] for i, j in itertools.pairwise(labels))
    )


@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("scale", [0.1, 1.0, 100.0, 65504.0])
@pytest.mark.parametrize("names", [BIO, IOBES], ids=["bio", "iobes"])
def test_illegal_paths_never_come_out(names, scale, trained, rng):
    allowed, size = bio_constraints(names), len(names)
    layer = CRF(size, allowed)
    layer.build((None, None, size))
    if trained:
        layer.set_weights([rng.normal(size=w.shape) * 10 for w in layer.get_weights()])
    emissions = rng.choice([-scale, scale], size=(31, 13, size)).astype("float32")
    emissions[0] = scale * np.eye(size)[2]  # I- and nothing else, from the first to the last
    emissions[1] = -scale * np.eye(size)[0]  # anything but O
    emissions[2] = scale * np.eye(size)[1]  # B- and nothing else
    mask = np.arange(13) < rng.integers(1, 14, (31, 1))
    potentials = layer(emissions, mask=mask)
    best, probs = viterbi(potentials)["labels"].numpy(), marginals(potentials).numpy()
    for labels, row_mask in zip(best, mask, strict=True):
        assert legal(labels[row_mask], names, allowed)
    assert not probs[:, 0][:, np.logical_not(allowed["start"])].any()
    np.testing.assert_allclose(probs.sum(-1)[mask], 1, rtol=1e-5)


def test_constrained_paths_equal_brute_force_over_the_legal_ones(rng):
    allowed = bio_constraints(IOBES)
    layer = CRF(5, allowed)
    layer.build((None, None, 5))
    weights = {w.name: rng.normal(size=w.shape) for w in layer.weights}
    for weight in layer.weights:
        weight.assign(weights[weight.name])
    emissions = rng.normal(size=(1, 4, 5)).astype("float32") * 3

    def score(path):
        total = weights["start"][path[0]] + weights["end"][path[-1]]
        total += sum(emissions[0, t, y] for t, y in enumerate(path))
        return total + sum(weights["transition"][i, j] for i, j in itertools.pairwise(path))

    paths = [p for p in itertools.product(range(5), repeat=4) if legal(p, IOBES, allowed)]
    scores = np.array([score(path) for path in paths])
    potentials = layer(emissions)
    best = viterbi(potentials)
    assert best["labels"][0].numpy().tolist() == list(paths[scores.argmax()])
    log_z = np.logaddexp.reduce(scores)
    np.testing.assert_allclose(log_partition(potentials)[0], log_z, rtol=1e-5)
    np.testing.assert_allclose(best["log_prob"][0], scores.max() - log_z, rtol=1e-4)


class Decoder(tf.Module):
    """All of decoding as one function of unknown batch and time."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, 4, 4], tf.float32),
            tf.TensorSpec([None, None], tf.bool),
        ],
        autograph=False,
    )
    def decode(self, potentials, mask):
        return {
            **viterbi(potentials, mask),
            "marginals": marginals(potentials, mask),
            "log_partition": log_partition(potentials, mask),
        }


def test_a_saved_model_decodes_all_sizes_with_core_operations(tmp_path, rng):
    module = Decoder()
    tf.saved_model.save(module, str(tmp_path / "m"))
    copy = tf.saved_model.load(str(tmp_path / "m"))
    for batch, time in ((3, 5), (1, 1), (2, 7)):
        potentials, mask = example(rng, batch, time, 4)
        received = copy.decode(potentials, mask)
        for name, value in viterbi(potentials, mask).items():
            np.testing.assert_allclose(received[name], value, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(received["marginals"].numpy().sum(-1), mask, rtol=1e-5)
    assert module.decode.experimental_get_tracing_count() == 1
    graph = module.decode.get_concrete_function().graph.as_graph_def()
    functions = [node.op for f in graph.library.function for node in f.node_def]
    operations = {node.op for node in graph.node} | set(functions)
    assert not {op for op in operations if "Xla" in op or "PyFunc" in op}
