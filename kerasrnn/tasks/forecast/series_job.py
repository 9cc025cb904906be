"""Training a `SeriesForecaster` from tables of series to a folder that holds everything."""

from __future__ import annotations

import functools
import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from kerasrnn.datasets import (
    Panel,
    PanelPart,
    PanelWindows,
    check_changes,
    fit_panel_scale,
    naive_errors,
    panel_examples,
    read_panel,
    split_panel,
    value_deviations,
)
from kerasrnn.files import CONFIG, number_text, read_config, write_beside, write_sealed
from kerasrnn.losses import Pinball
from kerasrnn.models import direct_forecaster, patch_forecaster, recursive_forecaster
from kerasrnn.options import Forecast
from kerasrnn.tasks.forecast.calibration import check_rows_before, validation_margins
from kerasrnn.tasks.forecast.job import ForecastJob
from kerasrnn.tasks.forecast.layout import Layout
from kerasrnn.tasks.forecast.series_files import window_rows, write_rows
from kerasrnn.tasks.forecast.series_pictures import draw_forecasts
from kerasrnn.tasks.forecast.series_task import SeriesForecaster
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.tallies.forecast_tally import figures_by_step, figures_by_target
from kerasrnn.tasks.training import recorded_settings

__all__ = ["SeriesJob", "forecast_job"]

# Windows of the test part that a run keeps.
SHOWN = 3


def forecast_job(options: Forecast) -> Job:
    """Makes the job of a forecaster: of the window of one table, or of series."""
    return ForecastJob(options) if options.method == "window" else SeriesJob(options)


class SeriesJob(Job):
    """Trains and evaluates a forecaster of series: `kerasrnn train forecast`."""

    options: Forecast

    monitor = "val_loss"
    curve = "scaled_mae"
    unit, rows = "rows", "windows"

    def run(self, output: str | os.PathLike[str], resume: bool = False, **how: Any) -> Any:
        before = recorded_settings(pathlib.Path(output)) if resume else None
        if before is not None and Forecast.recorded(before).method == "window":
            # Begun by that method, or before there was another one.
            older = ForecastJob(self.options.resuming(before))
            older.devices = self.devices
            return older.run(output, resume, **how)
        return super().run(output, resume, **how)

    def check(self) -> None:
        self._model(1, [0], 0, 0)

    def _model(self, columns: int, places: list[int], ahead: int, static: int) -> keras.Model:
        """Builds the model that the options name, for F columns, of which some are forecast."""
        options = self.options
        sizes = {
            "horizon": options.horizon,
            "ahead": ahead,
            "static": static,
            "quantiles": options.levels,
            "cell": options.cell,
            "units": options.units,
            "num_layers": options.num_layers,
            "dropout": options.dropout,
        }
        if options.patch_length is not None:
            patches = {"window": options.window, "patch_length": options.patch_length}
            return patch_forecaster(columns, places, **patches, **sizes)
        sizes["bidirectional"] = options.bidirectional
        if options.method == "recursive":
            return recursive_forecaster(columns, len(places), **sizes)
        return direct_forecaster(columns, len(places), pooling=options.pooling, **sizes)

    @functools.cached_property
    def _panel(self) -> Panel:
        return read_panel(
            self.options.data, encoding=self.options.encoding, **self.options.panel_options()
        )

    @functools.cached_property
    def _parts(self) -> dict[str, PanelPart]:
        return split_panel(self._panel, **self.options.part_sizes())

    def read(self, split: str) -> PanelPart:
        part = self._parts[split]
        targets = Layout.of(self._panel, tuple(self.options.target or ()), ()).targets
        PanelWindows(part, self.options.window, self.options.horizon, targets)  # or it is refused
        if split == "train":
            check_changes(part, targets)
        if split == "test" and self.options.recalibrate is not None:
            check_rows_before(
                part, self.options.window, self.options.horizon, self.options.recalibrate
            )
        return part

    def loss(self) -> keras.losses.Loss:
        if self.options.levels:
            return Pinball(self.options.levels)
        kind = {"mse": keras.losses.MeanSquaredError, "mae": keras.losses.MeanAbsoluteError}
        return kind[self.options.loss](reduction="mean_with_sample_weight")

    def metrics(self, task: SeriesForecaster) -> list[keras.metrics.Metric]:
        # Of scaled numbers; `evaluate` gives them in the units of the file.
        return [] if task.levels else [keras.metrics.MeanAbsoluteError("scaled_mae")]

    def curve_of(self, task: SeriesForecaster) -> str:
        return "loss" if task.levels else self.curve

    def new_task(self, train: PanelPart) -> SeriesForecaster:
        options, panel = self.options, train.panel
        names = tuple(
            name
            for name, start, stop in zip(panel.names, train.starts, train.stops, strict=True)
            if stop > start
        )
        layout = Layout.of(panel, tuple(options.target or ()), names)
        columns = (*layout.past, *panel.ahead)
        by = options.scale_by or ("changes" if options.offset == "last" else "values")
        scale = fit_panel_scale(train, columns, options.window, by, len(layout.past))
        model = self._model(len(columns), layout.places, layout.number_ahead, len(layout.static))
        season = options.season or (panel.step.season if panel.step else None) or 1
        return SeriesForecaster(
            model,
            layout,
            options.window,
            options.horizon,
            scale,
            offset=options.offset,
            levels=options.levels,
            recalibrate=options.recalibrate,
            reading={"time_form": panel.time_form},
            season=season,
            training={
                "naive_errors": naive_errors(train, layout.targets, season),
                "deviations": value_deviations(train, layout.targets),
            },
            settings=options.record(),
        )

    def examples(self, task: SeriesForecaster, raw: PanelPart) -> Any:
        return panel_examples(
            task.windows(raw),
            task.scale,
            task.offset,
            teacher_forcing=self.options.method == "recursive",
        )

    def sizes_of_batches(
        self, task: SeriesForecaster, raw: Mapping[str, Any]
    ) -> Iterable[tuple[int, list[int]]]:
        patch = self.options.patch_length
        rows_of = len(task.layout.targets) if patch else 1
        steps = task.window // (patch or 1)
        sizes = super().sizes_of_batches(task, raw)
        return [(rows * rows_of, [steps]) for rows, _ in sizes]

    def decided(self, task: Any, validation: PanelPart, folder: pathlib.Path) -> Any:
        if not task.levels or not self.options.calibrate:
            return task
        margins = validation_margins(task, task.windows(validation))
        shown = ", ".join(number_text(each, 3) for row in margins for each in row)
        print_wrapped(f"quantiles moved such that they hold on validation, by deviations: {shown}")
        write_sealed(folder / CONFIG, {**read_config(folder), "margins": margins})
        return task.with_margins(margins)

    def report(
        self, task: SeriesForecaster, test: PanelPart, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        windows = task.windows(test)
        chosen = np.unique(np.linspace(0, len(windows) - 1, SHOWN, dtype="int64"))
        folder.joinpath("examples").mkdir(exist_ok=True)
        lines = {}
        for i, row in enumerate(chosen):
            path = folder / "examples" / f"{i}.csv"
            rows = window_rows(windows, int(row), task.layout, self.options.id)
            write_beside(path, functools.partial(write_rows, rows))
            following = windows.take([row]).future.ravel()
            lines[f"examples/{i}.csv"] = " ".join(map(number_text, following))
        tallies = list(task.tallies(test))
        tables = {"by_step": figures_by_step(tallies)}
        draw_forecasts(task, windows, tables["by_step"], folder)
        if len(task.targets) > 1:
            tables["by_target"] = figures_by_target(tallies, task.targets)
        for name, rows in tables.items():
            write_beside(folder / f"{name}.csv", functools.partial(write_rows, _table_of(rows)))
        return task.figures_of(tallies), lines


def _table_of(rows: list[dict[str, Any]]) -> list[list[str]]:
    """Returns figures as the rows of a table, with a header."""
    texts = [[v if isinstance(v, str) else number_text(v) for v in row.values()] for row in rows]
    return [list(rows[0]), *texts]
