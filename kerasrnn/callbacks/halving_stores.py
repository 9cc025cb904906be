"""Where a halving rule keeps its states and snapshots: in memory or in a folder."""

from __future__ import annotations

import math
import os
import pathlib
import shutil
import tempfile
from typing import TypeAlias

import keras
import numpy as np

from kerasrnn.callbacks.attribute_lists import keep_attribute_lists
from kerasrnn.callbacks.rule_state import RuleState
from kerasrnn.checks import UserError
from kerasrnn.files import write_beside

__all__ = ["INITIAL", "DirectoryStore", "MemoryStore", "Store", "capture", "put_back"]

# The snapshot of the weights that a training begins with, which stands for the epoch before 0.
INITIAL = "snapshot_initial.weights.h5"
# The weights of a model, and the variables of its optimizer.
Captured: TypeAlias = tuple[list[np.ndarray], list[np.ndarray]]


def capture(model: keras.Model) -> Captured:
    """Copies a model's weights and all its optimizer's variables, for `put_back`."""
    slots = [np.array(variable.numpy()) for variable in model.optimizer.variables]
    return [np.array(weight) for weight in model.get_weights()], slots


def put_back(model: keras.Model, captured: Captured) -> None:
    """Sets a model's weights and its optimizer's variables.

    Args:
        model: The model.
        captured: What `capture` returned for it.
    """
    weights, slots = captured
    model.set_weights(weights)
    for variable, value in zip(model.optimizer.variables, slots, strict=True):
        variable.assign(value)


class MemoryStore:
    """Keeps the newest state and the newest snapshot as arrays; gone with the process."""

    def __init__(self) -> None:
        self._state: RuleState | None = None
        self._snapshot: Captured | None = None

    def prepare(self) -> None:
        """Checks nothing: memory can be written."""

    def clear(self) -> None:
        """Forgets everything."""
        self._state = self._snapshot = None

    def save_snapshot(self, model: keras.Model, name: str) -> None:
        """Copies weights and optimizer variables; of several snapshots only the last is kept."""
        self._snapshot = capture(model)

    def load_snapshot(self, model: keras.Model, name: str) -> None:
        """Sets weights and optimizer variables, the learning rate too, to the snapshot's."""
        if self._snapshot is not None:
            put_back(model, self._snapshot)

    def save_state(self, state: RuleState) -> None:
        """Keeps the state of the newest epoch."""
        self._state = state

    def find_state(self, epoch: int) -> RuleState | None:
        """Returns the state to go on from after an epoch, or `None`."""
        known = self._state is not None and self._state.answers_for(epoch)
        return self._state if known else None

    def epochs(self) -> list[int]:
        """Lists the epochs of which there is a state."""
        return [] if self._state is None else [self._state.epoch]


class DirectoryStore:
    """Keeps the last two epochs' states, with their snapshots, as files.

    Two, because a run may die after this epoch's state is written and before the epoch's backup
    is: it is then resumed one epoch earlier. Files are written beside and renamed.

    Args:
        path: The folder; `prepare` makes it where it is missing.
        kind: The class of the states.
    """

    def __init__(self, path: str | os.PathLike[str], kind: type[RuleState]):
        self.path: pathlib.Path = pathlib.Path(path)
        self._kind = kind

    def prepare(self) -> None:
        """Makes the folder and proves that it can be written.

        Raises:
            ValueError: Where it cannot.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise UserError(
                "Expected `state_dir` to be a folder that can be written. "
                f"Received: state_dir={str(self.path)!r} ({error})"
            ) from error

    def clear(self) -> None:
        """Deletes the states and snapshots of an earlier run, and no other file."""
        for path in [*self._state_paths().values(), *self._snapshot_paths()]:
            path.unlink()

    def save_snapshot(self, model: keras.Model, name: str) -> None:
        """Writes weights and optimizer variables, which Keras puts into a `.weights.h5` file.

        Args:
            model: The model.
            name: Name of the file.

        Raises:
            ValueError: Where there is no room. HDF5 would say so in pages, and crash at the end.
        """
        variables = [*model.variables, *model.optimizer.variables]
        size = sum(math.prod(each.shape) * np.dtype("float32").itemsize for each in variables)
        free = shutil.disk_usage(self.path).free
        if free < size:
            raise UserError(
                f"Expected {size:,} bytes of room for {str(self.path)!r}. "
                f"Received: {free:,} bytes on that disk"
            )
        keep_attribute_lists()
        write_beside(self.path / name, lambda place: model.save_weights(place, overwrite=True))

    def load_snapshot(self, model: keras.Model, name: str) -> None:
        """Sets weights and optimizer variables, the learning rate too, to the snapshot's."""
        model.load_weights(self.path / name)

    def save_state(self, state: RuleState) -> None:
        """Writes the state, then deletes what neither this epoch nor the one before needs."""
        path = self.path / f"state_{state.epoch}.json"
        write_beside(path, lambda place: place.write_text(state.to_json(), encoding="utf-8"))
        needed = {state.snapshot, *([INITIAL] if state.epoch == 0 else [])}
        for epoch, path in self._state_paths().items():
            if epoch == state.epoch - 1:
                needed.add(self._read(path).snapshot)
            elif epoch != state.epoch:
                path.unlink()
        for path in self._snapshot_paths():
            if path.name not in needed:
                path.unlink()

    def find_state(self, epoch: int) -> RuleState | None:
        """Returns the state to go on from after an epoch, or `None` without its snapshot too."""
        earlier = sorted((e, path) for e, path in self._state_paths().items() if e <= epoch)
        state = self._read(earlier[-1][1]) if earlier else None
        if state is None or not state.answers_for(epoch):
            return None
        return state if (self.path / state.snapshot).is_file() else None

    def epochs(self) -> list[int]:
        """Lists the epochs of which there is a state, in order."""
        return sorted(self._state_paths())

    def _state_paths(self) -> dict[int, pathlib.Path]:
        paths = {path.stem.removeprefix("state_"): path for path in self.path.glob("state_*.json")}
        return {int(epoch): path for epoch, path in paths.items() if epoch.isdecimal()}

    def _snapshot_paths(self) -> list[pathlib.Path]:
        return list(self.path.glob("snapshot_*.weights.h5"))

    def _read(self, path: pathlib.Path) -> RuleState:
        try:
            return self._kind.from_json(path.read_text(encoding="utf-8"))
        except UserError as error:
            raise UserError(f"{path}: {error}") from None


Store: TypeAlias = MemoryStore | DirectoryStore
