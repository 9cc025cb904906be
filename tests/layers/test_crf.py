"""The CRF layer's tables against scores of paths added up by hand, and the rules of BIO."""

import itertools
import re

import keras
import numpy as np
import pytest

from kerasrnn.layers import CRF, bio_constraints
from kerasrnn.layers.bio import continues, split_label

B, T, L = 3, 5, 2
LENGTHS = np.array([5, 1, 3])
MASK = np.arange(T) < LENGTHS[:, None]
BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
IOBES = ["O", "B-X", "I-X", "E-X", "S-X", "I-Y", "B-Y", "E-Y", "S-Y"]


def weights_of(rng, labels=L):
    shapes = {"start": (labels,), "transition": (labels, labels), "end": (labels,)}
    return {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}


def with_weights(layer, weights):
    if not layer.built:
        layer.build((None, None, layer.labels))
    for name, value in weights.items():
        getattr(layer, name).assign(value)
    return layer


def score(path, emissions, weights):
    """Lample et al. 2016, section 2.2, in float64."""
    total = float(weights["start"][path[0]]) + float(weights["end"][path[-1]])
    total += sum(float(emissions[t, y]) for t, y in enumerate(path))
    return total + sum(float(weights["transition"][i, j]) for i, j in itertools.pairwise(path))


def table_score(path, potentials, row_before_first=0):
    steps = zip(itertools.count(), (row_before_first, *path[:-1]), path, strict=False)
    return sum(float(potentials[t, i, j]) for t, i, j in steps)


@pytest.mark.parametrize("mask", [MASK, None], ids=["mask", "no_mask"])
def test_tables_add_up_to_the_score_of_each_path(mask, rng):
    weights, emissions = weights_of(rng), rng.normal(size=(B, T, L)).astype("float32")
    potentials = with_weights(CRF(L), weights)(emissions, mask=mask)
    assert potentials.shape == (B, T, L, L)
    lengths = [T] * B if mask is None else LENGTHS
    for row, length in enumerate(lengths):
        for path in itertools.product(range(L), repeat=length):
            for before in range(L):
                np.testing.assert_allclose(
                    table_score(path, potentials[row].numpy(), before),
                    score(path, emissions[row], weights),
                    rtol=1e-5,
                    atol=1e-5,
                )


def test_orientation_of_the_table():
    layer = CRF(2)
    layer.build((None, None, 2))
    layer.transition.assign([[1.0, 2.0], [3.0, 4.0]])
    table = layer(np.array([[[0.0, 0.0], [10.0, 20.0]]], "float32"))[0, 1].numpy()
    assert table.tolist() == [[11.0, 22.0], [13.0, 24.0]]


@pytest.mark.parametrize("poison", [7.0, np.inf, np.nan])
def test_more_padding_and_its_content_change_nothing(poison, rng):
    layer = with_weights(CRF(L), weights_of(rng))
    emissions = rng.normal(size=(B, T, L)).astype("float32")
    expected = layer(emissions, mask=MASK).numpy()
    emissions[~MASK] = poison
    wide = np.pad(emissions, ((0, 0), (0, 3), (0, 0)), constant_values=poison)
    received = layer(wide, mask=np.pad(MASK, ((0, 0), (0, 3)))).numpy()
    np.testing.assert_array_equal(received[:, :T], expected)
    assert not received[:, T:].any()
    assert not expected[~MASK].any()


def test_untrained_layer_is_a_softmax_of_each_step(rng):
    emissions = rng.normal(size=(B, T, L)).astype("float32")
    potentials = CRF(L)(emissions).numpy()
    np.testing.assert_array_equal(potentials, np.repeat(emissions[:, :, None], L, axis=2))


def test_keras_mask_is_used_and_kept(rng):
    tokens = np.where(MASK, 4, 0)
    embedding = keras.layers.Embedding(7, L, mask_zero=True)
    layer = with_weights(CRF(L), weights_of(rng))
    emissions = embedding(tokens)
    received = layer(emissions)
    np.testing.assert_array_equal(received._keras_mask, MASK)
    np.testing.assert_array_equal(received, layer(emissions.numpy(), mask=MASK))
    np.testing.assert_array_equal(layer(emissions.numpy(), mask=MASK)._keras_mask, MASK)


def test_reloaded_model_of_unknown_length_is_bit_equal(tmp_path, rng):
    labels = len(BIO)
    tokens = keras.Input((None,), dtype="int32")
    embedded = keras.layers.Embedding(7, labels, mask_zero=True)(tokens)
    layer = CRF(labels, bio_constraints(BIO), name="output")
    model = keras.Model(tokens, layer(embedded))
    assert model.output.shape == (None, None, labels, labels)
    with_weights(layer, weights_of(rng, labels))
    model.save(tmp_path / "m.keras")
    copy = keras.models.load_model(tmp_path / "m.keras")
    assert copy.get_layer("output").allowed == bio_constraints(BIO)
    for length in (1, 2, 7):
        x = np.arange(1, length + 1)[None] % 7
        np.testing.assert_array_equal(copy(x), model(x))
    assert type(copy.get_layer("output")) is CRF


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_potentials_are_float32_in_mixed_precision(dtype, rng):
    weights, emissions = weights_of(rng), rng.normal(size=(B, T, L)).astype(dtype)
    emissions[0, 0] = 2049 if dtype == "float32" else 1  # float16 holds no 2049
    mixed = with_weights(CRF(L, dtype="mixed_float16"), weights)
    potentials = mixed(emissions)
    assert (potentials.dtype, mixed.transition.dtype) == ("float32", "float32")
    expected = with_weights(CRF(L), weights)(emissions.astype("float32"))
    np.testing.assert_array_equal(potentials, expected)


def test_illegal_places_hold_the_constant_and_get_no_gradient(rng):
    import tensorflow as tf

    names = ["O", "B-X", "I-X"]
    layer = with_weights(CRF(3, bio_constraints(names)), weights_of(rng, 3))
    with tf.GradientTape() as tape:
        potentials = layer(np.zeros((1, 2, 3), "float32"))
        total = tf.reduce_sum(potentials)
    assert potentials[0, 1, 0, 2] == -1e9 + float(layer.end[2])
    assert (potentials[0, 0, :, 2].numpy() == -1e9).all()
    assert (potentials.numpy() < -1e8).sum() == 4
    start, transition = tape.gradient(total, [layer.start, layer.transition])
    assert start.numpy().tolist() == [3, 3, 0]
    assert transition.numpy().tolist() == [[1, 1, 0], [1, 1, 1], [1, 1, 1]]


def legal_bio(path):
    """The definition in words: I- follows B- or I- of its type."""
    return all(
        not label.startswith("I-") or before in ("B" + label[1:], label)
        for before, label in itertools.pairwise(["O", *path])
    )


def legal_iobes(path):
    """A path is legal where it can be cut into O, S, and B I* E of one type."""
    text = "".join(label if label == "O" else label.replace("-", "") for label in path)
    return re.fullmatch(r"(O|SX|SY|BX(IX)*EX|BY(IY)*EY)*", text) is not None


@pytest.mark.parametrize("names, legal", [(BIO, legal_bio), (IOBES, legal_iobes)])
def test_constraints_allow_exactly_the_legal_paths(names, legal):
    allowed = bio_constraints(names)
    for length in (1, 2, 3, 4):
        for path in itertools.product(range(len(names)), repeat=length):
            received = allowed["start"][path[0]] and allowed["end"][path[-1]]
            received = received and all(
                allowed["transition"][i][j] for i, j in itertools.pairwise(path)
            )
            assert received == legal([names[i] for i in path])


@pytest.mark.parametrize("name", ["PER", "X-PER", "", "<pad>", "b-PER", "O-PER", "-PER", "BI"])
def test_unknown_prefix_is_named(name):
    with pytest.raises(ValueError, match=re.escape(repr(name))):
        bio_constraints(["O", name])


def test_no_names():
    with pytest.raises(ValueError, match="one label name at least"):
        bio_constraints([])


def test_types_may_hold_hyphens_or_be_absent():
    assert split_label("I-a-b") == ("I", "a-b")
    assert split_label("S") == ("S", "")
    assert continues("B-a-b", "I-a-b") and not continues("B-a-b", "I-a-c")
    assert continues("B", "E") and not continues("S", "I") and not continues("E", "E")


@pytest.mark.parametrize("labels", [0, -1, 2.0, "3", None])
def test_wrong_number_of_labels(labels):
    with pytest.raises(ValueError, match="`labels` to be an integer"):
        CRF(labels)


@pytest.mark.parametrize(
    "allowed",
    [
        bio_constraints(BIO),
        {"start": [True] * 3, "transition": [[True] * 3] * 3},
        {**bio_constraints(["O", "B", "I"]), "other": [True] * 3},
        {**bio_constraints(["O", "B", "I"]), "end": [True] * 2},
    ],
    ids=["other_size", "no_end", "other_name", "short_end"],
)
def test_wrong_allowed(allowed):
    with pytest.raises(ValueError, match="Expected `allowed`"):
        CRF(3, allowed)


def test_emissions_of_another_size():
    with pytest.raises(ValueError, match="Expected emissions of 3 labels"):
        CRF(3)(np.zeros((1, 2, 5), "float32"))
