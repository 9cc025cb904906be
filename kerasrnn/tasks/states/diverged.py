"""The batch at which the loss of a training stopped being finite, kept for a look at it."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from kerasrnn.files import write_beside
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.run_files import DIVERGED

__all__ = ["KeepDiverged"]


class KeepDiverged(keras.callbacks.Callback):
    """Writes the first batch after which the loss of an epoch is not finite.

    The file is an archive of NumPy: `x`, `y` and `sample_weight` of the batch as the model had it,
    several inputs as `x_NAME`, and its `epoch` and `batch`, both from 1.

    Args:
        folder: The folder of the run.
        batches: From an epoch and a number of its batches to leave out to the stream of the rest.
        first_batch: How many batches of the first epoch were trained on before.

    Attributes:
        path: The file, once it is written.
    """

    def __init__(
        self, folder: pathlib.Path, batches: Callable[[int, int], Any], first_batch: int = 0
    ):
        super().__init__()
        self._folder = folder
        self._batches = batches
        self._first = first_batch
        self._number = first_batch
        self._epoch = 0
        self.path: pathlib.Path | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch, self._number, self._first = epoch, self._first, 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._number += 1
        if self.path is None and not math.isfinite(float((logs or {}).get("loss", 0.0))):
            # The stream is the same each time, so that no batch has to be remembered.
            given = next(iter(self._batches(self._epoch, self._number - 1)))
            self.path = self._folder / DIVERGED
            write_beside(self.path, lambda place: self._write(place, given))
            print_wrapped(
                f"The loss is not finite after batch {self._number:,} of epoch {self._epoch + 1}; "
                f"{self.path} holds that batch."
            )

    def _write(self, place: pathlib.Path, given: Any) -> None:
        arrays: dict[str, Any] = {"epoch": self._epoch + 1, "batch": self._number}
        for part, values in zip(("x", "y", "sample_weight"), given, strict=False):
            for path, value in keras.tree.flatten_with_path(values):
                name = "_".join([part, *(str(each) for each in path)])
                arrays[name] = keras.ops.convert_to_numpy(value)
        with place.open("wb") as file:
            np.savez_compressed(file, **arrays)
