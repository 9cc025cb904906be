"""What classifiers of arrays share: of images, and of sequences of vectors."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kerasrnn.tasks.batching import run_in_batches
from kerasrnn.tasks.classify.text_classifier import Classification
from kerasrnn.tasks.classify.thresholded import Thresholded
from kerasrnn.tasks.tallies.pair_counts import pair_counts

__all__ = ["ArrayClassifier"]

READ_AT_ONCE = 256


class ArrayClassifier(Thresholded):
    """A `many_to_one` of arrays with the names of its classes; which arrays, a subclass says."""

    served_answer = "label"

    @abc.abstractmethod
    def arrays(self, inputs: Iterable[Any]) -> list[np.ndarray]:
        """Makes the array of each input.

        Args:
            inputs: As in `predict`.

        Returns:
            As many arrays, the first axis of each being its steps.

        Raises:
            ValueError: For what is no input.
        """

    @abc.abstractmethod
    def classify_batch(self, arrays: Sequence[np.ndarray]) -> Any:
        """Runs the signature on a batch of arrays."""

    def predict(self, inputs: Iterable[Any], batch_size: int = 256) -> list[str]:
        """Names the most likely label of each input, or the one by the threshold.

        Args:
            inputs: Those of the class.
            batch_size: Inputs in a batch; like lengths go together, the order stays.

        Returns:
            The labels, as many as there are inputs.

        Raises:
            ValueError: For what is no input.
        """
        return [each.label for each in self.classify(inputs, batch_size)]

    def classify(self, inputs: Iterable[Any], batch_size: int = 256) -> list[Classification]:
        """Labels inputs and tells all probabilities.

        Args:
            inputs: As in `predict`.
            batch_size: Inputs in a batch.

        Returns:
            A `Classification` for each.
        """
        arrays = self.arrays(inputs)
        outputs = run_in_batches(self.classify_batch, arrays, list(map(len, arrays)), batch_size)
        return [
            Classification(
                label=outputs["label"][i].decode("utf-8"),
                probability=float(outputs["probability"][i]),
                probabilities=dict(
                    zip(self.labels, outputs["probabilities"][i].tolist(), strict=True)
                ),
            )
            for i in range(len(arrays))
        ]

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        answers = self.predict([array for array, _ in rows], batch_size)
        return {"pairs": pair_counts([label.decode("utf-8") for _, label in rows], answers)}

    def answered(self, examples: Any) -> tuple[range, list[str], list[Classification]]:
        targets: list[str] = []
        found: list[Classification] = []
        rows = iter(self.rows_of(examples))
        while some := list(itertools.islice(rows, READ_AT_ONCE)):
            targets += [label.decode("utf-8") for _, label in some]
            found += self.classify([array for array, _ in some])
        return range(1, len(found) + 1), targets, found
