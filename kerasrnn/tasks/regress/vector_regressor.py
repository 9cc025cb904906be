"""Sequence of vectors to numbers: the load of the next day, a dose, a grade."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError
from kerasrnn.datasets import VectorScale, numbered_vectors
from kerasrnn.datasets.loaders.numbered_vectors import as_numbered_vectors
from kerasrnn.metrics import TargetScale
from kerasrnn.options import Source
from kerasrnn.tasks.batching import run_in_batches
from kerasrnn.tasks.regress.number_task import NumberTask
from kerasrnn.tasks.regress.vector_regression_signatures import VectorRegressionSignatures
from kerasrnn.tasks.vectors.vector_input import VectorInputs

__all__ = ["VectorRegressor"]


class VectorRegressor(VectorInputs, NumberTask):
    """A `many_to_one` of vectors, with how features are standardised and the scale of its targets.

    An input of `predict` is a `(T, F)` array, of any number of steps T; a list of such rows; or the
    path of a `.npy` file with such an array.

    Args:
        model: What `many_to_one` returned for vectors of F features, trained or not.
        scale: That of the features of the training part.
        target_scale: That of the K targets in training, in the order of the model's outputs.
        columns: The names of the features, by which the columns of a table are found; none by
            default.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the features or the targets are not those that the model was built for.

    Example:

    >>> model = many_to_one((3,), 2, units=5)
    >>> scale = datasets.VectorScale(mean=(0.0, 1.0, 2.0), deviation=(1.0, 1.0, 5.0))
    >>> targets = metrics.TargetScale.fit([[1.0, 20.0], [5.0, 10.0]], ["load", "oil"])
    >>> VectorRegressor(model, scale, targets).predict([np.ones((7, 3)), np.ones((2, 3))])[1].shape
    (2,)
    """

    name = "regress-vectors"
    options_class = options.Regress
    unit = read_as = "sequence"

    def __init__(
        self,
        model: keras.Model,
        scale: VectorScale,
        target_scale: TargetScale,
        columns: Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, settings)
        self.set_features(scale, columns)
        if len(model.output_shape) != 2 or model.output_shape[-1] != len(target_scale.targets):
            raise UserError(
                f"Expected as many targets as the model's outputs {model.output_shape} have. "
                f"Received: {len(target_scale.targets)}"
            )
        self.set_targets(target_scale)

    def new_signatures(self) -> VectorRegressionSignatures:
        return VectorRegressionSignatures(self.model, self.scale, self.target_scale)

    def predict(self, inputs: Iterable[Any], batch_size: int = 256) -> list[np.ndarray]:
        """Answers each sequence with its numbers.

        Args:
            inputs: Sequences, in any number.
            batch_size: Sequences in a batch; like lengths go together, the order stays.

        Returns:
            For each `(K,)` float64, in the units and the order of the targets.

        Raises:
            ValueError: For what is no input.
        """
        arrays = self.arrays(inputs)
        serve = self.signatures.functions["serving_default"]
        outputs = run_in_batches(
            lambda some: serve(*self.padded(some)), arrays, list(map(len, arrays)), batch_size
        )
        return outputs.get("numbers", [])

    def read_source(self, source: Source) -> Any:
        """Reads sequences of vectors with numbers, see `datasets.numbered_vectors`."""
        own = {"bad_rows": self.options.bad_rows, "columns": self.columns}
        return numbered_vectors(source.data, source.split, **own, **source.form)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(features, numbers)`, see `datasets.numbered_vectors`.

        Args:
            examples: Such a data set; or a list, a table or a generator of sequences, each with a
                number, or with K of them.
        """
        return as_numbered_vectors(examples)

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return self.sequences_of(source)

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        features = self.feature_parts()
        return {
            "scale": dataclasses.asdict(self.target_scale),
            "feature_scale": features["scale"],
            "columns": features["columns"],
        }

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> VectorRegressor:
        features = {"scale": config["feature_scale"], "columns": config["columns"]}
        scale, columns = cls.loaded_features(features)
        targets = TargetScale.of_parts(config["scale"])
        return cls(model, scale, targets, columns, config["settings"])
