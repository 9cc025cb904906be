"""The states that a training goes on from: the two newest, each with digests of its files."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from kerasrnn.checks import DamagedError
from kerasrnn.files.sealed import check_digest, file_digest, read_sealed, write_sealed

__all__ = ["SavedState", "first_whole", "keep_newest"]

NAME = re.compile(r"epoch-(\d+)(?:-(\d+))?")
KEPT = 2
State = TypeVar("State", bound="SavedState")


@dataclasses.dataclass(frozen=True, order=True)
class SavedState:
    """A place from which a training goes on as if nothing had been.

    Args:
        epochs: The number of epochs that had ended.
        batches: The number of batches of the next one that had been trained on.
        path: The file of its variables; beside it a `.json` file of the same name.
    """

    epochs: int
    batches: int
    path: pathlib.Path

    @staticmethod
    def name(epochs: int, batches: int) -> str:
        """Returns what the files of a state are called, without their ending."""
        return f"epoch-{epochs:04d}" + (f"-{batches:07d}" if batches else "")

    @classmethod
    def all_in(cls: type[State], folder: pathlib.Path, ending: str) -> list[State]:
        """Lists the states in a folder, the newest first."""
        found = []
        for path in folder.glob(f"epoch-*{ending}"):
            if match := NAME.fullmatch(path.stem):
                found.append(cls(int(match[1]), int(match[2] or 0), path))
        return sorted(found, reverse=True)

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

    def other_files(self) -> list[pathlib.Path]:
        """The further files, in its folder or below, that it does not go on without."""
        return []

    def write_record(self, content: Mapping[str, Any], place: pathlib.Path) -> None:
        """Writes the `.json` file, bound to all files of the state.

        Args:
            content: What it holds.
            place: The file of the variables, which has not got its name yet.
        """
        folder = self.path.parent
        files = {str(each.relative_to(folder)): file_digest(each) for each in self.other_files()}
        write_sealed(
            self.record_path, {**content, "files": {**files, self.path.name: file_digest(place)}}
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


def first_whole(states: Iterable[State]) -> tuple[State | None, str | None]:
    """Finds the first of some states that is as it was written.

    Args:
        states: The states, the newest first.

    Returns:
        The state, `None` where there are none; and what is wrong with the newest, if anything is.

    Raises:
        DamagedError: Where there are states, and none is whole.
    """
    damage: DamagedError | None = None
    for state in states:
        try:
            state.check()
        except DamagedError as error:
            damage = damage or error
            continue
        return state, None if damage is None else str(damage)
    if damage is not None:
        raise damage
    return None, None


def keep_newest(states: list[State]) -> None:
    """Deletes the files of all states but the two newest.

    Args:
        states: All states of a folder, the newest first.
    """
    kept = {state.path.stem for state in states[:KEPT]}
    for path in states[0].path.parent.glob("epoch-*") if states else ():
        if path.stem not in kept:
            path.unlink()
