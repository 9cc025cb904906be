"""What the trainings of regressions share: the loss, the scale of the targets, the picture."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn.files import number_text, write_beside
from kerasrnn.metrics import TargetScale
from kerasrnn.plotting import predicted_scatter
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.regress.number_task import NumberTask

__all__ = ["DRAWN", "NumberJob"]

# Examples and targets in the picture.
DRAWN, SIDE_BY_SIDE = 2000, 6

LOSSES = {
    "mse": keras.losses.MeanSquaredError,
    "mae": keras.losses.MeanAbsoluteError,
    "huber": keras.losses.Huber,
}


class NumberJob(Job):
    """A `Job` whose raw examples are an input and its numbers."""

    options: Any

    monitor = "val_loss"
    curve = "scaled_mae"

    def loss(self) -> keras.losses.Loss:
        return LOSSES[self.options.loss](reduction="mean_with_sample_weight")

    def metrics(self, task: Any) -> list[keras.metrics.Metric]:
        # In standard deviations of the training; `NumberTask.evaluate` gives them in their units.
        return [keras.metrics.MeanAbsoluteError("scaled_mae")]

    def scale_of(self, numbers: Sequence[np.ndarray], targets: Sequence[str]) -> TargetScale:
        """Measures the targets of the training split, and prints what they are.

        Args:
            numbers: `(N, K)` parts, one behind the other.
            targets: The names of the targets.
        """
        rows = np.concatenate(numbers) if len(numbers) else np.zeros((0, len(targets)))
        scale = TargetScale.fit(rows, targets)
        parts = zip(scale.targets, scale.mean, scale.deviation, scale.median, strict=True)
        for name, *values in parts:
            mean, deviation, median = (number_text(each, 5) for each in values)
            print_wrapped(f"{name}: mean {mean}, standard deviation {deviation}, median {median}")
        return scale

    def draw(
        self, task: NumberTask, inputs: Sequence[Any], right: Any, folder: pathlib.Path
    ) -> None:
        """Writes `predicted.png`, what is predicted against what is true of the first test rows.

        Args:
            task: The trained task.
            inputs: Some inputs.
            right: Their true numbers.
            folder: That of the run.
        """
        if not inputs:
            return
        few = slice(SIDE_BY_SIDE)
        picture = predicted_scatter(
            np.stack(right)[:, few],
            np.stack(task.predict(inputs))[:, few],
            task.targets[few],
            task.target_scale.mean[few],
        )
        write_beside(folder / "predicted.png", picture.savefig)
