"""A run's states and its best model, written while it trains."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import pathlib
import shutil
import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from kerasrnn.checks import DamagedError
from kerasrnn.files import (
    MODEL,
    check_digest,
    file_digest,
    keep_newest,
    read_config,
    write_beside,
)
from kerasrnn.tasks.run_files import HISTORY, read_history
from kerasrnn.tasks.runs.kept_epoch import KeptEpoch, kept_epoch
from kerasrnn.tasks.runs.model_file import write_model
from kerasrnn.tasks.states.run_state import (
    RunState,
    history_text,
    packed,
    states_of,
    unpacked_arrays,
)
from kerasrnn.tasks.states.stopping import Stopping
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.workers.devices import ONE_DEVICE, Devices

__all__ = ["SaveState", "restore_seeds"]


def restore_seeds(model: keras.Model, record: Mapping[str, Any]) -> None:
    """Sets the states of a model's random generators, which no `.keras` file holds.

    Args:
        model: The model as it was loaded.
        record: That of the state, see `RunState.record`.
    """
    for seed, state in zip(_beside_weights(model, model), record["seeds"], strict=True):
        seed.assign(state)


class SaveState(keras.callbacks.Callback):
    """Writes after each epoch, and within long ones, all that a training needs to go on.

    It stands behind the other callbacks. `model.keras` is that of the best epoch so far; an epoch
    that is not finite is never the best.

    Args:
        task: What is trained.
        folder: The folder of the run.
        monitor: The entry of the logs by which an epoch is the best, the lowest one; without one
            the last epoch is whose loss is finite.
        steps: Batches of an epoch.
        state: Where the training goes on; `None` at its beginning.
        minutes: How long an epoch may go on until what it has done is saved; 0 for ends of epochs
            alone.
        stopping: Tells whether the training is to stop.
        devices: Where it computes.

    Attributes:
        rows: A row for each epoch.
        kept: The best epoch so far, `None` where none was good.
    """

    def __init__(
        self,
        task: Task,
        folder: pathlib.Path,
        monitor: str | None,
        steps: int,
        state: RunState | None,
        *,
        minutes: float = 0.0,
        stopping: Stopping | None = None,
        devices: Devices = ONE_DEVICE,
    ):
        super().__init__()
        self.task = task
        self.folder = folder
        self._run = read_config(folder).get("run")
        self._monitor = monitor
        self._steps = steps
        self._seconds = 60 * minutes if minutes else math.inf
        self._stopping = stopping
        self._saves_within = minutes > 0 or stopping is not None
        self._devices = devices
        self._within: Mapping[str, Any] | None = None
        self._began = self._saved = time.perf_counter()
        self.rows: list[dict[str, Any]] = []
        self.kept: KeptEpoch | None = None
        self._model_digest: str | None = None
        if state is not None:
            self._go_on(state)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._began = self._saved = time.perf_counter()
        self._epoch, self._batches, self._earlier = epoch, 0, 0.0
        if self._within is not None:
            within, self._within = self._within, None
            self._batches, self._earlier = within["batches"], within["seconds"]
            values = unpacked_arrays(within["variables"])
            for variable, value in zip(self._running(), values, strict=True):
                variable.assign(value)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._batches += 1
        if self._batches >= self._steps:
            return  # the end of the epoch follows
        if not self._saves_within:
            return
        is_due = time.perf_counter() - self._saved >= self._seconds
        if not self._devices.agreed(is_due or self._is_asked()):
            return
        self._write(RunState.at(self.folder, self._epoch, self._batches))
        self._saved = time.perf_counter()
        self._stop(f"after batch {self._batches:,} of epoch {self._epoch + 1}")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        row = {name: float(value) for name, value in (logs or {}).items()}
        row |= {"epoch": epoch, "seconds": round(self._passed(), 2)}
        rate = keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        row.setdefault("learning_rate", float(rate))
        self.rows.append({"epoch": epoch, **row})
        if self._monitor is not None:
            self.kept = KeptEpoch.after(self.kept, epoch + 1, row[self._monitor])
        elif math.isfinite(row["loss"]):
            self.kept = KeptEpoch(epoch + 1, row["loss"])
        self._write(RunState.at(self.folder, epoch + 1))
        self._stop(f"after epoch {epoch + 1}")

    def _is_asked(self) -> bool:
        return self._stopping is not None and self._stopping.asked

    def _stop(self, place: str) -> None:
        """Stops where this worker, or another one, was asked to."""
        if self._stopping is not None and self._devices.agreed(self._is_asked()):
            self._stopping.stop(place)

    def _write(self, state: RunState) -> None:
        """Writes a state, a model that is the best so far, and the history."""
        is_best = not state.batches and self.kept is not None and self.kept.epoch == state.epochs

        def write(place: pathlib.Path) -> None:
            write_model(self.task.model, place, self._run)
            if is_best:
                self._model_digest = file_digest(place)
            state.write_record(self._record(state), place)

        state.path.parent.mkdir(exist_ok=True)
        write_beside(state.path, write)
        if is_best:
            self._copy(state.path)
        self._write_history()
        keep_newest(states_of(self.folder))

    def _record(self, state: RunState) -> dict[str, Any]:
        seeds = _beside_weights(self.task.model, self.task.model)
        record: dict[str, Any] = {
            "seeds": [np.asarray(seed).tolist() for seed in seeds],
            "best": None if self.kept is None else dataclasses.asdict(self.kept),
            "model": self._model_digest,
            "history": history_text(self.rows),
        }
        if state.batches:
            record["within"] = {
                "batches": state.batches,
                "seconds": self._passed(),
                "variables": packed(self._devices.values(self._running())),
            }
        return record

    def _go_on(self, state: RunState) -> None:
        """Takes over what a state says, and mends what was written after it."""
        record = state.record()
        if "history" in record:
            rows = csv.DictReader(io.StringIO(record["history"]))
            self.rows = [{name: float(value) for name, value in row.items()} for row in rows]
            self.rows = [{**row, "epoch": int(row["epoch"])} for row in self.rows]
        else:
            self.rows = read_history(self.folder, state.epochs)
        self._within = record.get("within")
        self.kept = kept_epoch(record, self.rows, self._monitor or "loss")
        self._model_digest = record.get("model")
        for newer in states_of(self.folder):
            if newer > state:
                newer.path.unlink()
        is_best = self.kept is not None and self.kept.epoch == state.epochs and not state.batches
        if is_best or "best" not in record:  # older versions kept each epoch
            self._copy(state.path)
        elif self._model_digest is not None:
            self._mend_model()
        self._write_history()
        keep_newest(states_of(self.folder))

    def _mend_model(self) -> None:
        """Copies the best model again where it is damaged and its state is there."""
        try:
            check_digest(self.folder / MODEL, str(self._model_digest))
        except DamagedError:
            for state in states_of(self.folder):
                if file_digest(state.path) == self._model_digest:
                    self._copy(state.path)
                    return
            raise

    def _copy(self, state: pathlib.Path) -> None:
        write_beside(self.folder / MODEL, lambda beside: shutil.copyfile(state, beside))

    def _write_history(self) -> None:
        text = history_text(self.rows)
        if text:
            write_beside(
                self.folder / HISTORY, lambda place: place.write_bytes(text.encode("utf-8"))
            )

    def _running(self) -> list[keras.Variable]:
        """The variables of what is fitted that change and that no `.keras` file holds."""
        metrics = [variable for metric in self.model.metrics for variable in metric.variables]
        return [*_beside_weights(self.model, self.task.model), *metrics]

    def _passed(self) -> float:
        """The seconds of this epoch, before an interruption too."""
        return self._earlier + time.perf_counter() - self._began


def _beside_weights(model: keras.Model, saved: keras.Model) -> list[keras.Variable]:
    """The variables of a model, such as of random generators, that no file of weights holds."""
    weights = {id(weight) for weight in saved.weights}
    return [variable for variable in model.variables if id(variable) not in weights]
