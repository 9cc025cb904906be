"""The factories of forecasters: shapes, what reads what, and forecasts step by step."""

import itertools

import keras
import numpy as np
import pytest

from kerasrnn.losses import Pinball
from kerasrnn.models import direct_forecaster, patch_forecaster, recursive_forecaster
from kerasrnn.views import rollout

B, W, F, K, H, U, A, S = 3, 12, 5, 2, 7, 6, 3, 2
LEVELS = [0.1, 0.5, 0.9]
FACTORIES = {
    "direct": lambda **options: direct_forecaster(F, K, **options),
    "recursive": lambda **options: recursive_forecaster(F, K, **options),
    "patch": lambda **options: patch_forecaster(F, [1, 3], window=W, patch_length=4, **options),
}


def batch(model, seed=1):
    rng = np.random.default_rng(seed)
    sizes = {"past": (W, F), "ahead": (H, A), "static": (S,), "target": (H, K)}
    return {
        tensor.name: rng.normal(size=(B, *sizes[tensor.name])).astype("float32")
        for tensor in model.inputs
    }


@pytest.mark.parametrize(
    "kind, cell, layers, quantiles, ahead",
    [
        (kind, *cell_and_layers, *rest)
        for kind, cell_and_layers, *rest in itertools.product(
            FACTORIES, [("gru", 1), ("min_lstm", 2)], [None, LEVELS], [0, A]
        )
    ],
)
def test_every_forecaster_fits_and_is_reloaded(kind, cell, layers, quantiles, ahead, tmp_path):
    model = FACTORIES[kind](
        cell=cell,
        units=U,
        num_layers=layers,
        horizon=H,
        ahead=ahead,
        static=S if ahead else 0,
        quantiles=quantiles,
        dropout=0.1,
    )
    x = batch(model)
    outputs = keras.ops.convert_to_numpy(model(x))
    assert outputs.shape == ((B, H, K, 3) if quantiles else (B, H, K))
    if quantiles:
        assert (np.diff(outputs, axis=-1) >= 0).all()
    model.compile("sgd", Pinball(quantiles) if quantiles else "mse")
    before = [np.array(weight) for weight in model.get_weights()]
    model.fit(x, np.ones((B, H, K)), epochs=2, verbose=0)
    assert all(
        not np.array_equal(one, other)
        for one, other in zip(before, model.get_weights(), strict=True)
    )
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(x), model(x))


@pytest.mark.parametrize("kind", FACTORIES)
def test_what_is_known_ahead_counts_in_its_step(kind):
    """In all steps of a direct one that read it, in later ones too where states carry it."""
    model = FACTORIES[kind](units=U, horizon=H, ahead=A)
    x = batch(model)
    changed = {**x, "ahead": x["ahead"].copy()}
    changed["ahead"][:, 4] += 1
    differs = np.abs(np.array(model(x)) - np.array(model(changed))).max(axis=(0, 2)) > 0
    patch = {"direct": range(4, 5), "recursive": range(4, 7), "patch": range(4, 7)}[kind]
    assert differs.tolist() == [step in patch for step in range(H)]


def test_channels_of_patches_do_not_see_each_other():
    model = patch_forecaster(F, [1, 3], window=W, patch_length=4, horizon=H, units=U)
    x = batch(model)
    for column, seen in ((1, [0]), (3, [1]), (0, [0, 1])):  # the last one is no channel
        changed = {"past": x["past"].copy()}
        changed["past"][:, 5, column] += 1
        differs = np.abs(np.array(model(x)) - np.array(model(changed))).max(axis=(0, 1)) > 0
        assert [channel for channel in range(K) if differs[channel]] == seen


def test_a_horizon_that_is_no_multiple_of_a_patch():
    whole = patch_forecaster(1, [0], window=W, patch_length=4, horizon=8, units=U)
    part = patch_forecaster(1, [0], window=W, patch_length=4, horizon=7, units=U)
    part.set_weights(whole.get_weights())
    past = {"past": np.random.default_rng(3).normal(size=(B, W, 1)).astype("float32")}
    np.testing.assert_allclose(part(past), whole(past)[:, :7], atol=1e-6)


@pytest.mark.parametrize("quantiles, ahead", [*itertools.product([None, LEVELS], [0, A])])
def test_a_rollout_is_teacher_forcing_by_its_own_forecasts(quantiles, ahead):
    model = recursive_forecaster(
        F, K, units=U, num_layers=2, horizon=H, ahead=ahead, static=ahead and S,
        quantiles=quantiles, bidirectional=True, dropout=0.3,
    )  # fmt: skip
    x = batch(model)
    given = {name: value for name, value in x.items() if name != "target"}
    found = np.array(rollout(model)({**given, "first": x["target"][:, 0]}))
    read = np.zeros_like(x["target"])
    read[:, 0] = x["target"][:, 0]
    for step in range(H):
        outputs = np.array(model({**x, "target": read}))
        numbers = outputs[..., 1] if quantiles else outputs
        if step + 1 < H:
            read[:, step + 1] = numbers[:, step]
    np.testing.assert_allclose(found, outputs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: direct_forecaster(0, 1), "`columns`"),
        (lambda: direct_forecaster(2, 1, horizon=0), "`horizon`"),
        (lambda: direct_forecaster(2, 1, pooling="first"), "`pooling` to be one of"),
        (lambda: direct_forecaster(2, 1, quantiles=[0.5, 1.2]), "`quantiles`"),
        (lambda: direct_forecaster(2, 1, cell="gpu"), "`cell` to be one of"),
        (
            lambda: patch_forecaster(2, [2], window=8, horizon=3, patch_length=4),
            "distinct numbers below 2",
        ),
        (
            lambda: patch_forecaster(2, [0], window=9, horizon=3, patch_length=4),
            "multiple of the patch length 4. Received: 9",
        ),
        (lambda: rollout(direct_forecaster(2, 1)), "a model of `recursive_forecaster`"),
    ],
)
def test_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
