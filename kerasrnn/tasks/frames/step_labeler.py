"""What labelers of steps share: of the frames of videos, and of the steps of vectors."""

from __future__ import annotations

import abc
import dataclasses
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn.checks import UserError, check_texts
from kerasrnn.tasks.batching import run_in_batches, without_padding
from kerasrnn.tasks.class_metrics import class_metrics
from kerasrnn.tasks.labelled import Labelled, distinct_labels
from kerasrnn.tasks.mistakes import mistakes_of_steps
from kerasrnn.tasks.records import named, no_classes
from kerasrnn.tasks.tallies.pair_counts import confusion_of, pair_counts
from kerasrnn.views.logits import check_logits

__all__ = ["FrameLabels", "StepLabeler"]


@dataclasses.dataclass(frozen=True)
class FrameLabels:
    """The labels of a video, or of a sequence of vectors.

    Attributes:
        labels: One for each of T frames, or steps.
        probabilities: `(T,)` float32, that of each label.
    """

    labels: list[str]
    probabilities: np.ndarray


class StepLabeler(Labelled):
    """A `many_to_many` of arrays with the names of its classes; which arrays, a subclass says.

    Attributes:
        counted: What its steps are called among the figures.
    """

    served_answer = "labels"
    counted = "steps"
    tally_batch = 64
    steps = {"labels": "label", "probabilities": "probability"}

    def __init__(
        self, model: keras.Model, labels: Sequence[str], settings: Mapping[str, Any] | None = None
    ):
        super().__init__(model, settings)
        check_logits(model, one_class=True)
        labels = check_texts("labels", labels, "labels")
        if len(model.output_shape) != 3 or model.output_shape[-1] != len(labels):
            raise UserError(
                f"Expected as many labels as the model's outputs {model.output_shape} have. "
                f"Received: {len(labels)}"
            )
        self.labels = distinct_labels(labels)

    @abc.abstractmethod
    def arrays(self, inputs: Iterable[Any]) -> list[np.ndarray]:
        """Makes the array of each input, whose first axis is its steps.

        Raises:
            ValueError: For what is no input.
        """

    @abc.abstractmethod
    def label_batch(self, arrays: Sequence[np.ndarray]) -> Any:
        """Runs the signature on a batch of arrays."""

    @abc.abstractmethod
    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of what `evaluate` takes."""

    def predict(self, inputs: Iterable[Any], batch_size: int = 64) -> list[list[str]]:
        """Labels each step of each input.

        Args:
            inputs: Those of the class.
            batch_size: Inputs in a batch; like lengths go together, the order stays.

        Returns:
            A list of labels for each input.

        Raises:
            ValueError: For what is no input.
        """
        return [each.labels for each in self.label(inputs, batch_size)]

    def label(self, inputs: Iterable[Any], batch_size: int = 64) -> list[FrameLabels]:
        """Labels each step and tells how sure the model is of it.

        Args:
            inputs: As in `predict`.
            batch_size: Inputs in a batch.

        Returns:
            `FrameLabels` for each input.
        """
        arrays = self.arrays(inputs)
        outputs = run_in_batches(self.label_batch, arrays, list(map(len, arrays)), batch_size)
        outputs = without_padding(outputs, self.signatures.lengths["serving_default"])
        return [
            FrameLabels(
                labels=[name.decode("utf-8") for name in outputs["labels"][i]],
                probabilities=outputs["probability"][i],
            )
            for i in range(len(arrays))
        ]

    def evaluate(self, examples: Any, batch_size: int = 64) -> dict[str, float]:
        """Measures on inputs with a label for each step.

        Args:
            examples: What `raw` takes.
            batch_size: Inputs in a batch.

        Returns:
            `accuracy`, the share of steps with the right label; `macro_f1`, the mean of the
            labels' F1; `unseen_labels`, where there are right labels that no training has seen,
            which count as errors; the number of steps, `frames` of videos, otherwise `steps`;
            `examples`, the number of inputs.

        Raises:
            ValueError: Where no right label was seen in training.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        right = [label.decode("utf-8") for _, labels in rows for label in labels]
        answers = self.predict([array for array, _ in rows], batch_size)
        found = [label for labels in answers for label in labels]
        return {"pairs": pair_counts(right, found), "examples": len(rows)}

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        tallies = list(tallies)
        counts = confusion_of(tallies, self.labels)
        figures = {**class_metrics(counts, self.labels), self.counted: int(counts.sum())}
        return {**figures, "examples": sum(tally["examples"] for tally in tallies)}

    def line_of(self, answer: Sequence[str]) -> str:
        """The labels of an input, with spaces between them; with tabs where labels have spaces."""
        between = "\t" if any(" " in label for label in self.labels) else " "
        return between.join(filter(None, answer))

    def names_of(self, inputs: Sequence[Any]) -> list[Any]:
        """Names inputs such that JSON can hold it."""
        return list(named(inputs))

    def records(
        self, inputs: Iterable[Any], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        no_classes(probabilities, f"the probability of the label of each of the {self.counted}")
        inputs = self.checked(inputs)
        return [
            {self.unit: name, "labels": each.labels, "probabilities": each.probabilities.tolist()}
            for name, each in zip(self.names_of(inputs), self.label(inputs), strict=True)
        ]

    def mistakes(self, examples: Any) -> list[dict[str, Any]]:
        """Lists the steps whose label is wrong, see `mistakes.mistakes_of_steps`."""
        pairs = list(self.raw(examples).as_numpy_iterator())
        targets = [[label.decode("utf-8") for label in labels] for _, labels in pairs]
        found = self.label([array for array, _ in pairs])
        numbers = [range(1, len(each.labels) + 1) for each in found]
        answers, probabilities = [f.labels for f in found], [f.probabilities for f in found]
        return mistakes_of_steps(self.unit, numbers, targets, answers, probabilities)

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        return {"labels": list(self.labels)}
