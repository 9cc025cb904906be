"""Tables as a forecaster of series reads them: the end of a series, with what is known ahead."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable

import numpy as np

from kerasrnn.datasets import PanelWindows
from kerasrnn.files import number_text
from kerasrnn.tasks.forecast.layout import Layout
from kerasrnn.tasks.forecast.series_inputs import static_values

__all__ = ["window_rows", "write_rows"]


def window_rows(
    windows: PanelWindows, row: int, layout: Layout, id_column: str | None
) -> list[list[str]]:
    """Writes a window as a table, with what is known of the rows behind it.

    Args:
        windows: The windows.
        row: Which of them.
        layout: The columns of the forecaster.
        id_column: Name of the column of ids, if there is one.

    Returns:
        The header, the W rows, and, where columns of the file are known ahead, the H rows behind
        them, without the other numbers.
    """
    panel, batch = windows.panel, windows.take([row])
    series, origin = panel.series[batch.series[0]], int(batch.origins[0])
    behind = windows.horizon if layout.ahead else 0
    rows = range(origin - windows.window, origin + behind)
    columns: list[tuple[str, Iterable[str]]] = []
    if series.times is not None:
        columns.append((panel.time_name, panel.written(series.times[rows.start : rows.stop])))
    if id_column is not None:
        columns.append((id_column, [series.name] * len(rows)))
    for name, values in static_values(batch.static, layout):
        text = values[0].decode() if isinstance(values[0], bytes) else number_text(values[0])
        columns.append((name, [text] * len(rows)))
    for place, name in enumerate(layout.past):
        cells = [number_text(number) for number in batch.past[0, :, place]]
        columns.append((name, [*cells, *[""] * behind]))
    for place, name in enumerate(layout.ahead):
        known: np.ndarray = batch.ahead[0, : len(rows), place]
        columns.append((name, [number_text(number) for number in known]))
    names, cells = zip(*columns, strict=True)
    return [list(names), *map(list, zip(*cells, strict=True))]


def write_rows(rows: list[list[str]], path: str | os.PathLike[str]) -> None:
    """Writes a table with commas."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
