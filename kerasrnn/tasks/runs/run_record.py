"""What the folder of one run says, read without Keras."""

from __future__ import annotations

import csv
import dataclasses
import math
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.files import CONFIG, read_config
from kerasrnn.tasks.registry import MainFigure, saved_entry
from kerasrnn.tasks.run_files import HISTORY, has_state, read_history, read_metrics
from kerasrnn.tasks.runs.origin import CHOSEN

__all__ = ["FINISHED", "SAVED", "UNFINISHED", "Run", "read_run"]

# What steers a training, where its metrics do not say it; lower is better.
MONITORS = ("perplexity", "loss")
FINISHED, UNFINISHED, SAVED = "finished", "unfinished", "saved from Python"


@dataclasses.dataclass(frozen=True)
class Run:
    """A run, or another saved task, as its folder describes it.

    Args:
        folder: The folder.
        task: What `kerasrnn train` calls the task; a task that is not registered has the name that
            is recorded.
        sources: The data sets or files that were trained on, as far as that is recorded.
        config: What `config.json` holds.
        options: What the training was told, and of options that are newer than the run the values
            by which it went.
        metrics: What `metrics.json` holds; nothing for a run that is not finished.
        history: A row for each epoch, with `epoch` (from 0), figures, and those of the validation
            split as `val_<figure>`.
        state: `"finished"`, `"unfinished"`, or `"saved from Python"`, which was no training.
        resumable: Whether the state of its last epoch is there.
        size: Bytes of all files.
        group: A number that those have too which it is compared with, among the runs that it was
            found with.
        differs: The options in which these differ.
        figure: What they are compared by, if anything.
        best: Whether it is the best of them.

    Example:

    >>> [run.folder for run in find_runs("runs") if run.best]  # doctest: +SKIP
    """

    folder: pathlib.Path
    task: str
    sources: Sequence[str]
    config: Mapping[str, Any]
    options: Mapping[str, Any]
    metrics: Mapping[str, Any]
    history: list[dict[str, float]]
    state: str
    resumable: bool
    size: int
    group: int = 0
    differs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    figure: MainFigure | None = None
    best: bool = False

    @property
    def data(self) -> str:
        """The first of the sources; empty where there is none."""
        return next(iter(self.sources), "")

    @property
    def digests(self) -> Mapping[str, str]:
        """The digests of the data by their names; empty for a run that has not recorded them."""
        return self.config.get("digests") or {}

    @property
    def chosen(self) -> Sequence[str]:
        """The names of the options that were left out and have followed the data."""
        return self.config.get(CHOSEN) or ()

    @property
    def date(self) -> str | None:
        """When the training began, as UTC in the form of ISO 8601."""
        return self.config.get("date")

    @property
    def epochs(self) -> int:
        """The number of epochs that ended."""
        return len(self.history) or self.metrics.get("epochs") or 0

    @property
    def epoch(self) -> int | None:
        """The epoch whose weights were kept, from 1; `None` where that was not recorded."""
        return self.metrics.get("epoch")

    @property
    def best_epoch(self) -> int | None:
        """The epoch that was kept; where that was not recorded, the best by `monitor`, from 1."""
        values = [row.get(f"val_{self.monitor}", math.nan) for row in self.history]
        if self.epoch or self.monitor not in MONITORS or not values:
            return self.epoch
        return values.index(min(values)) + 1

    @property
    def seconds(self) -> float | None:
        """How long the training took."""
        timed = sum(row.get("seconds", 0.0) for row in self.history)
        return self.metrics.get("training_seconds", timed if self.history else None)

    @property
    def monitor(self) -> str | None:
        """The figure of the validation split that steers the training."""
        recorded = str(self.metrics.get("monitor") or "").removeprefix("val_")
        names = [recorded, *MONITORS, *self.validation]
        return next((name for name in names if name in self.validation), None)

    @property
    def test(self) -> Mapping[str, Any]:
        """The figures of the test split."""
        return self.metrics.get("test") or {}

    @property
    def validation(self) -> Mapping[str, Any]:
        """The figures of the validation split; of an unfinished run those of its last epoch."""
        row = self.history[-1] if self.history else {}
        last = {name[4:]: value for name, value in row.items() if name.startswith("val_")}
        return self.metrics.get("validation") or last


def read_run(folder: str | os.PathLike[str]) -> Run:
    """Reads what the folder of a run, or of another saved task, says.

    Args:
        folder: The folder.

    Raises:
        UserError: Where it is none, or one of its files is broken.

    Example:

    >>> read_run("runs/dates").test["exact_match"]  # doctest: +SKIP
    0.9926
    """
    folder = pathlib.Path(folder)
    config = read_config(folder)
    settings = config.get("settings")
    if not isinstance(config.get("task"), str) or not isinstance(settings, dict):
        raise UserError(f"{folder / CONFIG}: expected task and settings of a run. Received: others")
    metrics = read_metrics(folder)
    history = _history(folder)
    entry, resumable = saved_entry(config["task"]), has_state(folder)
    begun = bool(history) or resumable or not any(folder.glob("*.keras"))
    recorded = None if entry is None else entry.options.recorded(settings)
    return Run(
        folder=folder,
        task=config["task"] if entry is None else entry.options.task,
        sources=list(config.get("digests") or {}) if recorded is None else recorded.sources(),
        config=config,
        options=settings if recorded is None else recorded.record(),
        metrics=metrics,
        history=history,
        state=FINISHED if metrics else UNFINISHED if begun else SAVED,
        resumable=resumable,
        size=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
    )


def _history(folder: pathlib.Path) -> list[dict[str, float]]:
    try:
        return read_history(folder, 10**9)
    except (KeyError, OverflowError, TypeError, ValueError, csv.Error) as error:
        raise UserError(
            f"{folder / HISTORY}: expected a number in each column of each row. Received: {error}"
        ) from None
