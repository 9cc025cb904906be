"""What the tasks share whose answers are labels, of inputs or of their steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.metrics import class_report
from kerasrnn.tasks.class_metrics import class_metrics
from kerasrnn.tasks.tallies.pair_counts import confusion_of
from kerasrnn.tasks.tallies.tallied import Tallied

__all__ = ["Labelled", "distinct_labels"]


class Labelled(Tallied):
    """A task that names labels.

    Attributes:
        labels: Names of the L labels, in the order of the model's outputs.
    """

    labels: tuple[str, ...]

    def confusion(self, examples: Any, batch_size: int | None = None) -> np.ndarray:
        """Counts which label is answered where which is right, see `metrics.confusion_counts`.

        Args:
            examples: What `evaluate` takes.
            batch_size: Inputs in a batch; that of `evaluate` by default.

        Returns:
            `(L, L)` int64, a row for each right label and a column for each answer.
        """
        return confusion_of(self.tallies(examples, batch_size), self.labels)

    def evaluate(self, examples: Any, batch_size: int = 256) -> dict[str, float]:
        """Measures on inputs with their labels.

        Args:
            examples: As in `confusion`.
            batch_size: Inputs in a batch.

        Returns:
            `accuracy`; `macro_f1`, the mean of the labels' F1, which weighs rare labels as much
            as frequent ones; `unseen_labels`, where there are right labels that no training has
            seen, which count as errors; `examples`.

        Raises:
            ValueError: Where no right label was seen in training.
        """
        return self.figures(self.confusion(examples, batch_size))

    def figures(self, counts: np.ndarray) -> dict[str, float]:
        """Sums up what `confusion` returned, as `evaluate` does."""
        return {**class_metrics(counts, self.labels), "examples": int(counts.sum())}

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return self.figures(confusion_of(tallies, self.labels))

    def report(self, examples: Any) -> dict[str, dict[str, float]]:
        """Measures each label, see `metrics.class_report`."""
        return class_report(self.confusion(examples), self.labels)

    def report_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        """Sums up what `tally` returned for each piece, as `report` does."""
        return class_report(confusion_of(tallies, self.labels), self.labels)


def distinct_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Returns the names of labels.

    Raises:
        UserError: Where one occurs twice.
    """
    if len(set(labels)) != len(labels):
        raise UserError(f"Expected distinct labels. Received: {list(labels)}")
    return tuple(labels)
