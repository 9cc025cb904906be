"""Runs below some folders, and how they compare."""

from __future__ import annotations

import dataclasses
import math
import os
import pathlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.files import CONFIG, json_text
from kerasrnn.options.fields import fields_of
from kerasrnn.tasks.registry import MainFigure, saved_entry
from kerasrnn.tasks.runs.run_record import Run, read_run

__all__ = ["compared_by", "find_runs"]

# How far below a folder runs are looked for.
LEVELS = 4
# Options by which other rows are tested.
TESTED = ("folds", "fold")
# What no run holds, and an export does, whose assets look like one.
EXPORT = "saved_model.pb"


def find_runs(
    *folders: str | os.PathLike[str], note: Callable[[str], object] = warnings.warn
) -> list[Run]:
    """Finds the runs below some folders, and compares those of the same task on the same data.

    Data are the same if their digests are; where a run is older than these, if their names are.
    What lies within a run, such as its folds, is part of it.

    Args:
        *folders: Folders of runs, or runs; `runs` by default.
        note: Called with a sentence for each folder that looks like a run and cannot be read.

    Returns:
        The runs, those that are compared one behind the other, in the order of their paths. Each
        says which of its options the others have otherwise, and whether it is the best.

    Raises:
        ValueError: For a folder that is not there, or where there is no run in any.

    Example:

    >>> for run in find_runs("runs"):  # doctest: +SKIP
    ...     print(run.folder, run.differs, run.test)
    """
    places = [pathlib.Path(folder) for folder in folders or ("runs",)]
    for place in places:
        if not place.is_dir():
            raise UserError(f"Expected a folder of runs. Received: {str(place)!r}, which is none")
    found: dict[pathlib.Path, Run] = {}
    for place in places:
        for run in _below(place, LEVELS, note):
            found.setdefault(run.folder.resolve(), run)
    if not found:
        shown = ", ".join(map(str, places))
        raise UserError(
            f"Expected runs, that is folders with a {CONFIG}. Received: none in {shown}"
        )
    groups: dict[str, list[Run]] = {}
    known = _known_digests(found.values())
    for run in found.values():
        groups.setdefault(_group(run, known), []).append(run)
    return [run for i, runs in enumerate(groups.values()) for run in _compared(runs, i)]


def compared_by(run: Run) -> dict[str, Any]:
    """Returns the options, and other parts of `config.json`, that runs to compare have alike."""
    entry = saved_entry(run.config["task"])
    if entry is None:
        return {}
    of_data = [field.name for field in fields_of(entry.options) if field.of_data]
    whole = {**run.config, **run.options}
    return {name: whole.get(name) for name in (*of_data, *TESTED, *entry.alike) if name in whole}


def _below(folder: pathlib.Path, levels: int, note: Callable[[str], object]) -> Iterator[Run]:
    if (folder / EXPORT).exists():
        return
    if (folder / CONFIG).is_file():
        try:
            yield read_run(folder)
            return
        except UserError as error:
            note(str(error))
    if not levels:
        return
    try:
        inside = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except OSError as error:
        note(f"Expected a folder that can be read. Received: {str(folder)!r} ({error.strerror})")
        return
    for name in inside:
        if not name.startswith("."):
            yield from _below(folder / name, levels - 1, note)


def _known_digests(runs) -> Mapping[tuple[str, str], set[str]]:
    """Returns by task and name of the data the digests that runs have recorded of it."""
    known: dict[tuple[str, str], set[str]] = {}
    for run in runs:
        if run.digests:
            known.setdefault((run.task, run.data), set()).add(_digest(run))
    return known


def _digest(run: Run) -> str:
    return ",".join(sorted(run.digests.values()))


def _group(run: Run, known: Mapping[tuple[str, str], set[str]]) -> str:
    """Names what a run is compared with: task, data, and what has to be alike."""
    # A run that is older than digests is taken to be of the only data of that name.
    meant = known.get((run.task, run.data), set())
    alone = next(iter(meant)) if len(meant) == 1 else f"named {run.data}"
    data = _digest(run) if run.digests else alone
    return json_text([run.task, data, compared_by(run)])


def _compared(runs: Sequence[Run], group: int) -> list[Run]:
    names = dict.fromkeys(name for run in runs for name in run.options)
    differ = [name for name in names if len({json_text(run.options.get(name)) for run in runs}) > 1]
    figure, best = _best(runs)
    return [
        dataclasses.replace(
            run,
            group=group,
            differs={name: run.options.get(name) for name in differ},
            figure=figure,
            best=figure is not None and best == run.test.get(figure.name),
        )
        for run in runs
    ]


def _best(runs: Sequence[Run]) -> tuple[MainFigure | None, float]:
    """Returns the figure that tells runs apart, and its best value, NaN for a single run."""
    finished = [run for run in runs if run.test]
    entry = saved_entry(runs[0].config["task"])
    for figure in () if entry is None else entry.figures:
        values = [run.test.get(figure.name) for run in finished]
        numbers = [value for value in values if isinstance(value, (int, float))]
        if numbers and len(numbers) == len(values):
            best = (min if figure.lower else max)(numbers)
            if figure.lower or best >= figure.least:
                return figure, best if len(numbers) > 1 else math.nan
    return None, math.nan
