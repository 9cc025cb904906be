"""Batches of forecasters of series, by hand."""

import numpy as np
import pytest

from kerasrnn.datasets import (
    Panel,
    PanelPart,
    PanelWindows,
    TimeSeries,
    fit_panel_scale,
    panel_examples,
)

W, H = 5, 3
RNG = np.random.default_rng(1)


def panel_of(*sizes):
    """Series `a`, `b`, … around 100 times their number, the last column known ahead."""
    series = []
    for i, rows in enumerate(sizes, start=1):
        values = 100 * i + i * RNG.normal(size=(rows, 3))
        series.append(TimeSeries("abc"[i - 1], values, rows))
    return Panel(tuple(series), ("x", "z", "known"), ahead=("known",))


@pytest.mark.parametrize("offset, by", [("last", "changes"), ("mean", "values")])
def test_windows_are_scaled_by_their_series(offset, by):
    panel = panel_of(23, 19)
    part = PanelPart.whole(panel)
    scale = fit_panel_scale(part, panel.columns, W, by, 2)
    windows = PanelWindows(panel, W, H, ["z"])
    examples = panel_examples(windows, scale, offset, teacher_forcing=True)
    x, y, weights = (each for each in next(iter(examples.batches(1000))))
    for row in (0, 7, len(windows) - 1):
        place, origin = windows.series[row], windows.origins[row]
        values = panel.series[place].values
        base = values[origin - 1, :2] if offset == "last" else values[:, :2].mean(0)
        if by == "values":
            deviation = values[:, :2].std(0)
        else:
            lags = [
                np.mean(np.square(values[k:, :2] - values[:-k, :2]), 0) for k in range(1, W + 1)
            ]
            deviation = np.sqrt(np.mean(lags, axis=0))
        known = (values[:, 2] - values[:, 2].mean()) / values[:, 2].std()
        past = (values[origin - W : origin, :2] - base) / deviation
        np.testing.assert_allclose(x["past"][row, :, :2], past, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(
            x["past"][row, :, 2], known[origin - W : origin], rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(
            x["ahead"][row, :, 0], known[origin : origin + H], rtol=1e-4, atol=1e-5
        )
        target = (values[origin : origin + H, 1] - base[1]) / deviation[1]
        np.testing.assert_allclose(y[row, :, 0], target, rtol=1e-4, atol=1e-5)
        read = [past[-1, 1], *target[:-1]]
        np.testing.assert_allclose(x["target"][row, :, 0], read, rtol=1e-4, atol=1e-5)
    assert weights.shape == (len(windows), H)


def test_a_series_that_the_training_lacks_is_scaled_by_itself():
    panel = panel_of(23, 19, 17)
    train = PanelPart(panel, (0, 0, 0), (23, 19, 0), "train")
    scale = fit_panel_scale(train, panel.columns, W, "values", 2)
    assert scale.names == ("a", "b")
    windows = PanelWindows(panel, W, H, ["x"])
    x, *_ = next(iter(panel_examples(windows, scale, "mean").batches(1000)))
    assert np.abs(x["past"].numpy()).max() < 6  # and not 300
