"""From where a run goes on: after so many epochs, and so many batches of the next one."""

from __future__ import annotations

import base64
import csv
import dataclasses
import io
import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import DamagedError
from kerasrnn.files import CONFIG, MODEL, check_digest, file_digest, read_sealed, write_sealed
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.run_files import HALVING, HISTORY, METRICS, STATE

__all__ = ["RunState", "last_state", "packed", "states_of", "unpacked_arrays"]

NAME = re.compile(r"epoch-(\d+)(?:-(\d+))?")
KEPT = 2  # states, the newer of which may be damaged


@dataclasses.dataclass(frozen=True, order=True)
class RunState:
    """A place from which a training goes on as if nothing had been.

    Args:
        epochs: The number of epochs that had ended.
        batches: The number of batches of the next one that had been trained on.
        path: The model, a `.keras` file; beside it a `.json` file of the same name.
    """

    epochs: int
    batches: int
    path: pathlib.Path

    @classmethod
    def at(cls, folder: pathlib.Path, epochs: int, batches: int = 0) -> RunState:
        """Returns the state of a place in a run, which need not be there yet."""
        name = f"epoch-{epochs:04d}" + (f"-{batches:07d}" if batches else "")
        return cls(epochs, batches, folder / STATE / f"{name}.keras")

    @property
    def record_path(self) -> pathlib.Path:
        """The `.json` file."""
        return self.path.with_suffix(".json")

    def record(self) -> dict[str, Any]:
        """Reads the `.json` file.

        Raises:
            DamagedError: Where it is not as it was written.
        """
        return read_sealed(self.record_path)

    def write_record(self, content: Mapping[str, Any], model: pathlib.Path) -> None:
        """Writes the `.json` file, bound to the model and to the state of the schedule.

        Args:
            content: What it holds.
            model: The model, which has not got its name yet.
        """
        folder = self.path.parent
        files = {str(each.relative_to(folder)): file_digest(each) for each in self._of_schedule()}
        write_sealed(
            self.record_path, {**content, "files": {**files, self.path.name: file_digest(model)}}
        )

    def check(self) -> dict[str, Any]:
        """Reads the record, and checks that all files it speaks of are as they were written.

        Raises:
            DamagedError: Where one is not.
        """
        record = self.record()
        for name, digest in record.get("files", {}).items():
            check_digest(self.path.parent / name, digest)
        return record

    def _of_schedule(self) -> list[pathlib.Path]:
        """The files that the halving rule needs to go on from here."""
        folder = self.path.parent / HALVING
        state = folder / f"state_{self.epochs - 1}.json"
        if not state.is_file():
            return sorted(folder.glob("snapshot_initial.*")) if self.epochs == 0 else []
        return [state, folder / read_sealed(state)["snapshot"]]


def states_of(folder: pathlib.Path) -> list[RunState]:
    """Lists the states of a run, the newest first."""
    found = []
    for path in (folder / STATE).glob("epoch-*.keras"):
        if match := NAME.fullmatch(path.stem):
            found.append(RunState(int(match[1]), int(match[2] or 0), path))
    return sorted(found, reverse=True)


def last_state(folder: pathlib.Path) -> RunState | None:
    """Finds the newest state of a run that is as it was written, and says which newer one is not.

    Args:
        folder: The folder of the run.

    Returns:
        The state; `None` where there was none yet.

    Raises:
        DamagedError: Where there is none that is whole, though the run has trained.
    """
    damage: DamagedError | None = None
    for state in states_of(folder):
        try:
            state.check()
        except DamagedError as error:
            damage = damage or error
            continue
        if damage is not None:
            print_wrapped(f"{damage}. The training goes on from {state.path} instead.")
        return state
    if damage is not None:
        raise damage
    written = [name for name in (HISTORY, METRICS, MODEL) if (folder / name).exists()]
    if (folder / CONFIG).is_file() and written:
        raise DamagedError(
            f"Expected the states of the run in {folder / STATE}. "
            f"Received: none, though there is {written[0]}"
        )
    return None


def history_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns the rows of the epochs as CSV, with the columns of the first one."""
    file = io.StringIO()
    if rows:
        writer = csv.DictWriter(file, list(rows[0]), extrasaction="ignore", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    return file.getvalue()


def packed(arrays: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    """Returns arrays as JSON holds them to the bit."""
    return [
        {
            "dtype": array.dtype.str,
            "shape": list(array.shape),
            "bytes": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii"),
        }
        for array in arrays
    ]


def unpacked_arrays(content: Sequence[Mapping[str, Any]]) -> list[np.ndarray]:
    """Reads what `packed` returned."""
    return [
        np.frombuffer(base64.b64decode(each["bytes"]), each["dtype"]).reshape(each["shape"])
        for each in content
    ]
