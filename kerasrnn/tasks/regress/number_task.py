"""What regressions share: of texts, and of sequences of vectors."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.files import number_text
from kerasrnn.metrics import TargetScale
from kerasrnn.tasks.records import no_classes
from kerasrnn.tasks.tallies.number_tally import number_figures, number_report, number_tally
from kerasrnn.tasks.tallies.tallied import Tallied

__all__ = ["NumberTask"]


class NumberTask(Tallied):
    """A task that answers with numbers in the units of its targets.

    Attributes:
        target_scale: The scale of the K targets in training, in the order of the model's outputs.
        read_as: What an input is called in a table of answers.
    """

    served_answer = "numbers"
    mistakes_in_words = "the errors, the largest first"
    read_as: str
    target_scale: TargetScale

    def set_targets(self, scale: TargetScale) -> None:
        """Sets the scale of the targets.

        Raises:
            ValueError: Where a target is called as an input is.
        """
        if self.read_as in scale.targets:
            raise UserError(
                f"Expected targets with other names than that of the {self.read_as}, "
                f"{self.read_as!r}"
            )
        self.target_scale = scale

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the K targets."""
        return self.target_scale.targets

    @abc.abstractmethod
    def predict(self, inputs: Iterable[Any], batch_size: int = 256) -> list[np.ndarray]:
        """Answers each input with its numbers."""

    @abc.abstractmethod
    def names_of(self, inputs: Sequence[Any]) -> list[Any]:
        """Names inputs such that JSON can hold it."""

    def input_of(self, raw: Any) -> Any:
        """Returns what `predict` takes of the input of a raw example."""
        return raw

    def evaluate(self, examples: Any, batch_size: int = 256) -> dict[str, Any]:
        """Measures on inputs with their true numbers, beside what the training says without any.

        Args:
            examples: As in `raw`.
            batch_size: Inputs in a batch.

        Returns:
            What `tallies.number_tally.number_figures` says: `mae`, `rmse`, `r2`, `constant_mae`,
            that of always answering the median of the training, and `constant_rmse`, that of its
            mean; of several targets these for each, and over all of them.

        Raises:
            ValueError: For numbers of another number, or that are not finite.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        inputs, right = self._columns(rows)
        return number_tally(np.stack(self.predict(inputs, batch_size)), right, self.target_scale)

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return number_figures(tallies, self.target_scale)

    def report(self, examples: Any) -> dict[str, dict[str, float]]:
        """Measures each target, and each range of what is predicted of it: fifths of training."""
        return self.report_of(self.tallies(examples))

    def report_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        """Sums up what `tally` returned for each piece, as `report` does."""
        return number_report(tallies, self.target_scale)

    def mistakes(self, examples: Any) -> list[dict[str, Any]]:
        """Lists all errors, the largest first, in standard deviations of the training.

        Returns:
            For each input and target `input`, of vectors its number from 1, `name` of the target,
            the true `target`, the `answer` and the `error`, answer minus target.
        """
        rows = []
        inputs, right = self._columns(list(self.rows_of(examples)))
        found = zip(self.names_of(inputs), right.tolist(), self.predict(inputs), strict=True)
        for each, true, answers in found:
            for name, *numbers in zip(self.targets, true, answers.tolist(), strict=True):
                row = {"input": each, "name": name, "target": numbers[0], "answer": numbers[1]}
                rows.append({**row, "error": numbers[1] - numbers[0]})
        unit = dict(zip(self.targets, self.target_scale.deviation, strict=True))
        return sorted(rows, key=lambda row: -abs(row["error"]) / unit[row["name"]])

    def line_of(self, answer: Iterable[float]) -> str:
        """The numbers of an input, with tabs between them."""
        return "\t".join(map(number_text, answer))

    def records(
        self, inputs: Iterable[Any], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        no_classes(probabilities, "numbers")
        inputs = self.checked(inputs)
        return [
            {self.read_as: each, **dict(zip(self.targets, numbers.tolist(), strict=True))}
            for each, numbers in zip(self.names_of(inputs), self.predict(inputs), strict=True)
        ]

    def described(self) -> dict[str, Any]:
        return {"targets": list(self.targets)}

    def _columns(self, rows: list[Any]) -> tuple[list[Any], np.ndarray]:
        """The inputs and the true numbers `(N, K)` of raw examples."""
        inputs, number = [self.input_of(each) for each, _ in rows], len(self.targets)
        if not rows:
            return inputs, np.zeros((0, number))
        try:
            right = np.array([numbers for _, numbers in rows], "float64").reshape(len(rows), -1)
        except (TypeError, ValueError):
            raise UserError(f"Expected numbers. Received: {rows[0][1]!r:.60}") from None
        if right.shape[1] != number:
            raise UserError(
                f"Expected {number} numbers for each {self.read_as}. Received: {right.shape[1]}"
            )
        if not np.isfinite(right).all():
            place = int(np.argwhere(~np.isfinite(right))[0][0])
            raise UserError(
                f"Expected finite numbers. Received: {right[place].tolist()} for "
                f"{self.names_of(inputs)[place]!r:.60}"
            )
        return inputs, right
