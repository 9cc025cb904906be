"""Segments of a sequence read side by side, against each read alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn.layers import RecurrentStack, SegmentedStack

BATCH, STEPS, FEATURES, UNITS, LENGTH = 3, 17, 5, 7, 4
RNG = np.random.default_rng(11)


def inputs(steps=STEPS):
    return RNG.normal(size=(BATCH, steps, FEATURES)).astype("float32")


def stacks(cell="gru", length=LENGTH, **options):
    """A stack of segments, and one without that has its weights."""
    ours = SegmentedStack(cell, UNITS, segment_length=length, **options)
    plain = RecurrentStack(cell, UNITS, **options)
    for stack in (ours, plain):
        stack(inputs())
    plain.set_weights(ours.get_weights())
    return ours, plain


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru", "elman", "min_gru", "sru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_each_segment_is_what_it_is_alone(cell, bidirectional):
    ours, plain = stacks(cell, num_layers=2, bidirectional=bidirectional)
    x = inputs()
    parts = [plain(x[:, start : start + LENGTH]) for start in range(0, STEPS, LENGTH)]
    expected = np.concatenate([np.array(part) for part in parts], axis=1)
    np.testing.assert_allclose(ours(x), expected, atol=1e-6)


def test_padding_changes_nothing():
    ours, plain = stacks(bidirectional=True)
    x, longer, lengths = inputs(), inputs(STEPS + 6), (STEPS, 6, 1)
    longer[:, :STEPS] = x
    mask = np.arange(STEPS) < np.array(lengths)[:, None]
    found = np.array(ours(x, mask=mask))
    padded = ours(longer, mask=np.pad(mask, [(0, 0), (0, 6)]))
    for row, length in enumerate(lengths):
        np.testing.assert_allclose(padded[row, :length], found[row, :length], atol=1e-6)
        parts = [x[row : row + 1, i : min(i + LENGTH, length)] for i in range(0, length, LENGTH)]
        alone = np.concatenate([np.array(plain(part))[0] for part in parts])
        np.testing.assert_allclose(found[row, :length], alone, atol=1e-6)


@pytest.mark.parametrize("length", [STEPS, STEPS + 6, 1000])
def test_one_segment_is_the_whole(length):
    ours, plain = stacks("lstm", length, bidirectional=True)
    x = inputs()
    np.testing.assert_allclose(ours(x), plain(x), atol=1e-6)


def test_gradients_end_where_a_segment_does():
    ours, _ = stacks()
    x = tf.constant(inputs())
    with tf.GradientTape() as tape:
        tape.watch(x)
        last = tf.reduce_sum(ours(x)[:, 2 * LENGTH - 1])
    slopes = np.abs(tape.gradient(last, x)).sum(axis=(0, 2))
    assert np.flatnonzero(slopes).tolist() == [4, 5, 6, 7]


@pytest.mark.parametrize(
    "pooling",
    [*(pytest.param(each, marks=pytest.mark.slow) for each in ("mean", "max")), "attention"],
)
def test_a_model_of_segments(tmp_path, pooling):
    sizes = {"units": 5, "bidirectional": True, "pooling": pooling, "dropout": 0.3}
    model = kerasrnn.many_to_one(13, 3, segment_length=4, **sizes)
    plain = kerasrnn.many_to_one(13, 3, **sizes)
    plain.set_weights(model.get_weights())
    ids = RNG.integers(4, 13, (7, 11)).astype("int32")
    short = ids[:, :4]
    np.testing.assert_allclose(model(short), plain(short), atol=1e-6)
    assert np.abs(np.array(model(ids)) - np.array(plain(ids))).max() > 1e-4
    np.testing.assert_allclose(model(np.pad(ids, [(0, 0), (0, 6)])), model(ids), atol=1e-6)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(ids), model(ids))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = model.fit(ids, ids[:, 0] % 3, epochs=30, batch_size=7, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("length", [0, -1, 2.5, "4"])
def test_wrong_lengths(length):
    with pytest.raises(ValueError, match="`segment_length`.*Received"):
        kerasrnn.many_to_one(13, 3, pooling="max", segment_length=length)


def test_the_last_output_of_segments_would_be_of_the_last_one_only():
    with pytest.raises(ValueError, match="another `pooling`.*segment_length=4"):
        kerasrnn.many_to_one(13, 3, segment_length=4)
