"""The options of `kerasrnn train forecast`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, ClassVar

from kerasrnn.options.fields import Unrecorded
from kerasrnn.options.groups import Bidirectional, Data, Encoded, Pooled
from kerasrnn.options.ranges import Count, Length
from kerasrnn.options.words import Offset, Pooling

__all__ = ["Forecast"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Forecast(Data, Bidirectional, Pooled, Encoded):
    """Train a many-to-one model that forecasts the numbers that follow a window of a series.

    The first 80 % of the rows train, the next 10 % validate, the last 10 % test.

    Args:
        data: A .csv file (commas, semicolons or tabs between the cells), .tsv or .jsonl, a row for
            each step of time. Numbers are such as 12, -0.5 or 1e-3; where no commas separate the
            cells, 0,5 too. A column of dates names the rows.
        window: Number of rows that the model reads.
        horizon: Number of rows that it forecasts.
        columns: Names of the columns to read, such as --columns level moon. By default all but
            those of something else than numbers.
        target: Names of the columns to forecast. The last column that is read by default.
        header: Whether the first row has the names of the columns, which may be numbers. By
            default it has where none of its cells is a number; without names they are 1, 2, …
        offset: What is taken off each window and added to its forecast: its own last row, or the
            mean of the training rows.
        pooling: What sums up the window.
        batch_size: Windows in a batch.

    Example:

    >>> options.Forecast(data="tides.csv", window=48).horizon
    1
    """

    task: ClassVar[str] = "forecast"

    window: Length = 24
    horizon: Length = 1
    columns: tuple[str, ...] | None = None
    target: tuple[str, ...] | None = None
    header: Annotated[bool | None, Unrecorded(None)] = None
    offset: Offset = "last"
    bidirectional: bool = False
    pooling: Pooling = "last"
    epochs: Count = 20
