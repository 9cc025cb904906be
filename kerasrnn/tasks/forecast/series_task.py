"""Several series to the numbers that follow each, with quantiles and what is known ahead."""

from __future__ import annotations

import copy
import dataclasses
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_length
from kerasrnn.datasets import Panel, PanelPart, PanelScale, read_panel, split_panel
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.table_rows import TABLES
from kerasrnn.files import found_in
from kerasrnn.options import Source
from kerasrnn.options.words import Offset
from kerasrnn.tasks.forecast.layout import Layout
from kerasrnn.tasks.forecast.series_figures import SeriesFigures
from kerasrnn.tasks.forecast.series_inputs import (
    checked_series,
    columns_of,
    constant_series,
    last_windows,
    single_series,
)
from kerasrnn.tasks.forecast.series_signatures import SeriesSignatures
from kerasrnn.tasks.forecast.series_tables import SeriesTables

__all__ = ["SeriesForecaster"]


class SeriesForecaster(SeriesTables, SeriesFigures):
    """A forecaster of one or several series, with what its columns are to it.

    Args:
        model: What `models.direct_forecaster`, `recursive_forecaster` or `patch_forecaster`
            returned, trained or not.
        layout: Which columns it reads, in which order.
        window: Number of rows W that it reads.
        horizon: Number of rows H that it forecasts.
        scale: That of the training part, of the columns of the past and those known ahead.
        offset: What is taken off a window and added to its forecast.
        levels: Levels of the quantiles, if any.
        reading: How its files were found to be written: what `read_panel` takes as `time_form`.
        margins: `(K, Q)` what is added to the quantiles of each target, in deviations of the
            scale, such that they hold on the validation part; `None` for nothing.
        recalibrate: By how many windows before each forecast its quantiles are moved once more, see
            `rolling_margins`, if any; a SavedModel, which reads one window, has the margins alone.
        season: After how many rows a series is expected to repeat, for the baselines; 1 for none.
        training: What figures are divided by: under `naive_errors` by id of a series the mean
            absolute error that the value of a season before has in its training part, of each
            target, and under `deviations` the deviation of its values.
        settings: What the training was told, for the record.

    Raises:
        ValueError: For a scale or a model of other columns.
    """

    name = "forecast-series"
    options_class = options.Forecast
    served_answer = "forecast"
    tally_batch = 1024

    def __init__(
        self,
        model: keras.Model,
        layout: Layout,
        window: int,
        horizon: int,
        scale: PanelScale,
        *,
        offset: Offset = "last",
        levels: Sequence[float] | None = None,
        reading: Mapping[str, Any] | None = None,
        margins: Sequence[Sequence[float]] | None = None,
        recalibrate: int | None = None,
        season: int = 1,
        training: Mapping[str, Mapping[str, Sequence[float | None]]] | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, settings)
        self.layout, self.scale = layout, scale
        self.offset: Offset = offset
        self.targets = layout.targets
        self.window, self.horizon = check_length("window", window), check_length("horizon", horizon)
        self.levels = tuple(levels) if levels else None
        self.margins = None if margins is None else [list(each) for each in margins]
        self.recalibrate = None if recalibrate is None else check_length("recalibrate", recalibrate)
        self.reading, self.season = dict(reading or {}), season
        self.training = training or {"naive_errors": {}, "deviations": {}}
        shape = (horizon, len(layout.targets), *([len(levels)] if levels else []))
        wanted = len(layout.past) + layout.number_ahead
        if model.output_shape[1:] != shape or scale.mean.shape[1] != wanted:
            raise UserError(
                f"Expected a model of {shape} numbers and a scale of {wanted} columns. "
                f"Received: {model.output_shape[1:]} and {scale.mean.shape[1]}"
            )

    def new_signatures(self) -> SeriesSignatures:
        steps = (self.window, self.horizon)
        return SeriesSignatures(
            self.model, self.layout, self.scale, self.offset, *steps, self.levels, self.margins
        )

    def with_margins(self, margins: Sequence[Sequence[float]]) -> SeriesForecaster:
        """Returns the same forecaster with moved quantiles.

        Args:
            margins: `(K, Q)`, see above.

        Returns:
            A forecaster over the same model, which is not copied.
        """
        other = copy.copy(self)
        vars(other).pop("signatures", None)  # they answer by the margins of this one
        other.margins = [list(each) for each in margins]
        return other

    def described(self) -> dict[str, Any]:
        return {"targets": list(self.layout.targets), "quantiles": list(self.levels or ())}

    def predict(self, inputs: Iterable[Any], batch_size: int = 1024) -> list[np.ndarray]:
        """Forecasts what follows each series.

        Args:
            inputs: A `datasets.Panel` of one series each, with what is known ahead; or `(W, P)`
                numbers for a forecaster that reads nothing else.
            batch_size: Series in a batch.

        Returns:
            For each an `(H, K)` float64 array in the units of the file.

        Raises:
            ValueError: For other columns, too few rows, a column known ahead that ends too early,
                or numbers that are not finite.
        """
        return [each["forecast"] for each in self.answers_of(inputs, batch_size)]

    def forecast(self, panel: Panel) -> Panel:
        """Forecasts what follows each series of a panel.

        Args:
            panel: What `read` returns of a file, or `datasets.read_panel`.

        Returns:
            A `Panel` of H rows for each series, with their times. Its columns are the targets,
            each followed by its quantiles, such as `sold` and `sold 0.9`.

        Raises:
            ValueError: As in `predict`.
        """
        series, singles = [], list(single_series(panel))
        for single, answer in zip(singles, self.answers_of(singles, 1024), strict=True):
            values = np.stack(list(self.columns(answer).values()), axis=1)
            (each,) = single.series
            times = self.times_behind(single)
            series.append(
                dataclasses.replace(
                    each, values=values, known=self.horizon, times=times, static=np.zeros(0)
                )
            )
        columns = tuple(self.column_names())
        return Panel(
            tuple(series), columns, panel.step, time_name=panel.time_name, time_form=panel.time_form
        )

    def answers_of(self, inputs: Iterable[Any], batch_size: int) -> list[dict[str, np.ndarray]]:
        panels = self.checked(inputs)
        if self.recalibrate is not None:
            return [self.following(each) for each in panels]
        batches = [self._served([each]) for each in panels]
        found = []
        for start in range(0, len(batches), batch_size):
            some = batches[start : start + batch_size]
            joined = {name: np.concatenate([each[name] for each in some]) for name in some[0]}
            outputs = self.run("serving_default", joined)
            found += [
                {name: values[i] for name, values in outputs.items()} for i in range(len(some))
            ]
        return found

    def _served(self, panels: Sequence[Panel]) -> dict[str, np.ndarray]:
        """The inputs of the signatures for panels of one series each."""
        found = []
        for panel in panels:
            batch = last_windows(panel, self.layout, self.window, self.horizon)
            (series,) = panel.series
            times = None
            if self.layout.calendar:
                (more,) = panel.continued(self.horizon).series
                times = np.asarray(more.times)[None, series.known - self.window :]
            found.append(columns_of(batch, self.layout, [series.name], times))
        return {name: np.concatenate([each[name] for each in found]) for name in found[0]}

    def served_inputs(self, inputs: Sequence[Any]) -> dict[str, Any]:
        return {name: values.tolist() for name, values in self._served(inputs).items()}

    def checked(self, inputs: Iterable[Any]) -> list[Panel]:
        return checked_series(inputs, self.layout, self.window)

    def default_inputs(self) -> list[Panel]:
        """A series that stays at the means of the training."""
        form = self.reading.get("time_form")
        return [constant_series(self.layout, self.scale, self.window, self.horizon, form)]

    def read_panel(self, path: str | os.PathLike[str], encoding: str = "utf-8") -> Panel:
        """Reads the columns of this forecaster from a file, as its training did.

        Args:
            path: A table, or a folder of them; see `datasets.read_panel`.
            encoding: That of the files.

        Raises:
            ValueError: As in `datasets.read_panel`.
        """
        layout, given = self.layout, self.options.panel_options()
        given |= {"columns": layout.columns, "known_ahead": layout.ahead}
        given |= {"calendar": layout.calendar, "static": tuple(layout.static_columns)}
        given |= {"categories": layout.categories or None, "encoding": encoding}
        return read_panel(path, **given, **self.reading)

    def read_source(self, source: Source) -> PanelPart:
        panel = self.read_panel(source.data, source.encoding)
        if source.split is None:
            return PanelPart.whole(panel)
        return split_panel(panel, **self.options.part_sizes())[str(source.split)]

    def read_inputs(self, source: Source) -> Iterator[Any]:
        """Yields the series of a table or a folder; of another file each line is an input."""
        if os.path.isdir(source.data) or form_of(source.data) in TABLES:
            yield from single_series(self.read_panel(source.data, source.encoding))
        else:
            yield from super().read_inputs(source)

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike[str] = ".") -> list[Any]:
        """Reads series: a line is the path of a table of one series."""
        return [
            panel
            for line in lines
            for panel in single_series(self.read_panel(found_in(folder, line.strip())))
        ]

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        return {
            "columns": list(self.layout.columns),
            "targets": list(self.layout.targets),
            "layout": self.layout.record(),
            "window": self.window,
            "horizon": self.horizon,
            "scale": self.scale.record(),
            "offset": self.offset,
            "quantiles": None if self.levels is None else list(self.levels),
            "reading": self.reading,
            "margins": self.margins,
            "recalibrate": self.recalibrate,
            "season": self.season,
            "training": self.training,
        }

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> SeriesForecaster:
        names = ("offset", "reading", "margins", "season", "training", "settings")
        return cls(
            model,
            Layout.read(config["layout"]),
            config["window"],
            config["horizon"],
            PanelScale.read(config["scale"]),
            levels=config["quantiles"],
            recalibrate=config.get("recalibrate"),
            **{name: config[name] for name in names},
        )
