"""Windows of a numeric series to the numbers that follow."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_length, check_list, check_texts
from kerasrnn.datasets import (
    Series,
    WindowScale,
    forecast_windows,
    read_series,
)
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.table_rows import TABLES
from kerasrnn.datasets.sources.raw_series import RawSeries, as_series
from kerasrnn.files import found_in, number_text
from kerasrnn.options import Source
from kerasrnn.tasks.batching import run_in_batches
from kerasrnn.tasks.forecast.forecast_windows import SHOWING, as_window, times_behind
from kerasrnn.tasks.forecast.signatures import ForecastSignatures
from kerasrnn.tasks.records import no_classes
from kerasrnn.tasks.tallies.sums import error_figures, error_tally
from kerasrnn.tasks.tallies.tallied import Tallied

__all__ = ["Forecaster"]


class Forecaster(Tallied):
    """A `many_to_one` regression with the columns that it reads and forecasts, and their scale.

    Args:
        model: What `many_to_one` returned for `(F,)` vectors with H * K outputs, trained or not.
        columns: Names of the F columns of a window.
        targets: Names of the K columns to forecast, each one of `columns`.
        window: Number of rows W of a window.
        horizon: Number of rows H to forecast.
        scale: That of the training part.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where columns, targets or horizon are not those that the model was built for.

    Example:

    >>> series = Series(("x", "z"), np.random.default_rng(1).normal(size=(50, 2)))
    >>> model, scale = many_to_one((2,), 3, units=5), WindowScale.fit(series, window=7)
    >>> task = Forecaster(model, ["x", "z"], ["z"], window=7, horizon=3, scale=scale)
    >>> task.predict([series.values[-7:]])[0].shape
    (3, 1)
    """

    name = "forecast"
    options_class = options.Forecast
    served_answer = "forecast"
    tally_batch = 1024

    def __init__(
        self,
        model: keras.Model,
        columns: Sequence[str],
        targets: Sequence[str],
        window: int,
        horizon: int,
        scale: WindowScale,
        settings: Mapping | None = None,
    ):
        super().__init__(model, settings)
        check_length("window", window)
        check_length("horizon", horizon)
        features = next(tensor.shape for tensor in model.inputs if tensor.name == "features")
        sizes = features[-1], model.output_shape[-1]
        if sizes != (len(columns), horizon * len(targets)) or len(scale.mean) != len(columns):
            raise UserError(
                f"Expected {sizes[0]} columns and {sizes[1]} numbers to forecast, as the model "
                f"has. Received: the columns {list(columns)}, {len(scale.mean)} scales, and "
                f"{horizon} times {list(targets)}"
            )
        if not set(targets) <= set(columns):
            raise UserError(
                f"Expected targets among the columns {list(columns)}. Received: {list(targets)}"
            )
        self.columns, self.targets = tuple(columns), tuple(targets)
        self.window, self.horizon, self.scale = window, horizon, scale
        self.places = [self.columns.index(name) for name in targets]

    def new_signatures(self) -> ForecastSignatures:
        return ForecastSignatures(self.model, self.scale, self.window, self.horizon, self.places)

    def predict(self, inputs: Iterable, batch_size: int = 1024) -> list[np.ndarray]:
        """Forecasts what follows each window.

        Args:
            inputs: Windows: `(W, F)` arrays in the units of the file, `(W,)` of one column, or a
                `Series` or a table with these columns, whose last W rows are meant.
            batch_size: Windows in a batch.

        Returns:
            For each an `(H, K)` float64 array in the units of the file, with as many decimals as
            the model can know.

        Raises:
            ValueError: For a window of another shape, or numbers that are not finite.
        """
        windows = [self._as_window(each) for each in self.checked(inputs)]
        outputs = run_in_batches(
            lambda batch: self.signatures.functions["serving_default"](np.stack(batch)),
            windows,
            [self.window] * len(windows),
            batch_size,
        )
        return outputs.get("forecast", [])

    def read_source(self, source: Source) -> Any:
        """Reads the columns that this forecaster takes, see `datasets.read_series`."""
        series = read_series(
            source.data, self.columns, encoding=source.encoding, header=self.options.header
        )
        # A series is in order, and has no folds.
        return series if source.split is None else series.part(cast(str, source.split))

    def read_window(self, path: str | os.PathLike, *, encoding: str = "utf-8") -> Series:
        """Reads the last rows of a file, for `predict` and `forecast`.

        Args:
            path: The file, which has the columns of this forecaster, perhaps among others; see
                `datasets.read_series`.
            encoding: That of the file.

        Returns:
            Its last W rows, and as many before them as there are, up to ten in all, whose times
            show whether their step is regular.

        Raises:
            ValueError: As in `read_series`, or for less than W rows.
        """
        series = self.read(os.fspath(path), None, encoding=encoding)
        if len(series.values) < self.window:
            raise UserError(
                f"{path}: expected at least {self.window} rows, a window of this forecaster. "
                f"Received: {len(series.values)}"
            )
        return series.rows(-max(self.window, SHOWING))

    def forecast(self, series: RawSeries) -> Series:
        """Forecasts what follows a series.

        Args:
            series: At least W rows of the columns of this forecaster, as in `evaluate`.

        Returns:
            The targets, H rows of them. Their `times` go on from those of the series where these
            have a regular step; else they number the steps from 1, and `time_name` is `"step"`.

        Raises:
            ValueError: For other columns, or as in `predict`.

        Example:

        >>> task.forecast(task.read_window("sales.csv")).times  # doctest: +SKIP
        ('2026-12-01', '2026-12-02', '2026-12-03')
        """
        series = as_series(series, self.columns)
        (values,) = self.predict([series])
        name, times = times_behind(series, self.window, self.horizon)
        return Series(self.targets, values, times, name)

    def evaluate(self, examples: RawSeries, batch_size: int = 1024) -> dict[str, float]:
        """Measures on all windows of a series, beside the forecast that nothing changes.

        Args:
            examples: A `Series` with the columns of this forecaster; a table that has them, such
                as a DataFrame; or an array `(T, F)` or a list of rows, in the order of the columns.
            batch_size: Windows in a batch.

        Returns:
            In the units of the file, over all targets and steps of the horizon: `mae` and `rmse`,
            the mean absolute error and the root of the mean squared one; `last_value_mae` and
            `last_value_rmse`, those of predicting the last value of each window for all steps;
            `examples`, the number of windows.

        Raises:
            ValueError: For other columns, or a series that is shorter than a window and its
                horizon.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def _windows(self, examples: RawSeries) -> tuple[np.ndarray, np.ndarray]:
        series = as_series(examples, self.columns)
        return forecast_windows(series, self.targets, self.window, self.horizon)

    def number_of(self, examples: RawSeries) -> int:
        return len(self._windows(examples)[0])

    def rows_of(self, examples: RawSeries, rows: range | None = None) -> Iterator:
        """Yields windows and what follows each; they overlap, and none is copied."""
        windows, following = self._windows(examples)
        chosen = range(len(windows)) if rows is None else rows
        return ((windows[i], following[i]) for i in chosen)

    def tally(self, rows: list, batch_size: int) -> dict[str, Any]:
        windows, following = (np.stack(each) for each in zip(*rows, strict=True))
        errors = np.stack(self.predict(windows, batch_size)) - following
        return {
            "errors": error_tally(errors),
            "unchanged": error_tally(windows[:, -1:, self.places] - following),
            "numbers": errors.size,
            "examples": len(rows),
        }

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return error_figures(tallies)

    @property
    def steps(self) -> dict[str, str]:
        return {"steps": "step", "times": "time", **{name: name for name in self.targets}}

    def read_inputs(self, source: Source) -> Iterator:
        """Reads the last rows of a table as a `Series`; of another file, each line is an input."""
        if form_of(source.data) in TABLES:
            yield self.read_window(source.data, encoding=source.encoding)
        else:
            yield from super().read_inputs(source)

    def answers(self, inputs: Iterable) -> Iterator:
        """A line for each window of numbers; for a `Series` one for each step, behind its time."""
        inputs = list(inputs)
        for each, forecast in zip(inputs, self.predict(inputs), strict=True):
            if not isinstance(each, Series):
                yield forecast
                continue
            _, times = times_behind(each, self.window, self.horizon)
            for time, numbers in zip(times, forecast, strict=True):
                yield "\t".join([time, *map(number_text, numbers)])

    def records(self, inputs: Iterable, *, probabilities: bool = False) -> list[dict]:
        no_classes(probabilities, "numbers")
        inputs, records = list(inputs), []
        for each, forecast in zip(inputs, self.predict(inputs), strict=True):
            name, times = times_behind(each, self.window, self.horizon)
            times = list(range(1, self.horizon + 1)) if name == "step" else list(times)
            record = {"steps" if name == "step" else "times": times}
            records.append(record | dict(zip(self.targets, forecast.T.tolist(), strict=True)))
        return records

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike = ".") -> list:
        """Reads windows: a line is W * F numbers with commas between them, a row after the other;
        or the path of a CSV file, whose last W rows are the window."""
        return [self._parse(line.strip(), folder) for line in lines]

    def checked(self, inputs: Iterable) -> list:
        return check_list("inputs", inputs, "windows")

    def served_inputs(self, inputs: Sequence) -> dict:
        return {"window": [self._as_window(each).tolist() for each in inputs]}

    def described(self) -> dict:
        return {"columns": list(self.columns), "targets": list(self.targets)}

    def default_inputs(self) -> list:
        return [np.tile(self.scale.mean, (self.window, 1))]

    def _as_window(self, numbers) -> np.ndarray:
        return as_window(numbers, self.window, self.columns, self.scale)

    def _parse(self, line: str, folder) -> np.ndarray:
        if line.endswith(".csv"):
            return self.read_window(found_in(folder, line)).values[-self.window :]
        shape = (self.window, len(self.columns))
        try:
            return np.array([float(cell) for cell in line.split(",")]).reshape(shape)
        except ValueError:
            raise UserError(
                f"Expected {shape[0] * shape[1]} numbers with commas between them, {shape[0]} rows "
                f"of {', '.join(self.columns)}, or the path of a .csv file. Received: {line[:60]!r}"
            ) from None

    def save_parts(self, folder: pathlib.Path) -> dict:
        return {
            **self.described(),
            "window": self.window,
            "horizon": self.horizon,
            "scale": dataclasses.asdict(self.scale),
        }

    @classmethod
    def load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict) -> Forecaster:
        parts = {name: config[name] for name in ("window", "horizon")}
        parts |= {name: check_texts(name, config[name]) for name in ("columns", "targets")}
        scale = config["scale"]
        scale = WindowScale(scale["offset"], tuple(scale["mean"]), tuple(scale["deviation"]))
        return cls(model, **parts, scale=scale, settings=config["settings"])
