"""Baselines of forecasts, against loops, numbers by hand and what the field reports."""

import logging
import pathlib

import numpy as np
import pytest

from kerasrnn.datasets import (
    Panel,
    PanelWindows,
    TimeSeries,
    baselines,
    naive_errors,
    read_panel,
    split_panel,
    value_deviations,
)

ETT = pathlib.Path(__file__).parents[4] / "shared" / "data" / "ett" / "ETTh1.csv"


def made(lengths=(41, 61, 23)):
    rng = np.random.default_rng(3)
    series = [
        TimeSeries(f"s{i}", rng.normal(size=(rows, 3)), rows) for i, rows in enumerate(lengths)
    ]
    return Panel(tuple(series), ("x", "z", "u"))


@pytest.mark.parametrize("season", [2, 5, 13])
def test_baselines_are_those_of_a_loop(season):
    """The season is longer than the window, and longer than the horizon."""
    panel, horizon = made(), 7
    windows = PanelWindows(split_panel(panel, 0.2, 0.4)["test"], 3, horizon, ["u", "x"])
    rows = np.arange(len(windows))[::-2]
    found = baselines(windows, rows, season)
    assert list(found) == ["last_value", "seasonal_naive", "drift"]
    for place, row in enumerate(rows):
        history = panel.series[windows.series[row]].values[: windows.origins[row], [2, 0]]
        longer = list(history)
        for _ in range(horizon):
            longer.append(longer[-season])
        slope = (history[-1] - history[0]) / (len(history) - 1)
        line = [history[-1] + h * slope for h in range(1, horizon + 1)]
        np.testing.assert_array_equal(found["last_value"][place], [history[-1]] * horizon)
        np.testing.assert_array_equal(found["seasonal_naive"][place], longer[len(history) :])
        np.testing.assert_allclose(found["drift"][place], line)


def test_a_season_that_has_not_gone_by():
    windows = PanelWindows(made(), 3, 2, ["x"])
    assert list(baselines(windows, [20, 21], season=3)) == ["last_value", "seasonal_naive", "drift"]
    assert list(baselines(windows, [20, 21], season=4)) == ["last_value", "drift"]
    assert list(baselines(windows, slice(None))) == ["last_value", "drift"]
    with pytest.raises(ValueError, match="Expected `season` to be an integer"):
        baselines(windows, [0], season=0)


def test_one_row_has_no_slope():
    windows = PanelWindows(Panel.of([[5.0], [7], [9]], ["x"]), 1, 2, ["x"])
    assert baselines(windows, [0])["drift"].ravel().tolist() == [5, 5]


def test_what_errors_are_divided_by(caplog):
    caplog.set_level(logging.INFO, "kerasrnn.datasets.notes")
    panel = made((41, 61, 5))
    panel.series[1].values[:, 0] = 0.1
    part = split_panel(panel, 10, 11)["train"]
    errors, deviations = naive_errors(part, ["z", "x"], 7), value_deviations(part, ["z", "x"])
    for i, name in enumerate(("s0", "s1")):
        rows = panel.series[i].values[: part.stops[i], [1, 0]]
        steps = [abs(rows[t] - rows[t - 7]) for t in range(7, len(rows))]
        np.testing.assert_allclose(errors[name], np.mean(steps, axis=0))
        np.testing.assert_allclose(deviations[name], np.std(rows, axis=0), atol=1e-15)
    assert errors["s1"][1] == deviations["s1"][1] == 0
    assert errors["s2"] == deviations["s2"] == [None, None]
    assert "no scaled errors of s2: the training part has no more than a season, 7 rows" in (
        caplog.text
    )


@pytest.mark.skipif(not ETT.exists(), reason="needs ETTh1.csv beside the repository")
def test_the_same_hour_of_the_day_before():
    """0.512 and 0.433 on standardised values of all columns, 96 hours ahead."""
    panel = read_panel(ETT)
    parts = split_panel(panel, validation=2880, test=2880, train=8640)
    windows = PanelWindows(parts["test"], 96, 96, panel.columns)
    assert len(windows) == 2785
    forecast = baselines(windows, slice(None), 24)["seasonal_naive"]
    errors = forecast - windows.take(slice(None)).future
    scaled = errors / np.array(value_deviations(parts["train"], panel.columns)[""])
    assert round(np.square(scaled).mean(), 3) == 0.512
    assert round(np.abs(scaled).mean(), 3) == 0.433
