"""Paths that a user names, checked before anything is read, written or imported for it."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable
from typing import Any

from kerasrnn.checks import DamagedError, UserError
from kerasrnn.files.json_files import read_json
from kerasrnn.files.lines import open_bytes
from kerasrnn.files.sealed import read_sealed

__all__ = [
    "CONFIG",
    "FOLDS",
    "MODEL",
    "NO_MODEL",
    "check_data",
    "check_file",
    "check_output",
    "check_recorded",
    "check_run",
    "found_in",
    "read_config",
]

CONFIG, MODEL = "config.json", "model.keras"
# Why a run may have no model.
NO_MODEL = "no epoch of this run has ended yet with a finite validation"
# The folder that a cross-validation has its folds in.
FOLDS = "folds"
# What tells that a training has begun to write into a folder, and keeps others out.
LOCK = "state/lock"
# What `config.json` has of every task, as far as it has it: an object of texts, a list of texts, …
ENTRIES = {"task": str, "format": int, "settings": dict, "date": str, "run": str}
OF_TEXTS = {"digests": dict, "files": dict, "versions": dict, "chosen": list}
# What ends so is a path, and no name of a data set.
ENDINGS = (".tsv", ".csv", ".jsonl", ".ndjson", ".txt", ".conll", ".conllu", ".gz", ".json")
ENDINGS += (".npz", ".npy", ".gif")  # arrays, animations


def check_file(path: str | os.PathLike[str]) -> None:
    """Raises a `UserError` for what is no file that can be read; pipes are not touched."""
    if not os.path.exists(path) or os.path.isdir(path) or os.path.isfile(path):
        with open_bytes(path):
            pass


def check_data(data: str | os.PathLike[str]) -> None:
    """Raises a `UserError` for a path of data that is not there or cannot be read.

    Args:
        data: A file, a folder, files with commas between them, or the name of a data set, which is
            taken as it is.
    """
    parts = [str(data)] if os.path.exists(data) else str(data).split(",")
    for part in map(str.strip, parts):
        meant = part.casefold().endswith(ENDINGS) or part.startswith((".", "/", "~"))
        if not os.path.isdir(part) and (len(parts) > 1 or meant or os.path.exists(part)):
            check_file(part)


def found_in(folder: str | os.PathLike[str], name: str) -> pathlib.Path:
    """Finds what a line of a file or of an input names.

    Args:
        folder: Where it is looked for first: that of the file, or of the run.
        name: A path from there, or from the folder in which the process runs.

    Returns:
        The path: that in `folder` where it is there, or neither is.

    Example:

    >>> found_in("no/such/folder", "a.png").as_posix()
    'no/such/folder/a.png'
    """
    place = pathlib.Path(folder, name)
    return pathlib.Path(name) if os.path.exists(name) and not os.path.exists(place) else place


def check_recorded(run: str | os.PathLike[str], sources: Iterable[str]) -> None:
    """Raises a `UserError` where a file that a run was trained on is not there.

    Paths are recorded as the user gave them, so that runs and data can be moved together; from
    another working directory they may lead nowhere.

    Args:
        run: Folder of the run.
        sources: The data sets and files that it has recorded.
    """
    for path in sources:
        try:
            check_data(path)
        except UserError as error:
            raise UserError(
                f"Expected {path!r}, which {run} was trained on, as seen from the folder "
                f"{os.getcwd()}; --data says where it is now. Received: {error}"
            ) from None


def read_config(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads what a run or another saved task says of itself.

    Args:
        folder: The folder.

    Returns:
        The content of `config.json`.

    Raises:
        UserError: Where there is none, or it is not as it was written.
    """
    path = pathlib.Path(folder, CONFIG)
    if not path.is_file():
        raise UserError(f"Expected a folder with a {CONFIG}. Received: {str(folder)!r}")
    config = read_json(path)
    if not isinstance(config, dict):
        raise UserError(f"{path}: expected a JSON object. Received: {config!r:.60}")
    try:
        read_sealed(path)
    except DamagedError as error:
        raise DamagedError(f"{error} (without its entry `seal` it is read as it is)") from None
    for name, kind in {**ENTRIES, **OF_TEXTS}.items():
        value = config.get(name)
        if value is None:
            continue
        fits = isinstance(value, kind) and not isinstance(value, bool)
        if fits and name in OF_TEXTS:
            texts: Any = value.values() if isinstance(value, dict) else value
            fits = all(isinstance(each, str) for each in texts)
        if not fits:
            raise UserError(f"{path}: expected `{name}` of a run. Received: {value!r:.60}")
    return config


def check_run(folder: str | os.PathLike[str], task: str | None = None) -> dict[str, Any]:
    """Checks that a folder holds a trained run.

    Args:
        folder: The folder.
        task: The name of the task that it has to be of; any by default.

    Returns:
        As `read_config`.

    Raises:
        UserError: Where it does not, or no epoch of the run has ended with a finite validation.
    """
    config = read_config(folder)
    if task is not None and config.get("task") != task:
        raise UserError(
            f"Expected a run of `kerasrnn train {task}`. "
            f"Received: {folder}, of the task {config.get('task')!r}"
        )
    path = pathlib.Path(folder, MODEL)
    if not path.is_file():
        raise UserError(f"Expected {path}, which is not there: {NO_MODEL}")
    return config


def check_output(
    folder: str | os.PathLike[str], resume: bool = False, *, folds: bool = False
) -> pathlib.Path:
    """Checks, without writing anything, that a run may write into a folder.

    Args:
        folder: The folder of the run.
        resume: Whether a run that is there already is continued. One that was killed before its
            settings were written can be begun anew, with `resume` and without.
        folds: Whether it is a cross-validation, which begins with its folds.

    Returns:
        The folder as a path.

    Raises:
        UserError: Where it holds something and is not to be resumed, or cannot be written.
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise UserError(f"Expected a folder as output. Received: {folder}, a file")
    never_begun = (folder / LOCK).is_file() and not (folder / CONFIG).exists()
    if folder.is_dir() and any(folder.iterdir()) and not never_begun:
        if not resume:
            raise UserError(
                f"Output folder is not empty: {folder}. Expected a new or an empty folder "
                "(--resume continues a run)"
            )
        if not (folder / CONFIG).is_file() and not (folds and (folder / FOLDS).is_dir()):
            raise UserError(f"Expected a run to resume. Received: {folder} without {CONFIG}")
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"Expected an output folder that can be written. Received: {folder}")
    return folder
