"""The steps of a training that all tasks share: check, fit by a schedule, write."""

from __future__ import annotations

import contextlib
import math
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras

from kerasrnn.callbacks import AverageWeights, LearningRateHalving, PlateauHalving
from kerasrnn.checks import DivergedError, UserError
from kerasrnn.files import CONFIG, MODEL, number_text, read_config, write_json
from kerasrnn.optimizers.inner import inner_optimizer
from kerasrnn.options import Options
from kerasrnn.tasks.epoch_table import epoch_callbacks
from kerasrnn.tasks.folds.given_rates import GivenRates
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.run_files import HALVING, METRICS, STATE
from kerasrnn.tasks.states.diverged import KeepDiverged
from kerasrnn.tasks.states.run_state import RunState
from kerasrnn.tasks.states.save_state import SaveState
from kerasrnn.tasks.states.stopping import Stopping
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.workers.devices import ONE_DEVICE, Devices

__all__ = [
    "Fitted",
    "check_resumable",
    "fit_model",
    "print_metrics",
    "recorded_settings",
    "schedule_of",
    "write_metrics",
]


class Fitted(NamedTuple):
    """What came of a training.

    Args:
        history: A row for each epoch, also of those before an interruption.
        monitor: The entry of the rows by which the best epoch was found; `None` where nothing was
            validated.
        kept: The epoch whose weights are kept, from 1.
    """

    history: list[dict[str, Any]]
    monitor: str | None
    kept: int


def recorded_settings(folder: pathlib.Path) -> dict[str, Any] | None:
    """Reads the settings that the run in a folder was begun with; `None` for no run."""
    if not (folder / CONFIG).is_file():
        return None
    return read_config(folder).get("settings", {})


def check_resumable(folder: pathlib.Path, before: Mapping[str, Any], options: Options) -> None:
    """Raises a `ValueError` where the run in a folder was begun with other settings."""
    other = options.differences(before)
    if other:
        raise UserError(f"Expected the settings that {folder} was begun with: {'; '.join(other)}")


def schedule_of(
    options: Options, monitor: str, folder: pathlib.Path
) -> LearningRateHalving | PlateauHalving:
    """Makes the callback of the rule that steers a training.

    Args:
        options: Those of the training.
        monitor: The entry of the logs that the rule compares.
        folder: The folder of the run, in which it keeps its state.
    """
    settings: dict[str, Any] = {
        "monitor": monitor,
        "state_dir": folder / STATE / HALVING,
        "min_improvement": options.min_improvement,
        "verbose": 0,
    }
    if options.schedule == "mikolov":
        return LearningRateHalving(**settings)
    return PlateauHalving(patience=options.patience, **settings)


def fit_model(
    task: Task,
    model: keras.Model,
    batches: Callable[[int, int], Any],
    steps_per_epoch: int,
    validation: Any,
    *,
    folder: pathlib.Path,
    state: RunState | None,
    schedule: LearningRateHalving | PlateauHalving | GivenRates,
    epochs: int,
    callbacks: Sequence[Any] = (),
    save_every: float = 0.0,
    stopping: Stopping | None = None,
    devices: Devices = ONE_DEVICE,
) -> Fitted:
    """Fits by a schedule; it leaves a folder from which the run can go on at any time.

    In the end the task has the weights of its best epoch, which are those of `model.keras`; where
    nothing was validated, those of the last one.

    Args:
        task: What is trained and saved.
        model: What is fitted, compiled: the task's model, or another one over its layers.
        batches: From an epoch and a number of its batches to leave out to an endless stream of
            `(x, y, sample_weight)`.
        steps_per_epoch: Batches of an epoch.
        validation: Batches of the validation split.
        folder: The folder of the run.
        state: Where the run goes on, `None` at its beginning.
        schedule: The callback that sets the learning rate; with given rates nothing is validated.
        epochs: Maximum number of epochs in all, those before an interruption counted.
        callbacks: Further callbacks, which come first.
        save_every: Minutes until an epoch that goes on is saved; 0 for ends of epochs alone.
        stopping: Tells whether to stop.
        devices: Where it computes.

    Returns:
        The history, and which epoch is kept.

    Raises:
        DivergedError: Where the validation of the last epoch is not finite, or its loss where
            nothing was validated.
    """
    done, skipped = (0, 0) if state is None else (state.epochs, state.batches)
    (folder / STATE).mkdir(exist_ok=True)
    monitor = None if isinstance(schedule, GivenRates) else schedule.monitor
    saving = SaveState(
        *(task, folder, monitor, steps_per_epoch, state),
        minutes=save_every,
        stopping=stopping,
        devices=devices,
    )
    diverged = KeepDiverged(folder, batches, skipped)
    averaged = done > 0 and not skipped
    keeps_average = inner_optimizer(model.optimizer).use_ema
    averaging = [AverageWeights(resumed=averaged)] if keeps_average else []
    shown = epoch_callbacks(schedule, steps_per_epoch, epochs)

    def fit(skipped: int, last: int) -> None:
        devices.fit(model)(
            batches(done, skipped),
            steps_per_epoch=steps_per_epoch - skipped,
            validation_data=None if monitor is None else validation,
            initial_epoch=done,
            epochs=last,
            callbacks=[*callbacks, schedule, *averaging, *shown, diverged, saving],
            verbose=0,
        )

    if done >= epochs or schedule.stopped_after(done):
        print(f"The training had ended after epoch {done}.", flush=True)
    with stopping.waiting() if stopping is not None else contextlib.nullcontext():
        if skipped:  # the rest of the epoch, since all epochs of a fit have as many batches
            schedule.goes_on_within = True
            devices.evaluate(model)(batches(done, skipped), steps=1)  # makes the metrics
            fit(skipped, done + 1)
            schedule.goes_on_within = False
            done += 1
        if done < epochs and not schedule.stopped_after(done):
            fit(0, epochs)
    return _keep_best(task, folder, saving, monitor, diverged.path)


def _keep_best(
    task: Task,
    folder: pathlib.Path,
    saving: SaveState,
    monitor: str | None,
    diverged: pathlib.Path | None,
) -> Fitted:
    """Gives a task the weights that are kept, and says which they are."""
    rows, kept = saving.rows, saving.kept
    last, epochs, judged = rows[-1], len(rows), monitor or "loss"
    if kept is None or not math.isfinite(last[judged]):
        keeps = "no epoch was good, and it holds no trained model; a smaller learning rate may help"
        if kept is not None:
            keeps = f"it keeps the weights of epoch {kept.epoch}"
        if diverged is not None:
            keeps += f"; {diverged.name} holds the batch after which the loss was not finite"
        raise DivergedError(
            f"{folder}: the training diverged: {judged} was {last[judged]:.6g} after epoch "
            f"{epochs}, at learning rate {last['learning_rate']:.6g}; {keeps}"
        )
    if monitor is None:
        return Fitted(rows, None, epochs)
    if kept.epoch < epochs:
        task.model.load_weights(folder / MODEL)
    shown = number_text(kept.value, 6)
    print_wrapped(f"epoch {kept.epoch} of {epochs} is kept: {monitor} {shown}")
    return Fitted(rows, monitor, kept.epoch)


def print_metrics(metrics: Mapping[str, Any]) -> None:
    """Prints the figures of the test split, and below them how they were counted."""
    figures = {name: value for name, value in metrics.items() if isinstance(value, (int, float))}
    shown = ", ".join(f"{name} {number_text(value, 6)}" for name, value in figures.items())
    print_wrapped(f"test: {shown}")
    for name, value in metrics.items():
        if isinstance(value, str):
            print_wrapped(f"{name}: {value}")


def write_metrics(
    folder: pathlib.Path,
    task: Task,
    fitted: Fitted,
    test: Mapping[str, Any],
    examples: Mapping,
) -> None:
    """Writes `metrics.json`, with a few inputs and their right outputs."""
    history, kept = fitted.history, fitted.history[fitted.kept - 1]
    content = {
        "test": dict(test),
        "validation": {
            name.removeprefix("val_"): value for name, value in kept.items() if "val_" in name
        },
        "monitor": fitted.monitor,
        "epoch": fitted.kept,
        "epochs": len(history),
        "training_seconds": round(sum(row["seconds"] for row in history), 1),
        "parameters": task.model.count_params(),
        "examples": dict(examples),
    }
    write_json(folder / METRICS, content)
