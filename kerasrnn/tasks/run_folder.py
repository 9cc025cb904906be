"""The folder of a training run: checked before it starts, whole after each epoch."""

from __future__ import annotations

import csv
import dataclasses
import math
import pathlib
import shutil
import time
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.files import CONFIG, MODEL, FolderLock, read_json, write_beside, write_json
from kerasrnn.tasks.run_files import HISTORY, STATE, last_epoch
from kerasrnn.tasks.runs.kept_epoch import KeptEpoch, is_recorded, kept_epoch
from kerasrnn.tasks.task import Task

__all__ = ["SaveEachEpoch", "begin_run", "restore_seeds"]


def begin_run(task: Task, lock: FolderLock) -> None:
    """Makes the folder of a run, with the settings of the task.

    Args:
        task: The task.
        lock: That of the folder, which is held from now on.

    Raises:
        ValueError: Where it cannot be written, or another training has begun there meanwhile.
    """
    if not lock.is_held:
        lock.hold()
        if (lock.folder / CONFIG).exists():
            raise UserError(
                f"Expected a new or an empty folder. Received: {lock.folder}, in which another "
                "training has begun meanwhile"
            )
    try:
        task.save_settings(lock.folder)
    except OSError as error:
        raise UserError(f"Expected an output folder that can be written. {error}") from None


def restore_seeds(model: keras.Model, saved: pathlib.Path) -> None:
    """Sets the states of a model's random generators, which no `.keras` file holds.

    Args:
        model: The model as it was loaded.
        saved: The file of the epoch, see `last_epoch`.
    """
    states = read_json(saved.with_suffix(".json"))["seeds"]
    for seed, state in zip(_seeds(model), states, strict=True):
        seed.assign(state)


def _seeds(model: keras.Model) -> list[keras.Variable]:
    weights = {id(weight) for weight in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


class SaveEachEpoch(keras.callbacks.Callback):
    """Writes the model and the history after each epoch; stands behind the other callbacks.

    The file of the epoch is written first and renamed, so that its name tells what it holds
    however the run ends: from it the run goes on. `model.keras` is a copy of that of the best epoch
    so far; an epoch that is not finite is never the best.

    Args:
        task: What is trained.
        folder: The folder of the run.
        history: The rows of the epochs before.
        monitor: The entry of the logs by which an epoch is the best, the lowest one; without one
            the last epoch is whose loss is finite.

    Attributes:
        rows: A row for each epoch.
        kept: The best epoch so far, `None` where none was good.
    """

    def __init__(
        self,
        task: Task,
        folder: pathlib.Path,
        history: list[dict[str, Any]],
        monitor: str | None,
    ):
        super().__init__()
        self.task = task
        self.folder = folder
        self.rows = list(history)
        self._monitor = monitor
        done, saved = last_epoch(folder)
        self.kept = kept_epoch(saved, history, monitor or "loss")
        # The run may have been killed before the copy; older versions made one of each epoch.
        best = self.kept is not None and self.kept.epoch == done
        if saved is not None and (best or not is_recorded(saved)):
            self._copy(saved)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        row = {name: float(value) for name, value in (logs or {}).items()}
        row |= {"epoch": epoch, "seconds": round(time.perf_counter() - self._began, 2)}
        row.setdefault("learning_rate", float(self.model.optimizer.learning_rate))
        self.rows.append({"epoch": epoch, **row})
        write_beside(self.folder / HISTORY, self._write_history)
        (self.folder / STATE).mkdir(exist_ok=True)
        state = self.folder / STATE / f"epoch-{epoch + 1:04d}.keras"
        if self._monitor is not None:
            self.kept = KeptEpoch.after(self.kept, epoch + 1, row[self._monitor])
        elif math.isfinite(row["loss"]):
            self.kept = KeptEpoch(epoch + 1, row["loss"])
        seeds = [seed.numpy().tolist() for seed in _seeds(self.task.model)]
        best = None if self.kept is None else dataclasses.asdict(self.kept)
        write_json(state.with_suffix(".json"), {"seeds": seeds, "best": best})
        write_beside(state, self.task.model.save)
        if self.kept is not None and self.kept.epoch == epoch + 1:
            self._copy(state)
        for path in (self.folder / STATE).glob("epoch-*"):
            if path.stem != state.stem:
                path.unlink()

    def _copy(self, state: pathlib.Path) -> None:
        write_beside(self.folder / MODEL, lambda beside: shutil.copyfile(state, beside))

    def _write_history(self, path: pathlib.Path) -> None:
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows(self.rows)
