"""Inputs of tasks of vectors: arrays, lists of rows, files; and how features are standardised."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn.checks import UserError, check_list, check_texts
from kerasrnn.datasets import VectorScale, read_sequences
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.table_rows import ALSO_TABLES, PLAIN, TABLES
from kerasrnn.datasets.sequences.array_file import ARRAYS
from kerasrnn.datasets.sequences.labelled_sequences import NamedSequence, as_steps
from kerasrnn.files import found_in, write_beside
from kerasrnn.options import Source
from kerasrnn.tasks.records import named
from kerasrnn.tasks.task import Task

__all__ = ["VectorInputs", "write_sequence"]

READ = (*ARRAYS, *TABLES, *(form for form in ALSO_TABLES if form not in PLAIN))


class VectorInputs(Task):
    """A task that reads sequences of vectors.

    Attributes:
        scale: How features are standardised.
        columns: The names of the features, `None` where they have none.
    """

    model: keras.Model
    scale: VectorScale
    columns: tuple[str, ...] | None

    def set_features(self, scale: VectorScale, columns: Sequence[str] | None) -> None:
        """Sets what the features are.

        Args:
            scale: How they are standardised.
            columns: Their names, if they have any.

        Raises:
            ValueError: Where their number is not the one that the model was built for.
        """
        shape = next((t.shape for t in self.model.inputs if t.name == "features"), ())
        size = shape[-1] if len(shape) == 3 else None
        if size != len(scale.mean) or (columns is not None and len(columns) != size):
            raise UserError(
                f"Expected a scale, and names, of {size} features, as the model has. Received: "
                f"{len(scale.mean)}{'' if columns is None else f' and {len(columns)} names'}"
            )
        self.scale = scale
        self.columns = None if columns is None else tuple(check_texts("columns", columns))

    def arrays(self, inputs: Iterable[Any]) -> list[np.ndarray]:
        """Makes a `(T, F)` float32 array of each input.

        Raises:
            ValueError: For what is none, has no step, another number of features, or a NaN.
        """
        size = len(self.scale.mean)
        arrays = []
        for i, each in enumerate(self.checked(inputs), start=1):
            steps, where = each, f"sequence {i}"
            if isinstance(each, NamedSequence):
                steps, where = each.steps, f"sequence {each.name}"
            elif isinstance(each, (str, os.PathLike)):
                steps, where = self._from_file(each), str(each)
            arrays.append(as_steps(steps, where, size))
        return arrays

    def _from_file(self, path: str | os.PathLike[str]) -> np.ndarray:
        found = read_sequences(path, labelled=False) if form_of(path) in ARRAYS else None
        if found is None or len(found.features) != 1:
            raise UserError(
                "Expected the path of a .npy file with one sequence (T, F). "
                f"Received: {str(path)!r:.80}"
            )
        return found.features[0]

    def padded(self, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Puts arrays into one batch: `features` `(B, T, F)` float32 and `length` `(B,)` int32."""
        lengths = np.array([len(each) for each in arrays], "int32")
        features = np.zeros(
            (len(arrays), lengths.max(initial=0), len(self.scale.mean)), dtype="float32"
        )
        for row, each in zip(features, arrays, strict=True):
            row[: len(each)] = each
        return features, lengths

    def sequences_of(self, source: Source) -> Iterator[Any]:
        """Reads the sequences of a file of arrays or a long table; of any other, each line is one.

        Args:
            source: The file.
        """
        if form_of(source.data) not in READ:
            yield from Task.read_inputs(self, source)
            return
        found = read_sequences(source.data, labelled=False, columns=self.columns, **source.form)
        for name, steps in zip(found.names, found.features, strict=True):
            yield NamedSequence(name, steps)

    def names_of(self, inputs: Sequence[Any]) -> list[Any]:
        """Names inputs such that JSON can hold it: by their ids, paths, or numbers from 1."""
        return [
            each.name if isinstance(each, NamedSequence) else name
            for each, name in zip(inputs, named(inputs), strict=True)
        ]

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike[str] = ".") -> list[Any]:
        """Reads sequences: a line is the path of a `.npy` file, or JSON: `[[1, 2], [3, 4]]`."""
        return [self._parsed(line.strip(), folder) for line in lines]

    def _parsed(self, line: str, folder) -> Any:
        if not line.startswith("["):
            return found_in(folder, line)
        try:
            return json.loads(line)
        except ValueError:
            raise UserError(
                "Expected the path of a .npy file, or the rows of a sequence as JSON, such as "
                f"[[1, 2], [3, 4]]. Received: {line[:60]!r}"
            ) from None

    def checked(self, inputs: Iterable[Any]) -> list[Any]:
        return check_list("inputs", inputs, "sequences of vectors")

    def served_inputs(self, inputs: Sequence[Any]) -> dict[str, Any]:
        features, length = self.padded(self.arrays(inputs))
        return {"features": features.tolist(), "length": length.tolist()}

    def described(self) -> dict[str, Any]:
        columns = None if self.columns is None else list(self.columns)
        return {**super().described(), "columns": columns}

    def default_inputs(self) -> list[Any]:
        return [np.tile(self.scale.mean, (steps, 1)) for steps in (3, 1)]

    def feature_parts(self) -> dict[str, Any]:
        """Returns what `config.json` holds of the features."""
        columns = None if self.columns is None else list(self.columns)
        return {"columns": columns, "scale": dataclasses.asdict(self.scale)}

    @staticmethod
    def loaded_features(config: Mapping[str, Any]) -> tuple[VectorScale, Sequence[str] | None]:
        """Reads what `feature_parts` returned."""
        scale = config["scale"]
        scale = VectorScale(tuple(scale["mean"]), tuple(scale["deviation"]))
        return scale, config.get("columns")


def write_sequence(folder: pathlib.Path, name: str, steps: np.ndarray) -> str:
    """Writes a sequence into the examples of a run, for `kerasrnn predict` to read.

    Args:
        folder: The folder of the run.
        name: Name of the file, such as `"0.npy"`.
        steps: `(T, F)` float32.

    Returns:
        The path of the file from the folder of the run.
    """
    path = folder / "examples" / name
    path.parent.mkdir(parents=True, exist_ok=True)

    def write(beside: pathlib.Path) -> None:
        with open(beside, "wb") as file:
            np.save(file, steps, allow_pickle=False)

    write_beside(path, write)
    return f"examples/{name}"
