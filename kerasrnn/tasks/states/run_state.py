"""From where a run goes on: after so many epochs, and so many batches of the next one."""

from __future__ import annotations

import base64
import csv
import io
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import DamagedError
from kerasrnn.files import CONFIG, MODEL, SavedState, first_whole, read_sealed
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.run_files import HALVING, HISTORY, METRICS, STATE

__all__ = ["RunState", "history_text", "last_state", "packed", "states_of", "unpacked_arrays"]


class RunState(SavedState):
    """A state of a run, whose file is the model."""

    @classmethod
    def at(cls, folder: pathlib.Path, epochs: int, batches: int = 0) -> RunState:
        """Returns the state of a place in a run, which need not be there yet."""
        return cls(epochs, batches, folder / STATE / f"{cls.name(epochs, batches)}.keras")

    def other_files(self) -> list[pathlib.Path]:
        """The files that the halving rule needs to go on from here."""
        folder = self.path.parent / HALVING
        state = folder / f"state_{self.epochs - 1}.json"
        if not state.is_file():
            return sorted(folder.glob("snapshot_initial.*")) if self.epochs == 0 else []
        return [state, folder / read_sealed(state)["snapshot"]]


def states_of(folder: pathlib.Path) -> list[RunState]:
    """Lists the states of a run, the newest first."""
    return RunState.all_in(folder / STATE, ".keras")


def last_state(folder: pathlib.Path) -> RunState | None:
    """Finds the newest state of a run that is as it was written, and says which newer one is not.

    Args:
        folder: The folder of the run.

    Returns:
        The state; `None` where there was none yet.

    Raises:
        DamagedError: Where there is none that is whole, though the run has trained.
    """
    state, damage = first_whole(states_of(folder))
    if state is not None:
        if damage is not None:
            print_wrapped(f"{damage}. The training goes on from {state.path} instead.")
        return state
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
