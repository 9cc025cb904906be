"""What classifiers of texts and of images share: with two classes, a threshold decides."""

from __future__ import annotations

import abc
import copy
from collections.abc import Mapping, Sequence
from typing import Any, Self

from kerasrnn.checks import UserError, check_choice, check_share
from kerasrnn.metrics import class_report
from kerasrnn.tasks.labelled import Labelled
from kerasrnn.tasks.mistakes import mistakes_of

__all__ = ["Thresholded"]

MIDDLE = 0.5


class Thresholded(Labelled):
    """A task that names one label for each input: the most likely one, or by a threshold.

    Attributes:
        positive: Of two labels the one that is answered from the threshold on; `None` for the most
            likely label.
        threshold: The probability of the positive label from which on it is answered.
    """

    positive: str | None = None
    threshold: float = MIDDLE

    def with_threshold(self, threshold: float, positive: str | None = None) -> Self:
        """Returns the same task with a threshold.

        Args:
            threshold: The probability, above 0, from which on the positive label is answered.
            positive: That label; that of this task by default, the second one where it has none.

        Returns:
            A task over the same model, which is not copied.

        Raises:
            ValueError: For more than two labels, or another label.

        Example:

        >>> tokenizer = Tokenizer(Vocabulary("abc"))
        >>> model = many_to_one(len(tokenizer.vocabulary), 2, units=5)
        >>> task = Classifier(model, tokenizer, ["no", "yes"])
        >>> task.with_threshold(1e-6).predict(["cab"])
        ['yes']
        """
        other = copy.copy(self)
        vars(other).pop("signatures", None)  # they answer by the threshold of this task
        if len(self.labels) != 2:
            raise UserError(
                f"Expected two labels for a threshold. Received: {len(self.labels)} labels"
            )
        positive = positive or self.positive or self.labels[1]
        other.positive = check_choice("positive", positive, self.labels)
        other.threshold = check_share("threshold", threshold)
        return other

    @property
    def decision(self) -> tuple[int, float] | None:
        """The place of the positive label among the labels, and the threshold; `None` for none."""
        if self.positive is None:
            return None
        return self.labels.index(self.positive), self.threshold

    @abc.abstractmethod
    def answered(self, examples: Any) -> tuple[Sequence[Any], list[str], list[Any]]:
        """Answers examples.

        Args:
            examples: What `evaluate` takes.

        Returns:
            The inputs, such that JSON can hold them, the right labels, and a `Classification` each.
        """

    def mistakes(self, examples: Any) -> list[dict[str, Any]]:
        """Lists the inputs whose label is wrong, see `mistakes.mistakes_of`; images by number."""
        inputs, targets, found = self.answered(examples)
        answers, probabilities = [a.label for a in found], [a.probability for a in found]
        return mistakes_of(inputs, targets, answers, probabilities)

    def figures(self, counts: Any) -> dict[str, float]:
        """Adds to `Labelled.figures` with a threshold the `f1` of the positive label, and it."""
        figures = super().figures(counts)
        if self.positive is None:
            return figures
        f1 = class_report(counts, self.labels)[self.positive]["f1"]
        return {**figures, "f1": f1, "threshold": self.threshold}

    def decision_parts(self) -> dict[str, Any]:
        """Returns what `config.json` holds of the threshold, nothing where there is none."""
        if self.positive is None:
            return {}
        return {"positive": self.positive, "threshold": self.threshold}

    def described(self) -> dict[str, Any]:
        return self.decision_parts()

    def decided_by(self, config: Mapping[str, Any]) -> Self:
        """Returns the task with the threshold that `config.json` holds, if there is one."""
        if config.get("positive") is None:
            return self
        return self.with_threshold(config["threshold"], config["positive"])
