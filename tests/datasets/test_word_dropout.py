"""Word dropout: what may be dropped, how much of it, and the same again after a restart."""

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.datasets import drop_words
from kerasrnn.vocabulary import PADDING, UNKNOWN

IDS = np.array([[2, 7, 8, 9, 1, 3, 0], [5, 6, 0, 0, 0, 0, 0]] * 50, "int32")


def stream(x, first=0):
    """An endless stream of one batch, from a place within it."""
    y = tf.zeros(IDS.shape, tf.int32)
    return tf.data.Dataset.from_tensors((x, y, tf.ones(IDS.shape))).repeat().skip(first)


def take(batches, number):
    return [(x, y, w) for x, y, w in batches.take(number).as_numpy_iterator()]


def test_only_tokens_become_unknown():
    for ids, y, weights in take(drop_words(stream(IDS), 0.5, seed=1), 5):
        assert np.all((ids == IDS) | (ids == UNKNOWN))
        np.testing.assert_array_equal(ids[IDS < 4], IDS[IDS < 4])
        assert np.any(ids != IDS) and not y.any() and weights.all()


def test_share_is_as_wanted():
    dropped = [
        np.mean(x[IDS >= 4] == UNKNOWN) for x, *_ in take(drop_words(stream(IDS), 0.3, seed=2), 40)
    ]
    # 40 × 250 tokens: the standard deviation of their share is 0.0046
    assert np.mean(dropped) == pytest.approx(0.3, abs=0.02)
    assert len(set(dropped)) > 10  # drawn anew for each batch, so in each epoch
    for x, *_ in take(drop_words(stream(IDS), 0.0, seed=2), 2):
        np.testing.assert_array_equal(x, IDS)


def test_a_resumed_stream_sees_the_same():
    whole = take(drop_words(stream(IDS), 0.4, seed=3), 7)
    rest = take(drop_words(stream(IDS, 4), 0.4, seed=3, first_batch=4), 3)
    for one, other in zip(whole[4:], rest, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
    other = take(drop_words(stream(IDS), 0.4, seed=4), 1)
    assert np.any(other[0][0] != whole[0][0])


def test_inputs_by_name():
    x = {name: IDS for name in ("source", "target", "targets", "characters")}
    ((dropped, _, _),) = take(drop_words(stream(x), 0.5, seed=5), 1)
    for name in ("targets", "characters"):
        np.testing.assert_array_equal(dropped[name], IDS)
    for name in ("source", "target"):
        assert np.any(dropped[name] != IDS)
    assert np.any(dropped["source"] != dropped["target"])  # each its own draw
    np.testing.assert_array_equal(dropped["source"] == PADDING, IDS == PADDING)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_wrong_share(rate):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        drop_words(stream(IDS), rate, seed=1)
