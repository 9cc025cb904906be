"""Series from a table, from several, or from a folder of them."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping, Sequence

from kerasrnn.checks import UserError, check_choice, check_texts, first_of
from kerasrnn.datasets.panels.calendar_features import calendar_columns
from kerasrnn.datasets.panels.panel import Panel, TimeSeries
from kerasrnn.datasets.panels.panel_columns import Roles, read_columns
from kerasrnn.datasets.panels.raw_panel import RawPanel, sorted_rows, static_numbers
from kerasrnn.datasets.panels.regular import MISSING_RULES, filled, known_rows, merged, regular
from kerasrnn.datasets.panels.time_steps import TimeStep
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.table_rows import TABLES

__all__ = ["read_panel"]

Path = str | os.PathLike[str]


def read_panel(
    path: Path | Sequence[Path],
    *,
    time: str | None = None,
    id: str | None = None,
    columns: Sequence[str] | None = None,
    static: Sequence[str] = (),
    known_ahead: Sequence[str] = (),
    calendar: Sequence[str] = (),
    resample: str | None = None,
    missing: str = "refuse",
    irregular: bool = False,
    encoding: str = "utf-8",
    header: bool | None = None,
    time_form: str | None = None,
    categories: Mapping[str, Sequence[str]] | None = None,
) -> Panel:
    """Reads series of numbers: columns of a table, a row for each step of time.

    Tables and numbers are written as for `read_series`. Rows of a series are in the order of time;
    rows of several series may stand in any order. Rows at the end in which only columns known ahead
    have numbers are the future.

    Args:
        path: A file, several, or a folder, whose files are read in the order of their names.
            Without `id` each of several files is a series that has the name of its file.
        time: The column of times. By default the first one that has dates or times in all rows.
            One of numbers has to be named: years, 202611, 20261130, or seconds or milliseconds
            since 1970.
        id: The column that says which series a row belongs to.
        columns: Those of numbers, in this order; by default all that are mostly numbers.
        static: Columns that do not change within a series; of texts each category is a column of
            0 and 1.
        known_ahead: Those of the columns of numbers whose future is known when one forecasts.
        calendar: Features of the calendar, known ahead: of `hour`, `weekday`, `monthday`,
            `yearday`, `week` and `month`, each a column of a sine and one of a cosine.
        resample: A step such as `1h`, `1d`, `1w` or `1M`: each row is then the mean of those
            within a step. By default the step is the most frequent one between times.
        missing: What is done where a number or a whole row is missing: `"refuse"`, or it is filled
            by the `"last"` number before, on a `"linear"` way between the neighbours (for which one
            looks ahead), or by `"zero"`. What is filled counts as a number then.
        irregular: Whether the rows are steps though their times are not regular.
        encoding: That of the files.
        header: Whether the first row names the columns, see `read_series`.
        time_form: How times are written, `Panel.time_form` of an earlier reading; found by default.
        categories: Of static columns those that an earlier reading found, `Panel.categories`.

    Returns:
        The `Panel`.

    Raises:
        ValueError: In one sentence, with file and line where there is one, for what is not there
            or no number, for a time that jumps back or is there twice, for rows or numbers that
            are missing, and for a static column that changes.

    Example:

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "shops.csv")
    ...     rows = ["day,shop,sold", "2026-11-01,a,5", "2026-11-01,b,7", "2026-11-02,a,6"]
    ...     _ = path.write_text("\\n".join(rows))
    ...     panel = read_panel(path, id="shop")
    >>> panel.names, panel.columns, str(panel.step), panel.series[0].values.tolist()
    (('a', 'b'), ('sold',), '1d', [[5.0], [6.0]])
    """
    check_choice("missing", missing, ("refuse", *MISSING_RULES))
    wanted = None if resample is None else TimeStep.parse(resample)
    calendar_columns(calendar)  # or they are refused before a file is read
    given = None if columns is None else tuple(check_texts("columns", columns, "names"))
    roles = Roles(time, id, given, tuple(static), tuple(known_ahead))
    files = [
        read_columns(each, roles, encoding=encoding, header=header) for each in _paths_of(path)
    ]
    raw = sorted_rows(files, roles, time_form, repeats=wanted is not None)
    step = _on_steps(raw, wanted, missing, irregular=irregular)
    if calendar and raw.time_name is None:
        raise UserError(f"{files[0].path}: expected a column of times for the calendar")
    ahead = [raw.columns.index(name) for name in roles.ahead]
    known = [known_rows(rows, ahead) for rows in raw.rows]
    values = filled(raw.rows, known, raw.columns, ahead, missing)
    labels, found, numbers = static_numbers(raw.rows, roles.static, categories)
    series = (
        TimeSeries(rows.name, own, number, rows.times, fixed)
        for rows, number, own, fixed in zip(raw.rows, known, values, numbers, strict=True)
    )
    panel = Panel(
        tuple(series),
        raw.columns,
        step,
        roles.ahead,
        static=labels,
        categories=found,
        time_name=raw.time_name or "time",
        time_form=raw.time_form or "iso auto",
    )
    return panel.with_calendar(calendar)


def _paths_of(path: Path | Sequence[Path]) -> list[Path]:
    if not isinstance(path, (str, os.PathLike)):
        paths = list(path)
        if not paths:
            raise UserError("Expected at least one file of series. Received: none")
        return paths
    folder = pathlib.Path(path)
    if not folder.is_dir():
        return [path]
    found = sorted(each for each in folder.iterdir() if form_of(each) in TABLES)
    if not found:
        there = first_of(sorted(each.name for each in folder.iterdir())) or "none"
        raise UserError(
            f"{folder}: expected files that end with {', '.join(TABLES)}. Received: {there}"
        )
    return list(found)


def _on_steps(
    raw: RawPanel, wanted: TimeStep | None, missing: str, *, irregular: bool
) -> TimeStep | None:
    """Puts the rows of all series on regular steps, and returns the step."""
    path = raw.rows[0].path
    if raw.time_name is None:
        if wanted is not None:
            raise UserError(f"{path}: expected a column of times for `resample`. Received: none")
        return None
    if wanted is not None:
        if irregular:
            raise UserError("Expected `resample` or `irregular`. Received: both")
        before = sum(len(rows.lines) for rows in raw.rows)
        raw.rows = [merged(rows, wanted) for rows in raw.rows]
        after = sum(len(rows.lines) for rows in raw.rows)
        note(f"{path}: {before:,} rows resampled to {after:,} with a step of {wanted}, by the mean")
        return wanted
    step = TimeStep.find([rows.times for rows in raw.rows if rows.times is not None])
    if step is None or irregular:
        return None
    raw.rows = regular(raw.rows, step, missing)
    note(f"{path}: the rows are those of {raw.time_name}, with a step of {step}")
    return step
