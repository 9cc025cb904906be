"""What a task is to those that call its signatures, in Python or in an export."""

from __future__ import annotations

import abc
import functools
import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn import export
from kerasrnn.checks import UserError, check_texts
from kerasrnn.export.example_row import example_row
from kerasrnn.export.signatures import Signatures
from kerasrnn.options import Options
from kerasrnn.tasks.batching import checked_column, run_in_batches, without_padding
from kerasrnn.tasks.runs.versions import versions

__all__ = ["Served"]


class Served(abc.ABC):
    """Raw inputs and outputs by way of signatures.

    Attributes:
        name: The name of the task.
        settings: What the training was told.
        options: The same, as options of today's version of the task.
    """

    name: str
    settings: dict[str, Any]
    options: Options

    @functools.cached_property
    def signatures(self) -> Any:
        """The functions that all answers come from, in Python and in an export.

        They are made when something is predicted or exported, not with the task.
        """
        return self.new_signatures()

    def described(self) -> dict[str, Any]:
        """Returns what the description of an export says beside what all tasks have."""
        return {}

    @abc.abstractmethod
    def new_signatures(self) -> Signatures:
        """Makes the functions that all answers come from."""

    def checked(self, inputs: Iterable[Any]) -> list[Any]:
        """Returns inputs of `predict` as a list.

        Raises:
            ValueError: For a single input, or what is none among them.
        """
        return check_texts("inputs", inputs)

    def served_inputs(self, inputs: Sequence[Any]) -> dict[str, Any]:
        """Turns inputs of `predict` into those of the exported signature, by their names."""
        return {"text": list(inputs)}

    def call(
        self, signature: str, inputs: Iterable[Any], batch_size: int = 256, **columns: Any
    ) -> dict[str, Any]:
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
        served, number = self.inputs_of(signature, inputs)
        columns = {name: checked_column(name, values, number) for name, values in columns.items()}
        return self._rows_of_signature(signature, {**served, **columns}, batch_size)

    def inputs_of(self, signature: str, inputs: Iterable[Any]) -> tuple[dict[str, Any], int]:
        """Checks the inputs of a signature; those of `predict` are those of all by default.

        Args:
            signature: Its name.
            inputs: Inputs, as `call` takes them.

        Returns:
            By name what the signature takes of them, and their number.
        """
        checked = self.checked(inputs)
        return self.served_inputs(checked), len(checked)

    def _rows_of_signature(
        self, signature: str, served: Mapping[str, Any], batch_size: int
    ) -> dict[str, Any]:
        function = self.signatures.functions[signature]
        specs = function.input_signature

        def serve(rows):
            columns = zip(specs, zip(*rows, strict=True), strict=True)
            return function(*(export.as_tensor(list(each), spec.dtype) for spec, each in columns))

        rows = list(zip(*(served[spec.name] for spec in specs), strict=True))
        sizes = [self.row_size(row) for row in rows]
        outputs = run_in_batches(serve, rows, sizes, batch_size)
        return without_padding(outputs, self.signatures.lengths.get(signature, {}))

    def row_size(self, row: Sequence[Any]) -> int:
        """Returns by what number rows are sorted into batches of like lengths.

        Args:
            row: The values of the inputs of a signature, in their order.
        """
        return len(row[0]) if isinstance(row[0], (str, bytes, list)) else 0

    def encode(self, inputs: Iterable[Any], batch_size: int = 256) -> np.ndarray:
        """Sums each input up in one vector.

        Args:
            inputs: As those of `predict`; of a task that compares pairs, single texts.
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

    def example_inputs(self, examples: list[Any]) -> dict[str, Any]:
        """Returns by name the inputs of all signatures on which an export is compared.

        Args:
            examples: Inputs of `predict`.
        """
        return self.served_inputs(examples)

    def default_inputs(self) -> list[Any]:
        """Returns inputs of `predict` on which an export can be compared."""
        return ["", "a", "0, b"]

    def export(
        self,
        directory: str | os.PathLike[str],
        examples: Sequence[Any] = (),
        *,
        signatures: Sequence[str] | None = None,
        metrics: Mapping[str, Any] | None = None,
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
                **self.described(),
                **example_row(self.served_inputs(self.default_inputs()[:1])),
                "signatures": export.describe(functions, self.signatures.lengths),
                "settings": self.settings,
                "versions": versions(),
                "metrics": dict(metrics or {}),
            }
            splittings = [getattr(each, "splitting", 1) for each in self.signatures.tracked]
            description["splitting"] = max(splittings, default=1)
            data = next(iter(self.options.sources()), None)
            export.write_metadata(folder, description, data)

        served = self.example_inputs(list(examples) or self.default_inputs())
        return export.write_version(
            directory,
            functions,
            tracked=[*self.signatures.models, *self.signatures.tracked],
            example={name: export.as_tensor(value) for name, value in served.items()},
            write_assets=write_assets,
        )

    @abc.abstractmethod
    def save_settings(self, folder: pathlib.Path) -> None:
        """Writes vocabularies, settings and versions into an existing folder."""
