"""How good forecasts of series are, beside the baselines, in all and by step of the horizon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.datasets import Panel, PanelPart, PanelScale, PanelWindows, baselines
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.tasks.forecast.calibration import deviations_of, rolling_margins
from kerasrnn.tasks.forecast.layout import Layout
from kerasrnn.tasks.forecast.series_inputs import columns_of
from kerasrnn.tasks.forecast.series_signatures import SeriesSignatures
from kerasrnn.tasks.tallies.forecast_tally import (
    figures_by_step,
    figures_by_target,
    forecast_figures,
    forecast_tally,
)
from kerasrnn.tasks.tallies.tallied import Tallied

__all__ = ["SeriesFigures"]


class SeriesFigures(Tallied):
    """The evaluation of a forecaster of series: every row of a part is an origin, a backtest."""

    layout: Layout
    window: int
    horizon: int
    levels: tuple[float, ...] | None
    season: int
    scale: PanelScale
    recalibrate: int | None
    training: Mapping[str, Mapping[str, Sequence[float | None]]]
    signatures: SeriesSignatures

    def windows(self, examples: PanelPart | Panel, stride: int = 1) -> PanelWindows:
        """Returns the windows of what `evaluate` takes.

        Args:
            examples: A part of a panel, whose windows may read what lies before it; or a panel.
            stride: How many rows it is from one window to the next.
        """
        layout = self.layout
        return PanelWindows(
            examples, self.window, self.horizon, layout.targets, layout.past, stride=stride
        )

    def run(self, signature: str, columns: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Runs a signature on arrays by the names of its inputs."""
        function: Any = self.signatures.functions[signature]
        outputs = function(*(columns[spec.name] for spec in function.input_signature))
        return {name: values.numpy() for name, values in outputs.items()}

    def forecasts(
        self, windows: PanelWindows, rows: Sequence[int] | np.ndarray
    ) -> dict[str, np.ndarray]:
        """Forecasts from some windows, with quantiles that are moved by those before each."""
        found = self.served_forecasts(windows, rows)
        if self.levels is None or self.recalibrate is None:
            return found
        margins = rolling_margins(self, windows, rows, self.recalibrate)
        margins *= deviations_of(self, windows, rows)[:, None, :, None]
        moved = np.sort(found["quantiles"] + margins, axis=-1)
        answer = self.signatures.answer(moved)
        return {name: values.numpy() for name, values in answer.items()}

    def following(self, series: Panel) -> dict[str, np.ndarray]:
        """Forecasts what follows a panel of one series, likewise: arrays of no batch."""
        layout = self.layout
        windows = PanelWindows.at_end(
            series, self.window, self.horizon, layout.targets, layout.past
        )
        wanted = self.window + self.horizon + (self.recalibrate or 0) - 1
        if (rows := int(windows.origins[0])) < wanted:
            note(
                f"quantiles are not moved by {self.recalibrate:,} windows before them in series of "
                f"fewer than {wanted:,} rows, such as one of {rows:,}"
            )
        return {name: values[0] for name, values in self.forecasts(windows, [0]).items()}

    def served_forecasts(
        self, windows: PanelWindows, rows: Sequence[int] | np.ndarray
    ) -> dict[str, np.ndarray]:
        """Forecasts from some windows: what `serving_default` gives."""
        batch = windows.take(rows)
        names = [windows.panel.names[place] for place in batch.series]
        times = None
        if self.layout.calendar:
            steps = np.arange(-self.window, self.horizon)
            times = np.stack(
                [
                    windows.panel.series[series].times[origin + steps]
                    for series, origin in zip(batch.series, batch.origins, strict=True)
                ]
            )
        return self.run("serving_default", columns_of(batch, self.layout, names, times))

    def evaluate(self, examples: PanelPart | Panel, batch_size: int = 1024) -> dict[str, Any]:
        """Measures on all windows of a part, beside the baselines.

        Args:
            examples: What `read` returns; or a `Panel`, all of whose rows are meant.
            batch_size: Windows in a batch.

        Returns:
            In the units of the file, over all targets and steps: `mae`, `rmse`; `mase` (Hyndman
            and Koehler 2006), below 1 where it beats the value of a season before in training;
            `smape` in percent; `scaled_mse` and `scaled_mae`, of numbers divided by the deviation
            of their series in training; with quantiles `pinball`, `coverage` and
            `interval_width` between the lowest and the highest level; the same of the last value,
            of the value of a season before, and of the drift, as `last_value_mae`, …;
            `examples`, the number of windows.

        Raises:
            ValueError: For a part without a window.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def number_of(self, examples: PanelPart | Panel) -> int:
        return len(self.windows(examples))

    def rows_of(self, examples: PanelPart | Panel, rows: range | None = None) -> Iterator[Any]:
        """Yields windows as the whole and a number; none is copied."""
        windows = self.windows(examples)
        return ((windows, i) for i in (range(len(windows)) if rows is None else rows))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        windows = rows[0][0]
        numbers = [number for _, number in rows]
        parts = [
            self.forecasts(windows, numbers[start : start + batch_size])
            for start in range(0, len(numbers), batch_size)
        ]
        found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        batch = windows.take(numbers)
        names = [windows.panel.names[place] for place in batch.series]
        return forecast_tally(
            found["forecast"],
            batch.future,
            mase_scale=self._of_training("naive_errors", names),
            deviation=self._of_training("deviations", names),
            quantiles=found.get("quantiles"),
            levels=self.levels,
            baselines=baselines(windows, numbers, self.season),
        )

    def _of_training(self, figure: str, names: Sequence[str]) -> np.ndarray:
        """`(B, K)` of the series of the windows, NaN of one that the training has not seen."""
        known = self.training[figure]
        if len(known) == 1:  # one series, however it is called
            known = dict.fromkeys(names, *known.values())
        nothing = [None] * len(self.layout.targets)
        return np.array([known.get(name, nothing) for name in names], "float64")

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return forecast_figures(tallies)

    def report(self, examples: PanelPart | Panel) -> dict[str, dict[str, float]]:
        """Returns the figures of each step of the horizon, a backtest with rolling origins, and,
        under `target NAME`, those of each of several targets."""
        return self.report_of(self.tallies(examples))

    def report_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        """Sums tallies up by step of the horizon, and by target."""
        tallies = list(tallies)
        report = {str(row.pop("step")): row for row in figures_by_step(tallies)}
        if len(self.layout.targets) > 1:
            rows = figures_by_target(tallies, self.layout.targets)
            report |= {f"target {row.pop('target')}": row for row in rows}
        return report
