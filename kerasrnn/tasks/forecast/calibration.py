"""Quantiles moved such that they hold on a part that the training has not learned from."""

from __future__ import annotations

import numpy as np

from kerasrnn.datasets import PanelWindows
from kerasrnn.tasks.forecast.series_figures import SeriesFigures

__all__ = ["validation_margins"]

# Windows that are looked at, evenly spread, and at a time.
MOST_WINDOWS = 2048
AT_ONCE = 256


def validation_margins(task: SeriesFigures, windows: PanelWindows) -> list[list[float]]:
    """Measures how far quantiles have to be moved for a share q of the numbers to lie below them.

    Each target and level has one margin for all steps, in deviations of the scale of its series,
    the quantile of what came less what was forecast (conformalized quantiles, Romano et al. 2019,
    of each end by itself).

    Args:
        task: The forecaster, without margins.
        windows: Those of the validation part.

    Returns:
        `(K, Q)` numbers.
    """
    number = min(len(windows), MOST_WINDOWS)
    chosen = np.unique(np.linspace(0, len(windows) - 1, number, dtype="int64"))
    places, errors = task.layout.places, []
    for start in range(0, len(chosen), AT_ONCE):
        rows = chosen[start : start + AT_ONCE]
        batch = windows.take(rows)
        names = [windows.panel.names[place] for place in batch.series]
        known = np.concatenate([batch.past, batch.ahead[:, : windows.window]], axis=-1)
        _, deviation = task.scale.of(names, known)
        quantiles = task.forecasts(windows, rows)["quantiles"]
        apart = batch.future[..., None] - quantiles
        errors.append(apart / deviation[:, None, places, None])
    found = np.concatenate(errors)  # (N, H, K, Q)
    levels = task.levels or ()
    return [
        [float(np.quantile(found[:, :, k, i], level)) for i, level in enumerate(levels)]
        for k in range(found.shape[2])
    ]
