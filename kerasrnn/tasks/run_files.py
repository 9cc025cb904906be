"""What a run's folder holds, as far as it is read without Keras."""

from __future__ import annotations

import contextlib
import csv
import pathlib

from kerasrnn.checks import UserError
from kerasrnn.files import read_json, write_json

__all__ = [
    "DIVERGED",
    "HALVING",
    "HISTORY",
    "METRICS",
    "STATE",
    "has_state",
    "note_export",
    "read_exports",
    "read_history",
]

HISTORY, METRICS, STATE = "history.csv", "metrics.json", "state"
# The batch at which a loss stopped being finite.
DIVERGED = "diverged.npz"
# The folder in that of the state that the halving rule has.
HALVING = "halving"
EXPORTS = "exports.json"


def has_state(folder: pathlib.Path) -> bool:
    """Tells whether a run has saved a state from which it could go on."""
    return any((folder / STATE).glob("epoch-*.keras"))


def read_history(folder: pathlib.Path, epochs: int) -> list[dict[str, float]]:
    """Reads the first rows of `history.csv`, one for each epoch."""
    path = folder / HISTORY
    if not path.is_file():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    rows = [row for row in rows if row["epoch"] < epochs]
    return [{**row, "epoch": int(row["epoch"])} for row in rows]


def read_exports(folder: pathlib.Path) -> list[dict[str, str]]:
    """Reads which versions were exported of a run: their `folder` and `date`, the last one last."""
    path = folder / EXPORTS
    return read_json(path).get("exports", []) if path.is_file() else []


def note_export(folder: pathlib.Path, version: pathlib.Path, date: str) -> None:
    """Notes in a run that a version was exported of it; where it cannot be written, nothing is.

    Args:
        folder: The folder of the run.
        version: The folder of the version.
        date: When, as `utc_date` says it.
    """
    with contextlib.suppress(UserError):
        each = {"folder": str(version), "date": date}
        write_json(folder / EXPORTS, {"exports": [*read_exports(folder), each]})
