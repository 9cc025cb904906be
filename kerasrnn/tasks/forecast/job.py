"""Training a `Forecaster` from a CSV file to a folder that holds everything."""

from __future__ import annotations

import csv
import functools
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from kerasrnn.datasets import (
    Series,
    WindowScale,
    forecast_examples,
    forecast_windows,
    note,
    read_series,
)
from kerasrnn.files import number_text, write_beside
from kerasrnn.models import many_to_one
from kerasrnn.options import Forecast
from kerasrnn.tasks.forecast.task import Forecaster
from kerasrnn.tasks.job import Job

__all__ = ["ForecastJob"]

SHOWN = 3


class ForecastJob(Job):
    """Trains and evaluates a forecaster: `kerasrnn train forecast`."""

    options: Forecast

    monitor = "val_loss"
    curve = "scaled_mae"
    unit, rows = "rows", "windows"

    def check(self) -> None:
        many_to_one((1,), 1, **self.options.model_options())

    def read(self, split: str) -> Any:
        part = self._series.part(split)
        forecast_windows(part, self._targets, self.options.window, self.options.horizon)
        return part

    @functools.cached_property
    def _series(self) -> Series:
        series = read_series(
            self.options.data,
            self.options.columns or None,
            encoding=self.options.encoding,
            header=self.options.header,
        )
        for line in _said(series, self.options.header):
            note(f"{self.options.data}: {line}")
        return series

    @property
    def _targets(self) -> tuple[str, ...]:
        return tuple(self.options.target or self._series.columns[-1:])

    def loss(self) -> keras.losses.Loss:
        return keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")

    def metrics(self, task: Forecaster) -> list[keras.metrics.Metric]:
        # Of scaled numbers; `Forecaster.evaluate` gives them in the units of the file.
        return [keras.metrics.MeanAbsoluteError("scaled_mae")]

    def new_task(self, train: Any) -> Forecaster:
        window, horizon = self.options.window, self.options.horizon
        scale = WindowScale.fit(train, window, self.options.offset)
        size = len(train.columns), horizon * len(self._targets)
        model = many_to_one(size[:1], size[1], **self.options.model_options())
        record = self.options.record()
        return Forecaster(model, train.columns, self._targets, window, horizon, scale, record)

    def examples(self, task: Forecaster, raw: Any) -> Any:
        return forecast_examples(raw, task.targets, task.window, task.horizon, task.scale)

    def sizes_of_batches(
        self, task: Forecaster, raw: Mapping[str, Any]
    ) -> Iterable[tuple[int, list[int]]]:
        return [(rows, [task.window]) for rows, _ in super().sizes_of_batches(task, raw)]

    def report(
        self, task: Forecaster, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        windows, following = forecast_windows(test, task.targets, task.window, task.horizon)
        lines = {}
        # CSV files, which `kerasrnn predict` can read.
        for i, (window, numbers) in enumerate(zip(windows[:SHOWN], following, strict=False)):
            path = folder / "examples" / f"{i}.csv"
            path.parent.mkdir(exist_ok=True)
            rows = [task.columns, *window.tolist()]
            write_beside(path, functools.partial(_write_csv, rows))
            lines[f"examples/{i}.csv"] = " ".join(map(number_text, numbers.ravel()))
        return task.evaluate(test), lines


def _said(series: Series, header: bool | None) -> list[str]:
    """What was left out of a file, what names its rows, and that the first one names no columns."""
    lines = [
        f"left out: {name} ({f'{cell:.40} is no number' if cell else 'empty'})"
        for name, cell in series.left_out
    ]
    if header is None and all(map(str.isdecimal, series.columns)):
        lines.append("no header: columns are named by their numbers (--header says otherwise)")
    if series.times is not None:
        lines.append(f"the rows are named by: {series.time_name}")
    return lines


def _write_csv(rows, path) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
