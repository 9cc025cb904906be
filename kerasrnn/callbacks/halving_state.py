"""What `LearningRateHalving` remembers from one epoch to the next, in memory or in a folder."""

import dataclasses
import json
import math
import pathlib
import shutil
import tempfile

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.files import write_beside


@dataclasses.dataclass(frozen=True)
class HalvingState:
    """The state of Mikolov's rule after one epoch.

    Args:
        epoch: int, the epoch it was taken after, counted from 0 as `fit` does.
        learning_rate: float, the rate for the next epoch.
        halving: bool, whether halving has started.
        stopped: bool, whether the rule has ended the training.
        previous: float, the negative log-likelihood of that epoch, `inf` where it was not finite.
        snapshot: str, the file name of the snapshot of the last epoch that was not worse.
        history: list of dicts, one for each epoch so far.
    """

    epoch: int
    learning_rate: float
    halving: bool
    stopped: bool
    previous: float
    snapshot: str
    history: list

    def answers_for(self, epoch):
        """Whether a run may go on from it after `epoch`; once stopped, nothing changes any more."""
        return self.epoch == epoch or (self.stopped and self.epoch < epoch)

    def in_words(self, worse, failure):
        """Returns what the rule decides after the next epoch, for people."""
        if worse:
            accepted = [record["epoch"] for record in self.history if not record["restored"]]
            origin = f"weights of epoch {accepted[-1] + 1}" if accepted else "initial weights"
            words = f"worse, {origin} restored"
        elif not self.history:
            words = "first epoch"
        else:
            words = "gain too small" if failure else "improved"
        if failure:
            words += ", second failure, training stops" if self.halving else ", halving starts"
        return words

    def to_json(self):
        """Returns the state as standard JSON, in which `nan` and `inf` are strings."""
        fields = dataclasses.asdict(self)
        fields["previous"] = _finite_or_text(self.previous)
        for record in fields["history"]:
            record["value"] = _finite_or_text(record["value"])
        return json.dumps(fields, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text):
        """Returns the state that `to_json` wrote."""
        fields = json.loads(text)
        fields["previous"] = float(fields["previous"])
        for record in fields["history"]:
            record["value"] = float(record["value"])
        return cls(**fields)


def _finite_or_text(value):
    return value if math.isfinite(value) else str(value)


def capture(model):
    """Returns copies of a model's weights and of all its optimizer's variables."""
    slots = [np.array(variable.numpy()) for variable in model.optimizer.variables]
    return [np.array(weight) for weight in model.get_weights()], slots


def put_back(model, captured):
    """Sets a model's weights and its optimizer's variables to what `capture` returned."""
    weights, slots = captured
    model.set_weights(weights)
    for variable, value in zip(model.optimizer.variables, slots, strict=True):
        variable.assign(value)


class MemoryStore:
    """Keeps the newest state and the newest snapshot as arrays; gone with the process."""

    def __init__(self):
        self._state = None
        self._snapshot = None

    def prepare(self):
        """Nothing to check: memory can be written."""

    def clear(self):
        """Forgets everything."""
        self._state = self._snapshot = None

    def save_snapshot(self, model, name):
        """Copies weights and optimizer variables; of several snapshots only the last is kept."""
        self._snapshot = capture(model)

    def load_snapshot(self, model, name):
        """Sets weights and optimizer variables, the learning rate too, to the snapshot's."""
        put_back(model, self._snapshot)

    def save_state(self, state):
        """Keeps the state of the newest epoch."""
        self._state = state

    def find_state(self, epoch):
        """Returns the state to go on from after `epoch`, or `None`."""
        known = self._state is not None and self._state.answers_for(epoch)
        return self._state if known else None


class DirectoryStore:
    """Keeps the last two epochs' states, with their snapshots, as files.

    Two, because a run may die after this epoch's state is written and before the epoch's backup
    is: it is then resumed one epoch earlier. Files are written beside and renamed.

    Args:
        path: str or path object, the folder; created by `prepare` where it is missing.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def prepare(self):
        """Creates the folder and proves that it can be written.

        Raises:
            ValueError: it cannot.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise UserError(
                "`state_dir` is expected to be a folder that can be written. "
                f"Received: state_dir={str(self.path)!r} ({error})"
            ) from error

    def clear(self):
        """Deletes the states and snapshots of an earlier run, and no other file."""
        for path in [*self._state_paths().values(), *self._snapshot_paths()]:
            path.unlink()

    def save_snapshot(self, model, name):
        """Writes weights and optimizer variables, which Keras puts into a `.weights.h5` file.

        Raises:
            UserError: there is no room. HDF5 would say so in pages, and crash at the end.
        """
        variables = [*model.variables, *model.optimizer.variables]
        size = sum(math.prod(each.shape) * np.dtype("float32").itemsize for each in variables)
        free = shutil.disk_usage(self.path).free
        if free < size:
            raise UserError(
                f"Expected {size:,} bytes of room for {str(self.path)!r}. "
                f"Received: {free:,} bytes on that disk"
            )
        write_beside(self.path / name, lambda place: model.save_weights(place, overwrite=True))

    def load_snapshot(self, model, name):
        """Sets weights and optimizer variables, the learning rate too, to the snapshot's."""
        model.load_weights(self.path / name)

    def save_state(self, state):
        """Writes the state, then deletes what neither this epoch nor the one before needs."""
        path = self.path / f"state_{state.epoch}.json"
        write_beside(path, lambda place: place.write_text(state.to_json(), encoding="utf-8"))
        needed = {state.snapshot}
        for epoch, path in self._state_paths().items():
            if epoch == state.epoch - 1:
                needed.add(self._read(path).snapshot)
            elif epoch != state.epoch:
                path.unlink()
        for path in self._snapshot_paths():
            if path.name not in needed:
                path.unlink()

    def find_state(self, epoch):
        """Returns the state to go on from after `epoch`, or `None` without it or its snapshot."""
        earlier = sorted((e, path) for e, path in self._state_paths().items() if e <= epoch)
        state = self._read(earlier[-1][1]) if earlier else None
        if state is None or not state.answers_for(epoch):
            return None
        return state if (self.path / state.snapshot).is_file() else None

    def epochs(self):
        """Returns the sorted epochs of which there is a state."""
        return sorted(self._state_paths())

    def _read(self, path):
        return HalvingState.from_json(path.read_text(encoding="utf-8"))

    def _state_paths(self):
        paths = {path.stem.removeprefix("state_"): path for path in self.path.glob("state_*.json")}
        return {int(epoch): path for epoch, path in paths.items() if epoch.isdecimal()}

    def _snapshot_paths(self):
        return list(self.path.glob("snapshot_*.weights.h5"))
