"""What a run's folder holds, as far as it is read without Keras."""

from __future__ import annotations

import contextlib
import csv
import pathlib
from typing import Any

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
    "read_metrics",
]

HISTORY, METRICS, STATE = "history.csv", "metrics.json", "state"
# The batch at which a loss stopped being finite.
DIVERGED = "diverged.npz"
# The folder in that of the state that the halving rule has.
HALVING = "halving"
EXPORTS = "exports.json"
# What `metrics.json` holds.
MEASURED = {
    **{"test": dict, "validation": dict, "examples": dict, "monitor": str},
    **{"epoch": int, "epochs": int, "parameters": int, "training_seconds": (int, float)},
}


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


def read_metrics(folder: pathlib.Path) -> dict[str, Any]:
    """Reads what a training measured; nothing of a run that is not finished.

    Raises:
        UserError: Where the file holds something else.
    """
    path = folder / METRICS
    metrics = read_json(path) if path.is_file() else {}
    if not isinstance(metrics, dict):
        raise UserError(f"{path}: expected a JSON object. Received: {metrics!r:.60}")
    for name, kind in MEASURED.items():
        value = metrics.get(name)
        if value is not None and not isinstance(value, kind):
            raise UserError(f"{path}: expected `{name}` of a run. Received: {value!r:.60}")
    return metrics


def read_exports(folder: pathlib.Path) -> list[dict[str, str]]:
    """Reads which versions were exported of a run: their `folder` and `date`, the last one last."""
    path = folder / EXPORTS
    content = read_json(path) if path.is_file() else {}
    exports = content.get("exports", []) if isinstance(content, dict) else None
    listed = isinstance(exports, list) and all(isinstance(each, dict) for each in exports)
    if not listed or not all({"folder", "date"} <= each.keys() for each in exports or ()):
        raise UserError(f"{path}: expected a list of exports. Received: {content!r:.60}")
    return exports or []


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
