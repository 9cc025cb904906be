"""What all tasks share: one folder that holds everything, and an export."""

from __future__ import annotations

import abc
import contextlib
import importlib.metadata
import os
import pathlib
import platform
from collections.abc import Mapping, Sequence

import keras

from kerasrnn.tasks.files import read_json, write_beside, write_json

__all__ = ["Task", "load"]

MODEL, CONFIG = "model.keras", "config.json"
RECORDED = ("kerasrnn", "keras", "tensorflow", "tensorflow-datasets", "Babel", "numpy")
FORMAT = 1
_TASKS: dict[str, type[Task]] = {}


class Task(abc.ABC):
    """A model with what it needs to take raw input and to give raw output.

    A subclass says its `name`, and what beside the model has to be stored.

    Args:
        model: A `keras.Model` of the factories.
        settings: What the training was told, for the record; anything that JSON can hold.
    """

    name: str
    # The output of the signature that is the answer.
    served_answer = "text"

    def __init__(self, model: keras.Model, settings: Mapping | None = None):
        self.model = model
        self.settings = dict(settings or {})

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        _TASKS[cls.name] = cls

    @abc.abstractmethod
    def predict(self, inputs):
        """Turns raw inputs into raw outputs."""

    @abc.abstractmethod
    def read(self, data: str, split: str, data_dir: str | None = None):
        """Reads the raw examples that `evaluate` takes, from a data set's name or a file."""

    @abc.abstractmethod
    def evaluate(self, examples) -> dict:
        """Measures on raw examples with their right answers."""

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike = ".") -> list:
        """Turns lines of text, as the command line reads them, into inputs of `predict`.

        Args:
            lines: The lines.
            folder: Where files that the lines name may be too.
        """
        return list(lines)

    def served_inputs(self, inputs: Sequence) -> dict:
        """Turns inputs of `predict` into those of the exported signature, by their names."""
        return {"text": list(inputs)}

    @abc.abstractmethod
    def export(self, directory: str | os.PathLike, examples: Sequence) -> pathlib.Path:
        """Writes the next version of a SavedModel, compared on examples; returns its folder."""

    @abc.abstractmethod
    def _save_parts(self, folder: pathlib.Path) -> dict:
        """Writes everything but the model, and returns what goes into `config.json`."""

    @classmethod
    @abc.abstractmethod
    def _load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict) -> Task:
        """Makes the task from what `_save_parts` wrote."""

    def save(self, folder: str | os.PathLike) -> None:
        """Saves everything that `kerasrnn.load` needs into one folder.

        Args:
            folder: A folder that is not there yet, or is empty.

        Raises:
            ValueError: Where the folder already holds something.
        """
        folder = pathlib.Path(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ValueError(f"Expected a new or an empty folder. Received: {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        self.save_settings(folder)
        self.save_model(folder)

    def save_settings(self, folder: pathlib.Path) -> None:
        """Writes vocabularies, settings and versions into an existing folder."""
        config = {"format": FORMAT, "task": self.name, **self._save_parts(folder)}
        config |= {"settings": self.settings, "versions": _versions()}
        write_json(folder / CONFIG, config)

    def save_model(self, folder: pathlib.Path) -> None:
        """Writes the model with the state of its optimizer, in place of the one there."""
        write_beside(folder / MODEL, self.model.save)


def load(folder: str | os.PathLike, model: str | os.PathLike | None = None) -> Task:
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
    if not (folder / CONFIG).is_file():
        raise ValueError(f"Expected a folder with a {CONFIG}. Received: {str(folder)!r}")
    config = read_json(folder / CONFIG)
    if config.get("task") not in _TASKS or config.get("format") != FORMAT:
        raise ValueError(
            f"{folder / CONFIG}: expected format {FORMAT} and one of the tasks {sorted(_TASKS)}. "
            f"Received: format {config.get('format')!r}, task {config.get('task')!r}"
        )
    path = pathlib.Path(folder / MODEL if model is None else model)
    if not path.is_file():
        raise ValueError(f"Expected {path}, which is not there: no epoch of this run has ended yet")
    return _TASKS[config["task"]]._load_parts(folder, keras.models.load_model(path), config)


def _versions() -> dict[str, str]:
    """Versions of what made a run, as far as it is installed."""
    versions = {"python": platform.python_version()}
    for package in RECORDED:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions
