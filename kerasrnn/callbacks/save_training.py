"""A `fit` that, interrupted at any moment, goes on as if nothing had been."""

from __future__ import annotations

import math
import os
import pathlib
import time
from typing import Any

import keras
import numpy as np

from kerasrnn.callbacks.halving_rule import HalvingRule
from kerasrnn.checks import UserError, check_number
from kerasrnn.files import SavedState, first_whole, keep_newest, write_beside

__all__ = ["SaveTraining"]

ENDING = ".npz"


class SaveTraining(keras.callbacks.Callback):
    """Saves a training after each epoch, and within long ones, and goes on from there.

    It is made before `fit`, which begins at its `initial_epoch`, and stands last in the list of
    callbacks. What is saved are all variables of model, optimizer and, within an epoch, metrics:
    weights, slots, averages, learning rate, states of random generators and of streams. Two
    states are kept, each with a digest; where the newer one is damaged, the older one is used.

    It goes on within an epoch where the batches come from `epochs`, whose order depends on the seed
    alone. Any other data begin the epoch again; the same batches come only if they do not depend
    on what was read before.

    Args:
        folder: The folder of the states, of this training alone; it is made where it is missing.
        minutes: How long an epoch may go on until what it has done is saved; 0 for the ends of
            epochs alone.
        schedule: The halving rule of the training, if it has one, which needs a `state_dir`.

    Attributes:
        initial_epoch: The epoch that the training goes on in, from 0, for `fit`.
        after_epoch: Whether it goes on from the end of an epoch, for `AverageWeights(resumed=…)`.
        history: A dictionary of the logs of each epoch, with those before an interruption.

    Raises:
        DamagedError: Where no state in the folder is whole.
        ValueError: For a schedule without a `state_dir`; in `fit`, for another model than the one
            that was saved, or another `initial_epoch`.

    Example:

    >>> import numpy as np
    >>> model = kerasrnn.many_to_one(11, 2, units=5)
    >>> model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> x, y = np.array([[7, 8], [9, 0]]), np.array([0, 1])
    >>> saving = kerasrnn.callbacks.SaveTraining("state")
    >>> history = model.fit(
    ...     x, y, initial_epoch=saving.initial_epoch, epochs=3, callbacks=[saving], verbose=0
    ... )
    >>> kerasrnn.callbacks.SaveTraining("state").initial_epoch
    3
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        minutes: float = 5.0,
        schedule: HalvingRule | None = None,
    ):
        super().__init__()
        check_number("minutes", minutes, least=0)
        if schedule is not None and schedule.state_dir is None:
            raise UserError("Expected a schedule with a `state_dir`. Received: state_dir=None")
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._seconds = 60 * minutes if minutes else math.inf
        self._schedule = schedule
        self._state, damage = first_whole(SavedState.all_in(self._folder, ENDING))
        if damage is not None:
            print(f"{damage}. The training goes on from another state.", flush=True)
        record: dict[str, Any] = {} if self._state is None else self._state.record()
        self.history: list[dict[str, float]] = record.get("history", [])
        self.initial_epoch: int = 0 if self._state is None else self._state.epochs
        self._skipped = 0 if self._state is None else self._state.batches
        self.after_epoch: bool = self._state is not None and not self._skipped
        self._stream: Any = None
        self._steps: int | None = None
        self._ended = object()  # what `stop_training` is where an epoch ends by itself

    def epochs(self, examples: Any, batch_size: int = 64, **options: Any) -> tuple[Any, int]:
        """Makes the stream of batches from where the training goes on.

        Args:
            examples: The `datasets.Examples` to train on.
            batch_size: As in their method `epochs`.
            **options: Likewise; the `seed` has to be that of before.

        Returns:
            The endless stream, and the number of batches in an epoch, for the `steps_per_epoch` of
            `fit`.
        """
        stream, steps = examples.epochs(batch_size, first_epoch=self.initial_epoch, **options)
        self._stream, self._steps = stream.skip(self._skipped), steps
        return self._stream, steps

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._skipped and self._stream is None:
            raise UserError(
                f"Expected the batches of `SaveTraining.epochs`, for {self._folder} goes on "
                "within an epoch. Received: others"
            )
        if self._state is not None:
            self._put_back(self._state)
        if self._schedule is not None:
            self._schedule.goes_on_within = self._skipped > 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        state, skipped = self._state, self._skipped
        self._state, self._skipped = None, 0
        if state is not None and epoch != self.initial_epoch:
            raise UserError(
                f"Expected `initial_epoch={self.initial_epoch}` in `fit`, where {self._folder} "
                f"goes on. Received: {epoch}"
            )
        if state is not None and skipped:
            self.model.evaluate(self._stream, steps=1, verbose=0)  # makes variables of metrics
            self._put_back(state)
        self._epoch, self._number, self._is_rest = epoch, skipped, skipped > 0
        self._saved = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._number += 1
        if self._steps is None:
            return
        if self._number >= self._steps:
            if self._is_rest and not self.model.stop_training:
                # Keras counts the batches of a whole epoch; this one had begun before.
                self.model.stop_training = self._ended
        elif time.perf_counter() - self._saved >= self._seconds:
            self._write(self._epoch, self._number)
            self._saved = time.perf_counter()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._go_on()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._go_on()
        figures = {name: float(value) for name, value in (logs or {}).items()}
        self.history = [*self.history, {"epoch": epoch, **figures}]
        self._write(epoch + 1)

    def _go_on(self) -> None:
        if self.model.stop_training is self._ended:
            self.model.stop_training = False

    def _variables(self, within: bool) -> list[keras.Variable]:
        model = self.model
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        metrics = [each for metric in model.metrics for each in metric.variables]
        return [*model.variables, *model.optimizer.variables, *(metrics if within else ())]

    def _write(self, epochs: int, batches: int = 0) -> None:
        variables = self._variables(batches > 0)
        arrays: dict[str, Any] = {f"{i:06d}": np.asarray(each) for i, each in enumerate(variables)}
        name = SavedState.name(epochs, batches)
        state = SavedState(epochs, batches, self._folder / f"{name}{ENDING}")

        def write(place: pathlib.Path) -> None:
            with place.open("wb") as file:
                np.savez(file, **arrays)
            state.write_record({"history": self.history}, place)

        write_beside(state.path, write)
        keep_newest(SavedState.all_in(self._folder, ENDING))

    def _put_back(self, state: SavedState) -> None:
        """Sets the variables; those of metrics only where they are there already."""
        with np.load(state.path) as saved:
            arrays = [saved[name] for name in sorted(saved.files)]
        variables = self._variables(state.batches > 0)
        pairs = list(zip(variables, arrays, strict=False))
        is_same = len(arrays) >= len(variables) and all(
            tuple(variable.shape) == array.shape for variable, array in pairs
        )
        if not is_same:
            raise UserError(
                f"Expected the model, compiled, that {state.path} was saved of. Received: one of "
                f"{len(variables)} variables, of which some have other shapes or are not there"
            )
        for variable, array in pairs:
            # NumPy's files do not know bfloat16.
            variable.assign(array.view(variable.dtype) if array.dtype.kind == "V" else array)
