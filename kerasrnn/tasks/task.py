"""What all tasks share: one folder that holds everything, and an export."""

from __future__ import annotations

import abc
import dataclasses
import functools
import itertools
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import keras
import numpy as np

from kerasrnn import export
from kerasrnn.checks import UserError, check_texts
from kerasrnn.export.signatures import Signatures
from kerasrnn.files import (
    CONFIG,
    MODEL,
    numbered_lines,
    write_beside,
    write_json,
)
from kerasrnn.options import Options, Source
from kerasrnn.tasks.batching import checked_column, run_in_batches
from kerasrnn.tasks.versions import versions

__all__ = ["FORMAT", "Task"]

# What is written; format 1, which has no options of tokenizers beside their vocabularies, is read.
FORMAT = 2
LINES_AT_ONCE = 1024


class Task(abc.ABC):
    """A model with what it needs to take raw input and to give raw output.

    A subclass says its `name`, and what beside the model has to be stored; its signatures are
    what all its answers come from.

    Args:
        model: A `keras.Model` of the factories.
        settings: What the training was told, for the record; anything that JSON can hold.
    """

    name: str
    # The output of the signature that is the answer.
    served_answer = "text"
    # What one input is called in a table of answers, and which parts of a record, see `records`,
    # hold a value for each step of it: by their names those of their columns.
    unit = "input"
    steps: Mapping[str, str] = {}

    options_class: type[Options] = Options

    def __init__(self, model: keras.Model, settings: Mapping | None = None):
        self.model = model
        self.settings = dict(settings or {})

    @functools.cached_property
    def options(self) -> Options:
        """What the training was told, as options of today's version of the task."""
        return self.options_class.recorded(self.settings)

    @functools.cached_property
    def signatures(self) -> Signatures:
        """The functions that all answers come from, in Python and in an export.

        They are made when something is predicted or exported, not with the task.
        """
        return self.new_signatures()

    @abc.abstractmethod
    def new_signatures(self) -> Signatures:
        """Makes the functions that all answers come from."""

    @abc.abstractmethod
    def predict(self, inputs):
        """Turns raw inputs into raw outputs."""

    def read(
        self,
        data: str,
        split: str | None,
        data_dir: str | None = None,
        *,
        features: Mapping | str | None = None,
        encoding: str | None = None,
    ):
        """Reads the raw examples that `evaluate` takes.

        Args:
            data: A data set's name or a file, as the training takes them.
            split: `"train"`, `"validation"` or `"test"`; `None` for all of a file.
            data_dir: Folder of prepared tensorflow-datasets; that of the training by default.
            features: Which features or columns are meant; those of the training by default.
            encoding: That of a file; that of the training by default.
        """
        given = {"data_dir": data_dir, "features": features, "encoding": encoding}
        given = {name: value for name, value in given.items() if value is not None}
        return self.read_source(dataclasses.replace(self.options.source(data, split), **given))

    @abc.abstractmethod
    def read_source(self, source: Source):
        """Reads the raw examples that `evaluate` takes from where they are."""

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

    def file_inputs(
        self,
        path: str | os.PathLike,
        *,
        features: Mapping | str | None = None,
        encoding: str = "utf-8",
    ) -> Iterator:
        """Reads inputs of `predict` from a file, by the reader of the training.

        Args:
            path: A file as the training takes it, with or without what is to be predicted; of any
                other file, each line is an input.
            features: Which columns are meant; those of the training by default.
            encoding: That of the file.

        Yields:
            The inputs, in the order of the file.

        Raises:
            ValueError: For a file that is not there, or a row that cannot be read, which is named.
        """
        lines = (line for _, line in numbered_lines(path, encoding))
        while some := list(itertools.islice(lines, LINES_AT_ONCE)):
            yield from self.parse_lines(some, pathlib.Path(path).parent)

    def answers(self, inputs: Iterable) -> Iterable:
        """Answers inputs with what is printed, an item a line: texts, numbers, or lists of them."""
        return self.predict(inputs)

    @abc.abstractmethod
    def records(self, inputs: Iterable, *, probabilities: bool = False) -> list[dict]:
        """Answers inputs with all that a table of answers holds.

        Args:
            inputs: As those of `predict`.
            probabilities: Whether the probabilities of all classes belong to it.

        Returns:
            For each input the input, the answer, and how sure the model is of it, by name, such
            that JSON can hold it. Of the parts that the class names as `steps`, each has a value
            for each step.
        """

    def checked(self, inputs: Iterable) -> list:
        """Returns inputs of `predict` as a list.

        Raises:
            ValueError: For a single input, or what is none among them.
        """
        return check_texts("inputs", inputs)

    def served_inputs(self, inputs: Sequence) -> dict:
        """Turns inputs of `predict` into those of the exported signature, by their names."""
        return {"text": list(inputs)}

    def call(self, signature: str, inputs: Iterable, batch_size: int = 256, **columns) -> dict:
        """Runs one of the signatures that an export has, here in Python.

        Args:
            signature: Its name, such as `"encode"`.
            inputs: Inputs, as those of `predict`.
            batch_size: Inputs in a batch; like lengths go together, the order stays.
            **columns: Further inputs of the signature by name, with a value for each row.

        Returns:
            By output name a list with one array for each input, without padding; `{}` for no
            input.

        Raises:
            ValueError: For a signature that this task has not.
        """
        if signature not in self.signatures.functions:
            raise UserError(
                f"Expected one of {list(self.signatures.functions)}. Received: {signature!r}"
            )
        function = self.signatures.functions[signature]
        inputs = self.checked(inputs)
        columns = {
            name: checked_column(name, values, len(inputs)) for name, values in columns.items()
        }
        served = {**self.served_inputs(inputs), **columns}
        specs = function.input_signature

        def serve(rows):
            columns = zip(specs, zip(*rows, strict=True), strict=True)
            return function(*(export.as_tensor(list(each), spec.dtype) for spec, each in columns))

        rows = list(zip(*(served[spec.name] for spec in specs), strict=True))
        sizes = [len(row[0]) if isinstance(row[0], (str, bytes, list)) else 0 for row in rows]
        outputs = run_in_batches(serve, rows, sizes, batch_size)
        for name, axes in self.signatures.lengths.get(signature, {}).items():
            if name in outputs:
                ends = (outputs[axis] if axis else [None] * len(rows) for axis in axes)
                outputs[name] = [
                    values[tuple(slice(end) for end in row)]
                    for values, *row in zip(outputs[name], *ends, strict=True)
                ]
        return outputs

    def encode(self, inputs: Iterable, batch_size: int = 256) -> np.ndarray:
        """Sums each input up in one vector.

        Args:
            inputs: As those of `predict`.
            batch_size: Inputs in a batch.

        Returns:
            `(N, U)` float32: the last state of the encoder, or what the output layer reads, or the
            mean of all states; see the signature `encode` of the export.
        """
        vectors = self.call("encode", inputs, batch_size).get("vector", [])
        if vectors:
            return np.stack(vectors)
        outputs = self.signatures.functions["encode"].get_concrete_function().structured_outputs
        return np.zeros((0, outputs["vector"].shape[-1]), "float32")

    def default_inputs(self) -> list:
        """Returns inputs of `predict` on which an export can be compared."""
        return ["", "a", "0, b"]

    def export(
        self,
        directory: str | os.PathLike,
        examples: Sequence = (),
        *,
        signatures: Sequence[str] | None = None,
        metrics: Mapping | None = None,
    ) -> pathlib.Path:
        """Writes `directory/<next version>/`, a SavedModel that TensorFlow Serving can serve.

        Raw input goes in, raw output comes out. `signatures` of the class in `kerasrnn.export`
        that belongs to this task says what each signature takes and gives. The folder `assets`
        holds the vocabularies, the settings, a description of the signatures and a model card.

        Args:
            directory: Folder of the versions of this model.
            examples: Inputs, as those of `predict`, on which the reloaded export is compared with
                this task.
            signatures: Names of the signatures to export, beside `serving_default`; all by default.
            metrics: What the model reached, for the model card.

        Returns:
            The folder of the new version.

        Raises:
            ValueError: For an unknown signature, or where `directory` cannot be written.
            RuntimeError: Where the reloaded model gives another answer.
        """
        functions = self.signatures.functions
        wanted = list(functions) if signatures is None else ["serving_default", *signatures]
        unknown = [name for name in wanted if name not in functions]
        if unknown:
            raise UserError(f"Expected signatures among {list(functions)}. Received: {unknown}")
        functions = {name: functions[name] for name in functions if name in wanted}

        def write_assets(folder: pathlib.Path) -> None:
            self.save_settings(folder)
            description = {
                "task": self.name,
                "signatures": export.describe(functions, self.signatures.lengths),
                "settings": self.settings,
                "versions": versions(),
                "metrics": dict(metrics or {}),
            }
            export.write_metadata(folder, description)

        served = self.served_inputs(list(examples) or self.default_inputs())
        return export.write_version(
            directory,
            functions,
            tracked=[*self.signatures.models, *self.signatures.tracked],
            example={name: export.as_tensor(value) for name, value in served.items()},
            write_assets=write_assets,
        )

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
            raise UserError(f"Expected a new or an empty folder. Received: {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        self.save_settings(folder)
        self.save_model(folder)

    def save_settings(self, folder: pathlib.Path) -> None:
        """Writes vocabularies, settings and versions into an existing folder."""
        config = {"format": FORMAT, "task": self.name, **self._save_parts(folder)}
        config |= {"settings": self.settings, "versions": versions()}
        write_json(folder / CONFIG, config)

    def save_model(self, folder: pathlib.Path) -> None:
        """Writes the model with the state of its optimizer, in place of the one there."""
        write_beside(folder / MODEL, self.model.save)
