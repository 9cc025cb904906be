"""Sequence of vectors to label: sensors, gestures, anything measured step by step."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_texts
from kerasrnn.datasets import VectorScale, as_vectors, labelled_vectors
from kerasrnn.options import Source
from kerasrnn.tasks.classify.array_task import ArrayClassifier
from kerasrnn.tasks.classify.vector_signatures import VectorClassificationSignatures
from kerasrnn.tasks.labelled import distinct_labels
from kerasrnn.tasks.records import class_records
from kerasrnn.tasks.vectors.vector_input import VectorInputs
from kerasrnn.views.logits import check_logits

__all__ = ["VectorClassifier"]


class VectorClassifier(VectorInputs, ArrayClassifier):
    """A `many_to_one` of vectors with the names of its classes, and how features are standardised.

    An input of `predict` is a `(T, F)` array, of any number of steps T; a list of such rows; or the
    path of a `.npy` file with such an array.

    Args:
        model: What `many_to_one` returned for vectors of F features, trained or not.
        labels: Names of the C classes, in the order of the model's outputs.
        scale: That of the training part.
        columns: The names of the features, by which the columns of a table are found; none by
            default.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the labels or the features are not those that the model was built for.

    Example:

    >>> model = many_to_one((3,), 2, units=5)
    >>> scale = datasets.VectorScale(mean=(0.0, 1.0, 2.0), deviation=(1.0, 1.0, 5.0))
    >>> labels = VectorClassifier(model, ["rest", "walk"], scale).predict([np.ones((7, 3))])
    """

    name = "classify-vectors"
    options_class = options.Classify
    unit = "sequence"

    def __init__(
        self,
        model: keras.Model,
        labels: Sequence[str],
        scale: VectorScale,
        columns: Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, settings)
        check_logits(model, one_class=True)
        labels = check_texts("labels", labels, "labels")
        self.set_features(scale, columns)
        if len(model.output_shape) != 2 or model.output_shape[-1] != len(labels):
            raise UserError(
                f"Expected as many labels as the model's outputs {model.output_shape} have. "
                f"Received: {len(labels)}"
            )
        self.labels = distinct_labels(labels)

    def new_signatures(self) -> VectorClassificationSignatures:
        return VectorClassificationSignatures(self.model, self.labels, self.scale, self.decision)

    def classify_batch(self, arrays: Sequence[np.ndarray]) -> Any:
        return self.signatures.functions["serving_default"](*self.padded(arrays))

    def read_source(self, source: Source) -> Any:
        """Reads labelled sequences of vectors, see `datasets.labelled_vectors`."""
        return labelled_vectors(source.data, source.split, columns=self.columns, **source.form)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(features, label)`, see `datasets.labelled_vectors`.

        Args:
            examples: Such a data set; or a list, a table or a generator of them.
        """
        return as_vectors(examples)

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return self.sequences_of(source)

    def records(
        self, inputs: Iterable[Any], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        inputs = self.checked(inputs)
        return class_records(self.unit, self.names_of(inputs), self.classify(inputs), probabilities)

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        return {"labels": list(self.labels), **self.feature_parts(), **self.decision_parts()}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> VectorClassifier:
        scale, columns = cls.loaded_features(config)
        return cls(model, config["labels"], scale, columns, config["settings"]).decided_by(config)
