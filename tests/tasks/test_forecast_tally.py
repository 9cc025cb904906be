"""Figures of forecasts, against scikit-learn, plain NumPy and numbers by hand."""

import json

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, root_mean_squared_error

from kerasrnn.tasks.tallies.forecast_tally import (
    figures_by_step,
    figures_by_target,
    forecast_figures,
    forecast_tally,
)

LEVELS = (0.1, 0.4, 0.9)


@pytest.fixture(scope="module")
def numbers():
    rng = np.random.default_rng(7)
    shape = (13, 5, 3)
    return {
        "forecast": rng.normal(size=shape),
        "truth": rng.normal(size=shape),
        "mase_scale": rng.uniform(0.5, 2, size=(13, 3)),
        "deviation": rng.uniform(0.5, 2, size=(13, 3)),
        "quantiles": np.sort(rng.normal(size=(*shape, 3)), axis=-1),
        "baselines": {"last_value": rng.normal(size=shape), "drift": rng.normal(size=shape)},
    }


def tallied(numbers, rows=slice(None), levels=LEVELS):
    parts = {name: each[rows] for name, each in numbers.items() if name != "baselines"}
    others = {name: each[rows] for name, each in numbers["baselines"].items()}
    tally = forecast_tally(**parts, levels=levels, baselines=others)
    return json.loads(json.dumps(tally, allow_nan=False))


def smape(truth, forecast):
    """As M4's own code has it: the mean of 2 |y - f| / (|y| + |f|), in percent."""
    return 100 * np.mean(2 * np.abs(truth - forecast) / (np.abs(truth) + np.abs(forecast)))


def test_figures(numbers):
    found = forecast_figures([tallied(numbers)])
    truth = numbers["truth"]
    for begin, forecast in (
        ("", numbers["forecast"]),
        ("last_value_", numbers["baselines"]["last_value"]),
        ("drift_", numbers["baselines"]["drift"]),
    ):
        flat = truth.ravel(), forecast.ravel()
        errors = forecast - truth
        scaled = errors / numbers["deviation"][:, None]
        expected = {
            "mae": mean_absolute_error(*flat),
            "rmse": root_mean_squared_error(*flat),
            "mase": np.mean(np.abs(errors) / numbers["mase_scale"][:, None]),
            "smape": smape(*flat),
            "scaled_mse": np.mean(scaled**2),
            "scaled_mae": np.mean(np.abs(scaled)),
        }
        for name, value in expected.items():
            np.testing.assert_allclose(found[begin + name], value, err_msg=begin + name)
    losses = [
        mean_pinball_loss(truth.ravel(), numbers["quantiles"][..., i].ravel(), alpha=level)
        for i, level in enumerate(LEVELS)
    ]
    np.testing.assert_allclose(found["pinball"], np.mean(losses))
    low, high = numbers["quantiles"][..., 0], numbers["quantiles"][..., 2]
    np.testing.assert_allclose(found["coverage"], np.mean((low <= truth) & (truth <= high)))
    np.testing.assert_allclose(found["interval_width"], np.mean(high - low))
    assert found["examples"] == 13 and len(found) == 3 * 6 + 3 + 1


def test_steps_and_targets(numbers):
    truth, forecast = numbers["truth"], numbers["forecast"]
    last = numbers["baselines"]["last_value"]
    tally = [tallied(numbers)]
    steps, targets = figures_by_step(tally), figures_by_target(tally, ["x", "z", "u"])
    assert [row["step"] for row in steps] == [1, 2, 3, 4, 5]
    assert [row["target"] for row in targets] == ["x", "z", "u"]
    for rows, axis in ((steps, 1), (targets, 2)):
        for i, row in enumerate(rows):
            true, answer, before, scale = (
                np.take(each, i, axis)
                for each in (
                    truth,
                    forecast,
                    last,
                    np.broadcast_to(numbers["mase_scale"][:, None], truth.shape),
                )
            )
            low, high = (np.take(numbers["quantiles"][..., q], i, axis) for q in (0, 2))
            np.testing.assert_allclose(row["mae"], np.mean(np.abs(true - answer)))
            np.testing.assert_allclose(row["rmse"], np.sqrt(np.mean((true - answer) ** 2)))
            np.testing.assert_allclose(row["smape"], smape(true, answer))
            np.testing.assert_allclose(row["mase"], np.mean(np.abs(true - answer) / scale))
            np.testing.assert_allclose(row["coverage"], np.mean((low <= true) & (true <= high)))
            np.testing.assert_allclose(row["last_value_mae"], np.mean(np.abs(true - before)))
            expected = np.mean(np.abs(true - before) / scale)
            np.testing.assert_allclose(row["last_value_mase"], expected)


def test_pieces_in_any_order_are_the_whole(numbers):
    pieces = [tallied(numbers, rows) for rows in (slice(5), slice(5, 6), slice(6, 13))]
    found = forecast_figures(pieces)
    assert found == forecast_figures(pieces[::-1])
    assert figures_by_step(pieces) == figures_by_step(pieces[::-1])
    assert found == pytest.approx(forecast_figures([tallied(numbers)]), rel=1e-12)


def test_numbers_by_hand():
    tally = forecast_tally(
        np.array([[[3.0], [0.0]]]),
        np.array([[[1.0], [0.0]]]),
        mase_scale=[[4.0]],
        deviation=[[0.5]],
        quantiles=np.array([[[[1.0, 2.0]], [[-3.0, -1.0]]]]),
        levels=[0.25, 0.75],
    )
    found = forecast_figures([tally])
    assert found == {
        "mae": 1,
        "rmse": 2**0.5,
        "mase": 0.25,
        "smape": 50,  # 100 and, of two zeros, 0
        "scaled_mse": 8,
        "scaled_mae": 2,
        # Of the steps 0 and 0.25, 0.75 and 0.75.
        "pinball": (0 + 0.25 + 0.75 + 0.75) / 4,
        "coverage": 0.5,  # a number on the edge is covered
        "interval_width": 1.5,
        "examples": 1,
    }


def test_series_that_nothing_can_be_scaled_by():
    """The second one has no rows of training, the third one never changes in it."""
    forecast, truth = np.zeros((3, 2, 1)), np.full((3, 2, 1), 6.0)
    scales = {"mase_scale": [[3.0], [np.nan], [0.0]], "deviation": [[2.0], [np.nan], [0.0]]}
    found = forecast_figures([forecast_tally(forecast, truth, **scales)])
    assert (found["mase"], found["scaled_mae"], found["mae"]) == (2, 3, 6)
    none = {name: each[1:] for name, each in scales.items()}
    tally = json.loads(json.dumps(forecast_tally(forecast[1:], truth[1:], **none)))
    assert np.isnan(forecast_figures([tally])["mase"]) and forecast_figures([tally])["mae"] == 6


def test_one_level_has_no_interval(numbers):
    parts = {**numbers, "quantiles": numbers["quantiles"][..., :1]}
    found = forecast_figures([tallied(parts, levels=[0.5])])
    assert "pinball" in found and "coverage" not in found
    expected = mean_absolute_error(numbers["truth"].ravel(), parts["quantiles"].ravel()) / 2
    np.testing.assert_allclose(found["pinball"], expected)
