"""Pictures of a forecaster of series: a forecast beside what came, and errors by step."""

from __future__ import annotations

import pathlib

from kerasrnn.datasets import PanelWindows, baselines
from kerasrnn.files import write_beside
from kerasrnn.plotting import figures_by_horizon, forecast_curve
from kerasrnn.tasks.forecast.series_figures import SeriesFigures

__all__ = ["draw_forecasts"]

# How many horizons of history are drawn in front of a forecast.
BEFORE = 3


def draw_forecasts(
    task: SeriesFigures,
    windows: PanelWindows,
    by_step: list[dict[str, float]],
    folder: pathlib.Path,
) -> None:
    """Writes `forecast.png`, the last window of a part, and `by_step.png`.

    Args:
        task: The forecaster.
        windows: The windows of the part.
        by_step: Its figures by step of the horizon, see `figures_by_step`.
        folder: The folder of the run.
    """
    write_beside(folder / "forecast.png", _last_forecast(task, windows))
    levels = task.levels or ()
    nominal = levels[-1] - levels[0] if len(levels) > 1 else None
    if len(by_step) > 1:
        picture = figures_by_horizon(by_step, nominal=nominal)
        write_beside(folder / "by_step.png", picture.savefig)


def _last_forecast(task, windows):
    row = len(windows) - 1
    batch, found = windows.take([row]), task.forecasts(windows, [row])
    panel = windows.panel
    series, origin = panel.series[batch.series[0]], int(batch.origins[0])
    first = max(0, origin - max(BEFORE * task.horizon, task.season))
    (place,) = panel.places(task.layout.targets[:1])
    others = baselines(windows, [row], task.season)
    name = "seasonal_naive" if "seasonal_naive" in others else "last_value"
    interval, label = None, "interval"
    if task.levels and len(task.levels) > 1:
        quantiles = found["quantiles"][0, :, 0]
        interval = quantiles[:, 0], quantiles[:, -1]
        label = f"{task.levels[-1] - task.levels[0]:.0%} interval"
    times = None
    if series.times is not None:
        times = series.times[first : origin + task.horizon].astype("M8[s]").tolist()
    title = " ".join(each for each in (task.layout.targets[0], series.name) if each)
    picture = forecast_curve(
        series.values[first:origin, place],
        found["forecast"][0, :, 0],
        batch.future[0, :, 0],
        others[name][0, :, 0],
        interval=interval,
        interval_label=label,
        times=times,
        quantity=task.layout.targets[0],
        title=f"{title}, the last of the test part; baseline: {name.replace('_', ' ')}",
    )
    return picture.savefig
