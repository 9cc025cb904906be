"""`kerasrnn runs`: a table of runs, those on the same data below one another."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from kerasrnn.cli.columns import (
    byte_size,
    duration,
    figure,
    headings,
    option_text,
    table,
    terminal_width,
    wrapped,
)
from kerasrnn.files import json_text
from kerasrnn.tasks.registry import saved_entry
from kerasrnn.tasks.runs.run_list import compared_by, find_runs
from kerasrnn.tasks.runs.run_record import FINISHED, Run

__all__ = ["as_json", "runs"]

BEST = "* "
# The columns for which there may be no room; the first ones go first.
LESS = ("date", "size", "time")
# A longer name of a run stands on a line of its own.
LONGEST = 30


def runs(*folders: str, json: bool = False) -> None:
    """List runs and compare those of the same task on the same data; * marks the best.

    Args:
        folders: Folders of runs, or runs; runs by default.
        json: Print one JSON object for each run instead.
    """
    found = find_runs(*folders, note=lambda text: print(f"Left out: {text}", file=sys.stderr))
    if json:
        for run in found:
            print(json_text(as_json(run)))
        return
    for number, group in itertools.groupby(found, lambda run: run.group):
        print("\n" * (number > 0) + "\n".join(_listing(list(group), terminal_width())))


def as_json(run: Run) -> dict[str, Any]:
    """Returns what the list knows of a run, such that JSON can hold it."""
    return {
        "run": str(run.folder),
        "task": run.task,
        "data": run.data,
        "digests": run.digests,
        "date": run.date,
        "kerasrnn": (run.config.get("versions") or {}).get("kerasrnn"),
        "state": run.state,
        "resumable": run.resumable,
        "epoch": run.epoch,
        "epochs": run.epochs,
        "group": run.group,
        "figure": None if run.figure is None else run.figure.name,
        "best": run.best,
        "test": run.test,
        "monitor": run.monitor,
        "validation": run.validation,
        "differs": run.differs,
        "options": run.options,
        "parameters": run.metrics.get("parameters"),
        "seconds": run.seconds,
        "bytes": run.size,
    }


def _listing(group: Sequence[Run], width: int) -> list[str]:
    """Writes the runs that are compared: what on, a row for each, and how its options differ."""
    names = [f"{BEST if run.best else ' ' * len(BEST)}{run.folder}" for run in group]
    longest = min(max(map(len, names)), LONGEST)
    cells = _cells(group, width - longest)
    lines = wrapped(_heading(group), width)
    lines += [" " * longest + each for each in cells[:2]]
    for run, name, each in zip(group, names, cells[2:], strict=True):
        if len(name) > longest:
            lines.append(name)
            name = ""
        lines.append(name.ljust(longest) + each)
        said = [*([run.state] if run.state != FINISHED else []), option_text(run.differs)]
        below = "; ".join(filter(None, said))
        lines += wrapped(f"    {below}", width, "    ") if below else []
    return lines


def _cells(group: Sequence[Run], room: int) -> list[str]:
    """Writes what stands behind the names, below two lines of a heading, in as much room."""
    columns = _columns(group)
    drop = list(LESS)
    while True:
        rows = headings(list(columns))
        rows += [[cell(run) for cell in columns.values()] for run in group]
        lines = table([["", *row] for row in rows])
        if not drop or max(map(len, lines)) <= room:
            return lines
        del columns[drop.pop(0)]


def _columns(group: Sequence[Run]) -> dict[str, Callable[[Run], str]]:
    """Returns what a row holds behind its name, by heading."""
    entry = saved_entry(group[0].config["task"])
    known = [each.name for each in entry.figures] if entry else []
    measured = [name for run in group for name in (known or list(run.test)[:2]) if name in run.test]
    columns = {each.replace("_", " "): _test_cell(each) for each in dict.fromkeys(measured)}
    for each in dict.fromkeys(run.monitor for run in group if run.monitor):
        columns[f"val {each.replace('_', ' ')}"] = _validation_cell(each)
    return {
        **columns,
        "epochs": lambda run: f"{run.epoch} of {run.epochs}" if run.epoch else str(run.epochs),
        "time": lambda run: duration(run.seconds),
        "size": lambda run: byte_size(run.size),
        "date": lambda run: (run.date or "-")[: len("2026-11-27")],
    }


def _test_cell(name: str) -> Callable[[Run], str]:
    return lambda run: figure(run.test.get(name))


def _validation_cell(name: str) -> Callable[[Run], str]:
    return lambda run: figure(run.validation.get(name))


def _heading(group: Sequence[Run]) -> str:
    first = group[0]
    entry = saved_entry(first.config["task"])
    defaults = {} if entry is None else {each.name: each.default for each in entry.options.fields()}
    alike = {name: value for name, value in compared_by(first).items() if name in defaults}
    said = option_text({name: value for name, value in alike.items() if value != defaults[name]})
    text = f"{first.task} on {first.data or 'data that were not recorded'}{said and f', {said}'}"
    marked = next((run.figure for run in group if run.best), None)
    if marked is None:
        return text
    which = "lowest" if marked.lower else "highest"
    return f"{text}: * has the {which} {marked.name.replace('_', ' ')}"
