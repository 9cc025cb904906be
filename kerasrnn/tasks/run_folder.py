"""The folder of a training run: checked before it starts, whole after each epoch."""

from __future__ import annotations

import csv
import os
import pathlib
import shutil
import time

import keras

from kerasrnn.checks import UserError
from kerasrnn.files import read_json, write_beside, write_json
from kerasrnn.tasks.task import CONFIG, MODEL, Task

__all__ = [
    "HISTORY",
    "STATE",
    "SaveEachEpoch",
    "check_output",
    "last_epoch",
    "read_history",
    "restore_seeds",
]

HISTORY, STATE = "history.csv", "state"


def check_output(folder: str | os.PathLike, resume: bool) -> pathlib.Path:
    """Checks, without writing anything, that a run may write into a folder.

    Args:
        folder: The folder of the run.
        resume: Whether a run that is there already is continued.

    Returns:
        The folder as a path.

    Raises:
        ValueError: Where it holds something and is not to be resumed, or cannot be written.
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise UserError(f"Expected a folder as output. Received: {folder}, a file")
    if folder.is_dir() and any(folder.iterdir()):
        if not resume:
            raise UserError(
                f"Expected a new or an empty folder as output. Received: {folder}, which holds "
                "something (--resume continues a run)"
            )
        if not (folder / CONFIG).is_file():
            raise UserError(f"Expected a run to resume. Received: {folder} without {CONFIG}")
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"Expected an output folder that can be written. Received: {folder}")
    return folder


def last_epoch(folder: pathlib.Path) -> tuple[int, pathlib.Path | None]:
    """Finds where a run stopped.

    Args:
        folder: The folder of the run.

    Returns:
        The number of epochs that ended, and the model after the last one, `None` after none.
    """
    saved = {int(path.stem.split("-")[1]): path for path in (folder / STATE).glob("epoch-*.keras")}
    return (max(saved), saved[max(saved)]) if saved else (0, None)


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


def read_history(folder: pathlib.Path, epochs: int) -> list[dict[str, float]]:
    """Reads the first rows of `history.csv`, one for each epoch."""
    path = folder / HISTORY
    if not path.is_file():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    rows = [row for row in rows if row["epoch"] < epochs]
    return [{**row, "epoch": int(row["epoch"])} for row in rows]


class SaveEachEpoch(keras.callbacks.Callback):
    """Writes the model and the history after each epoch; stands behind the other callbacks.

    The file of the epoch is written first and renamed, so that its name tells what it holds
    however the run ends. `model.keras` is a copy of it.

    Args:
        task: What is trained.
        folder: The folder of the run.
        history: The rows of the epochs before.
    """

    def __init__(self, task: Task, folder: pathlib.Path, history: list[dict]):
        super().__init__()
        self.task = task
        self.folder = folder
        self.rows = list(history)

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        row = {name: float(value) for name, value in (logs or {}).items()}
        row |= {"epoch": epoch, "seconds": round(time.perf_counter() - self._began, 2)}
        row.setdefault("learning_rate", float(self.model.optimizer.learning_rate))
        self.rows.append({"epoch": epoch, **row})
        write_beside(self.folder / HISTORY, self._write_history)
        (self.folder / STATE).mkdir(exist_ok=True)
        state = self.folder / STATE / f"epoch-{epoch + 1:04d}.keras"
        seeds = {"seeds": [seed.numpy().tolist() for seed in _seeds(self.task.model)]}
        write_json(state.with_suffix(".json"), seeds)
        write_beside(state, self.task.model.save)
        write_beside(self.folder / MODEL, lambda beside: shutil.copyfile(state, beside))
        for path in (self.folder / STATE).glob("epoch-*"):
            if path.stem != state.stem:
                path.unlink()

    def _write_history(self, path: pathlib.Path) -> None:
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows(self.rows)
