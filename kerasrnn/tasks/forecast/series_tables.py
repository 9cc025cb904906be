"""How the forecasts of series are printed, and put into tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from kerasrnn.datasets import Panel
from kerasrnn.files import number_text
from kerasrnn.tasks.records import no_classes
from kerasrnn.tasks.tallies.tallied import Tallied

__all__ = ["SeriesTables"]


class SeriesTables(Tallied):
    """The tables of a forecaster of series."""

    horizon: int
    targets: tuple[str, ...]
    levels: tuple[float, ...] | None

    def answers_of(self, panels: list[Panel], batch_size: int) -> list[dict[str, np.ndarray]]:
        """Returns what `serving_default` gives for panels of one series each."""
        raise NotImplementedError

    def column_names(self) -> list[str]:
        """Names each target, and its quantiles behind it, such as `sold` and `sold 0.9`."""
        levels = self.levels or ()
        return [
            name
            for target in self.targets
            for name in (target, *(f"{target} {level:g}" for level in levels))
        ]

    def columns(self, answer: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns the `(H,)` numbers of an answer by `column_names`."""
        numbers = answer["forecast"][..., None]
        if self.levels:
            numbers = np.concatenate([numbers, answer["quantiles"]], axis=-1)
        flat = numbers.reshape(self.horizon, -1)
        return dict(zip(self.column_names(), flat.T, strict=True))

    def times_behind(self, panel: Panel) -> np.ndarray | None:
        """Returns the times of the H rows that follow a panel of one series, if they are known."""
        (series,) = panel.continued(self.horizon).series
        return None if series.times is None else series.times[series.known :]

    def answers(self, inputs: Iterable[Any]) -> Iterator[str]:
        """A line for each step of each series: the id, where there are several, the time, and the
        numbers, those of each target with its quantiles."""
        for record in self.records(inputs):
            rows = zip(*(record[name] for name in self.column_names()), strict=True)
            names = [record["series"]] if "series" in record else []
            for time, numbers in zip(record[_steps(record)], rows, strict=True):
                yield "\t".join([*names, str(time), *map(number_text, numbers)])

    @property
    def steps(self) -> dict[str, str]:  # type: ignore[override]
        return {"steps": "step", "times": "time", **{name: name for name in self.column_names()}}

    def records(
        self, inputs: Iterable[Any], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        no_classes(probabilities, "numbers")
        panels, records = self.checked(inputs), []
        for panel, answer in zip(panels, self.answers_of(panels, 1024), strict=True):
            times = self.times_behind(panel)
            record: dict[str, Any] = {"series": panel.names[0]} if panel.names[0] else {}
            if times is None:
                record["steps"] = list(range(1, self.horizon + 1))
            else:
                record["times"] = panel.written(times)
            columns = self.columns(answer).items()
            records.append(record | {name: numbers.tolist() for name, numbers in columns})
        return records


def _steps(record: Mapping[str, Any]) -> str:
    return "times" if "times" in record else "steps"
