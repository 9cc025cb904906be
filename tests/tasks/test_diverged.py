"""The batch at which a loss stopped being finite is kept; such weights are not exported."""

import keras
import numpy as np
import pytest

from kerasrnn import export
from kerasrnn.tasks.states.diverged import KeepDiverged

EPOCH, BATCHES, FEATURES = 3, 5, 2


def batches_of(data, nan_at):
    """The stream of a training, of which one value is not a number."""

    def batches(epoch, skipped):
        for number in range(epoch * BATCHES + skipped, len(data)):
            x = data[number].copy()
            if number == nan_at:
                x[0, 0] = np.nan
            yield {"left": x, "right": x + 1}, x[:, :1], np.ones(len(x), "float32")

    return batches


def model_of():
    left, right = (keras.Input((FEATURES,), name=name) for name in ("left", "right"))
    output = keras.layers.Dense(1)(keras.layers.Concatenate()([left, right]))
    model = keras.Model({"left": left, "right": right}, output)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(("begun", "nan_at"), [(0, 7), (3, 3), (3, 11), (3, None)])
def test_the_first_batch_that_is_not_finite_is_kept(begun, nan_at, tmp_path, capsys):
    """Also where the first epoch was begun before."""
    data = np.random.default_rng(0).normal(size=(EPOCH * BATCHES, 7, FEATURES)).astype("float32")
    batches, model = batches_of(data, nan_at), model_of()
    keeping = KeepDiverged(tmp_path, batches, begun)
    settings = {"callbacks": [keeping], "verbose": 0, "shuffle": False}
    model.fit(batches(0, begun), steps_per_epoch=BATCHES - begun, epochs=1, **settings)
    model.fit(batches(1, 0), steps_per_epoch=BATCHES, initial_epoch=1, epochs=EPOCH, **settings)
    said = " ".join(capsys.readouterr().out.split())
    if nan_at is None:
        assert keeping.path is None and list(tmp_path.iterdir()) == [] and said == ""
        return
    epoch, batch = nan_at // BATCHES + 1, nan_at % BATCHES + 1
    assert f"not finite after batch {batch} of epoch {epoch}; {keeping.path} holds" in said
    (path,) = tmp_path.iterdir()
    assert path == keeping.path
    with np.load(path) as kept:
        assert set(kept) == {"epoch", "batch", "x_left", "x_right", "y", "sample_weight"}
        assert (kept["epoch"], kept["batch"]) == (epoch, batch)
        expected = data[nan_at].copy()
        expected[0, 0] = np.nan
        np.testing.assert_array_equal(kept["x_left"], expected)
        np.testing.assert_array_equal(kept["x_right"], expected + 1)
        np.testing.assert_array_equal(kept["y"], expected[:, :1])


def test_weights_that_are_not_finite_are_not_exported(tmp_path):
    model = model_of()
    model.layers[-1].kernel.assign(np.full((2 * FEATURES, 1), np.inf))
    with pytest.raises(ValueError, match="are finite. Received: NaN or infinity in .*kernel"):
        export.write_version(tmp_path / "export", {}, tracked=[model], example={})
    assert list(tmp_path.iterdir()) == []
