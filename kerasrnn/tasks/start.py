"""Training from Python, as the command line trains."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from kerasrnn.checks import UserError, check_choice, check_integer, check_number
from kerasrnn.options import Options
from kerasrnn.options.folds import is_cross_validation
from kerasrnn.options.words import Strategy, words
from kerasrnn.tasks.registry import entry_of
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.workers.devices import ONE_DEVICE, Devices

__all__ = ["dry_run", "train"]


def train(
    options: Options,
    folder: str | os.PathLike[str],
    *,
    resume: bool = False,
    tensorboard: bool = False,
    save_every: float = 5.0,
    strategy: Strategy | None = None,
    accumulate: int = 1,
) -> Task:
    """Trains, evaluates and draws, and writes it all into one folder, as `kerasrnn train` does.

    Args:
        options: Those of a task, such as `options.Translate(data="dates", units=96)`.
        folder: The folder of the run, new or empty unless `resume`.
        resume: Continue the run that is there, from where it was last saved; a run that saved
            nothing begins anew. Its options have to be those that it was begun with, but for
            `epochs`, `data_dir` and `cache`.
        tensorboard: Write the figures of each epoch for TensorBoard too, into the folder
            `tensorboard` of the run.
        save_every: Minutes after which an epoch that goes on is saved, and after which it is saved
            again; 0 saves at ends of epochs alone.
        strategy: `"mirrored"` computes each batch on all GPUs of this machine, `"multi-worker"` on
            the workers that `TF_CONFIG` names, all of which call this with the same options and
            a folder that all see; the first one writes it. `None`: on one device.
        accumulate: In how many parts, one after the other, each device computes its rows.

    Returns:
        The trained task with the weights of its best epoch, a `Translator` for example;
        `kerasrnn.load(folder)` loads the same. With the option `folds` that of all rows, once the
        folds are trained, into the folder `folds`.

    Raises:
        ValueError: For options of no task, or that cannot be, before anything is written.
        DivergedError: Where the validation of the last epoch is not finite; the folder keeps the
            weights of the best epoch, if any was good.
        StoppedError: Where SIGTERM has come, once what was trained is saved, or another worker
            has gone.

    Example:

    >>> tides = options.Forecast(data="tides.csv", epochs=2)
    >>> task = kerasrnn.train(tides, "runs/tides")  # doctest: +SKIP
    """
    check_number("save_every", save_every, least=0)
    if strategy is not None:
        check_choice("strategy", strategy, words(Strategy))
    devices = Devices(strategy, check_integer("accumulate", accumulate))
    job = entry_of(options).parts().job
    if is_cross_validation(options):
        from kerasrnn.tasks.folds.cross_validation import CrossValidation

        if devices != ONE_DEVICE:
            raise UserError("Expected `folds` without `strategy` and `accumulate`. Received: both")
        training: Any = CrossValidation(options, job)
    else:
        training = job(options)
        training.devices = devices
    with devices.folder(folder, resume) as place, devices.voice():
        return training.run(place, resume, tensorboard=tensorboard, save_every=save_every)


def dry_run(options: Options) -> None:
    """Prints what a training would see, and trains and writes nothing.

    Args:
        options: Those of a task.

    Raises:
        ValueError: As the training itself would, for wrong options or data.

    Example:

    >>> dry_run(options.Forecast(data="tides.csv"))  # doctest: +SKIP
    """
    from kerasrnn.tasks.dry_run import dry_run as show

    job = entry_of(options).parts().job
    if is_cross_validation(options):
        options = dataclasses.replace(options, fold=1)
        print(f"This is fold 1 of {options.folds}; the others are alike.", flush=True)
    show(job(options))
