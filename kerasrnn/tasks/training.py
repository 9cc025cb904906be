"""The steps of a training that all tasks share: check, fit with halving, write."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kerasrnn.callbacks import AverageWeights, LearningRateHalving
from kerasrnn.checks import UserError
from kerasrnn.files import CONFIG, number_text, read_json, write_json
from kerasrnn.options import Options
from kerasrnn.tasks.epoch_table import epoch_callbacks
from kerasrnn.tasks.folds.given_rates import GivenRates
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.run_files import HALVING, METRICS, STATE, last_epoch, read_history
from kerasrnn.tasks.run_folder import SaveEachEpoch
from kerasrnn.tasks.task import Task

__all__ = [
    "check_resumable",
    "fit_model",
    "print_metrics",
    "recorded_settings",
    "write_metrics",
]


def recorded_settings(folder: pathlib.Path) -> dict[str, Any] | None:
    """Reads the settings that the run in a folder was begun with; `None` for no run."""
    if not (folder / CONFIG).is_file():
        return None
    return read_json(folder / CONFIG).get("settings", {})


def check_resumable(folder: pathlib.Path, before: Mapping[str, Any], options: Options) -> None:
    """Raises a `ValueError` where the run in a folder was begun with other settings."""
    other = options.differences(before)
    if other:
        raise UserError(f"Expected the settings that {folder} was begun with: {'; '.join(other)}")


def fit_model(
    task: Task,
    model: keras.Model,
    batches: Any,
    steps_per_epoch: int,
    validation: Any,
    *,
    folder: pathlib.Path,
    rates: GivenRates | None,
    epochs: int,
    monitor: str,
    min_improvement: float,
    callbacks: Sequence[Any] = (),
) -> list[dict[str, Any]]:
    """Fits with the halving rule; each epoch leaves a folder that can be loaded.

    Args:
        task: What is trained and saved.
        model: What is fitted, compiled: the task's model, or another one over its layers.
        batches: Endless stream of `(x, y, sample_weight)`, from the epoch to begin with.
        steps_per_epoch: Batches of an epoch.
        validation: Batches of the validation split.
        folder: The folder of the run.
        rates: The learning rates of all epochs of a training that is not validated, instead of the
            halving rule and all that is said of it below.
        epochs: Epochs in all, those before an interruption counted.
        monitor: The entry of the logs that the halving rule compares.
        min_improvement: That of the halving rule.
        callbacks: Further callbacks, which come first.

    Returns:
        The history: a row for each epoch, also of those before an interruption.
    """
    done, _ = last_epoch(folder)
    (folder / STATE).mkdir(exist_ok=True)
    saving = SaveEachEpoch(task, folder, read_history(folder, done))
    halving: Any = rates or LearningRateHalving(
        monitor, min_improvement=min_improvement, state_dir=folder / STATE / HALVING, verbose=0
    )
    epochs = epochs if rates is None else len(rates.rates)
    averaging = [AverageWeights(resumed=done > 0)] if model.optimizer.use_ema else []
    shown = epoch_callbacks(halving, steps_per_epoch, epochs)
    if done >= epochs or halving.stopped_after(done):
        print(f"The training had ended after epoch {done}.", flush=True)
    else:
        model.fit(
            batches,
            steps_per_epoch=steps_per_epoch,
            validation_data=validation if rates is None else None,
            initial_epoch=done,
            epochs=epochs,
            callbacks=[*callbacks, halving, *averaging, *shown, saving],
            shuffle=False,  # the stream is shuffled already
            verbose=0,
        )
    return saving.rows


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
    history: list[dict[str, Any]],
    test: Mapping[str, Any],
    examples: Mapping,
) -> None:
    """Writes `metrics.json`, with a few inputs and their right outputs."""
    last = history[-1]
    content = {
        "test": dict(test),
        "validation": {
            name.removeprefix("val_"): value for name, value in last.items() if "val_" in name
        },
        "epochs": len(history),
        "training_seconds": round(sum(row["seconds"] for row in history), 1),
        "parameters": task.model.count_params(),
        "examples": dict(examples),
    }
    write_json(folder / METRICS, content)
