"""Tasks from the folders that hold them."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.files import CONFIG, MODEL, NO_MODEL, check_digest, read_config
from kerasrnn.tasks.registry import registered, task_class
from kerasrnn.tasks.runs.model_file import read_model
from kerasrnn.tasks.runs.origin import origin_of
from kerasrnn.tasks.task import FORMAT, Task
from kerasrnn.text import Tokenizer

__all__ = ["load", "load_tokenizer"]


def load(folder: str | os.PathLike[str], model: str | os.PathLike[str] | None = None) -> Task:
    """Loads what `Task.save` or a training run wrote.

    Args:
        folder: The folder.
        model: Another `.keras` file of the same model; `model.keras` in the folder by default.

    Returns:
        The task, a `Translator` for example. Its predictions are those of the saved one.

    Raises:
        ValueError: Where the folder holds no task, one of a later version of this package, or
            files that are not as they were written.
    """
    folder = pathlib.Path(folder)
    config = read_config(folder)
    task = task_class(str(config.get("task")))
    if task is None or config.get("format") not in range(1, FORMAT + 1):
        known = sorted(name for entry in registered().values() for name in entry.saved_as)
        raise UserError(
            f"{folder / CONFIG}: expected one of the tasks {known} in format 1 to "
            f"{FORMAT}, the latest that this version of kerasrnn reads. "
            f"Received: format {config.get('format')!r}, task {config.get('task')!r}"
        )
    path = pathlib.Path(folder / MODEL if model is None else model)
    if not path.is_file():
        raise UserError(f"Expected {path}, which is not there: {NO_MODEL}")
    for name, digest in (config.get("files") or {}).items():
        if pathlib.Path(name).name != name:
            raise UserError(f"{folder / CONFIG}: expected names of files. Received: {name!r:.60}")
        check_digest(folder / name, digest)
    loaded = _with_parts(task, folder, path, config)
    loaded.origin = origin_of(config)
    return loaded


def _with_parts(
    task: type[Task], folder: pathlib.Path, path: pathlib.Path, config: dict[str, Any]
) -> Task:
    """Makes a task of its model and of what `config.json` says, which may be anything."""
    try:
        task.options_class.recorded(config.get("settings") or {})
    except UserError as error:
        raise UserError(f"{folder / CONFIG}: {error}") from None
    model = read_model(path, config.get("run"))
    try:
        return task.load_parts(folder, model, config)
    except UserError:
        raise
    except KeyError as error:
        raise UserError(f"{folder / CONFIG}: expected the entry {error}. Received: none") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"{folder / CONFIG}: expected what the task {task.name!r} is made of. "
            f"Received: {reason:.200}"
        ) from error


def load_tokenizer(
    folder: pathlib.Path, config: Mapping[str, Any], name: str = "vocabulary", **unrecorded: Any
) -> Tokenizer:
    """Reads a tokenizer that a task has saved.

    Args:
        folder: The folder of the task.
        config: What its `config.json` holds.
        name: The name of the tokenizer's files.
        **unrecorded: Its options in format 1, which the config holds, or no file.

    Returns:
        The tokenizer.
    """
    return Tokenizer.load(folder, name, **(unrecorded if config["format"] == 1 else {}))
