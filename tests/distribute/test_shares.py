"""Each row of a batch is in one part, and parts are of like size."""

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.distribute.shares import share


def batch_of(rows, with_weight=True):
    tokens = np.arange(rows * 3, dtype="int32").reshape(rows, 3)
    features = {"tokens": tokens, "mask": tokens > 2}
    weight = np.ones((rows, 3), "float32")
    return (features, tokens[:, 0], weight) if with_weight else (features, tokens[:, 0])


def graph_of(rows, parts, batch):
    """Cuts within a graph, which may not know the number of rows, nor that of the part."""
    shape = tf.nest.map_structure(
        lambda each: tf.TensorSpec((rows, *each.shape[1:]), each.dtype), batch
    )

    @tf.function(input_signature=[shape, tf.TensorSpec((), "int32")], autograph=False)
    def cut(batch, part):
        found = share(batch, part, parts)
        sizes.append(found[1].shape[0])
        return found if len(batch) == 3 else (*found[:2], found[3])

    sizes = []
    return cut, sizes


@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize(("rows", "parts"), [(7, 3), (6, 3), (11, 1), (2, 5)])
def test_all_rows_once(rows, parts, static):
    batch = batch_of(rows)
    cut, sizes = graph_of(rows if static else None, parts, batch)
    found = [cut(batch, part) for part in range(parts)]
    assert sizes == [rows // parts if static and rows % parts == 0 else None]
    assert sum(int(real) for *_, real in found) == rows
    assert {int(real) for *_, real in found} <= {rows // parts, -(-rows // parts)}
    kept = []
    for x, y, weight, real in found:
        assert len(y) == max(1, int(real)) == len(x["tokens"]) == len(x["mask"])
        assert (weight.numpy() == (1.0 if int(real) else 0.0)).all()
        kept += [x["tokens"].numpy()] if int(real) else []
    np.testing.assert_array_equal(np.concatenate(kept), batch[0]["tokens"])


def test_without_weights():
    batch = batch_of(5, with_weight=False)
    cut, _ = graph_of(None, 2, batch)
    rows = [len(cut(batch, part)[1]) for part in range(2)]
    assert rows == [2, 3]
