"""Tasks from the folders that hold them."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.files import CONFIG, MODEL, NO_MODEL, read_config
from kerasrnn.tasks.registry import registered, task_class
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
        ValueError: Where the folder holds no task, or one of a later version of this package.
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
    loaded = task.load_parts(folder, keras.models.load_model(path), config)
    loaded.origin = origin_of(config)
    return loaded


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
