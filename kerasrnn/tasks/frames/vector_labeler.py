"""Sequence of vectors to labels: one for each step."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.datasets import VectorScale, as_vectors, labelled_vectors
from kerasrnn.options import Source
from kerasrnn.tasks.frames.step_labeler import StepLabeler
from kerasrnn.tasks.frames.vector_label_signatures import VectorLabelSignatures
from kerasrnn.tasks.vectors.vector_input import VectorInputs

__all__ = ["VectorLabeler"]


class VectorLabeler(VectorInputs, StepLabeler):
    """A `many_to_many` of vectors with the names of its classes, and how features are standardised.

    An input of `predict` is a `(T, F)` array, of any number of steps T; a list of such rows; or the
    path of a `.npy` file with such an array.

    Args:
        model: What `many_to_many` returned for vectors of F features, with a softmax.
        labels: Names of the L classes, in the order of the model's outputs.
        scale: That of the training part.
        columns: The names of the features, by which the columns of a table are found; none by
            default.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the labels or the features are not those that the model was built for.

    Example:

    >>> model = many_to_many((3,), 2, units=5)
    >>> scale = datasets.VectorScale(mean=(0.0, 1.0, 2.0), deviation=(1.0, 1.0, 5.0))
    >>> labeler = VectorLabeler(model, ["rest", "walk"], scale)
    >>> [len(labels) for labels in labeler.predict([np.ones((7, 3)), np.ones((2, 3))])]
    [7, 2]
    """

    name = "frames-vectors"
    options_class = options.Frames
    unit = "sequence"

    def __init__(
        self,
        model: keras.Model,
        labels: Sequence[str],
        scale: VectorScale,
        columns: Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, labels, settings)
        self.set_features(scale, columns)

    def new_signatures(self) -> VectorLabelSignatures:
        return VectorLabelSignatures(self.model, self.labels, self.scale)

    def label_batch(self, arrays: Sequence[np.ndarray]) -> Any:
        return self.signatures.functions["serving_default"](*self.padded(arrays))

    def read_source(self, source: Source) -> Any:
        """Reads sequences of vectors with labels, see `datasets.labelled_vectors`."""
        return labelled_vectors(
            source.data, source.split, per_step=True, columns=self.columns, **source.form
        )

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(features, labels)`, see `datasets.labelled_vectors`.

        Args:
            examples: Such a data set; or a list, a table or a generator of them.
        """
        return as_vectors(examples, per_step=True)

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return self.sequences_of(source)

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        return {**super().save_parts(folder), **self.feature_parts()}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> VectorLabeler:
        scale, columns = cls.loaded_features(config)
        return cls(model, config["labels"], scale, columns, config["settings"])
