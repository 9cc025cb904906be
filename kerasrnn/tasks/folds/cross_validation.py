"""Cross-validation: the trainings of all folds, whose figures count, and one on all rows."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import logging
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.datasets import without_notes
from kerasrnn.files import (
    CONFIG,
    FOLDS,
    LOCK,
    FolderLock,
    check_output,
    read_config,
    read_json,
    write_json,
)
from kerasrnn.options.groups import Cached
from kerasrnn.tasks.folds.fold_figures import figures_of_folds, print_folds
from kerasrnn.tasks.folds.fold_rates import best_rates, epochs_of_rule, median_place
from kerasrnn.tasks.folds.given_rates import GivenRates
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.run_files import METRICS
from kerasrnn.tasks.runs.origin import CHOSEN, check_unchanged, data_digests
from kerasrnn.tasks.states.stopping import Stopping
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.training import check_resumable, recorded_settings

__all__ = ["CrossValidation"]

EXAMPLES = "examples"


class CrossValidation:
    """The trainings of all folds, each a run of its own in `folds/K`, and then one on all rows.

    The last one has no rows left that could steer it. Its epochs and learning rates are those that
    the best weights of a fold have gone through, see `fold_rates.best_rates`: of the fold whose
    number of them is the median.

    Args:
        options: The options of the training, with `folds`.
        job: Makes the job of the task from options.
    """

    def __init__(self, options: Any, job: Callable[[Any], Job]):
        self._options = options
        self._job = job
        numbers = range(1, options.folds + 1)
        self._folds = [dataclasses.replace(options, fold=number) for number in numbers]

    def run(
        self,
        output: str | os.PathLike[str],
        resume: bool = False,
        *,
        tensorboard: bool = False,
        save_every: float = 0.0,
    ) -> Task:
        """Trains, and writes it all into one folder.

        Args:
            output: The folder, new or empty unless `resume`.
            resume: Go on where the training that is there stopped, in whichever fold that was.
            tensorboard: As in `Job.run`, for each training.
            save_every: As in `Job.run`, for each training.

        Returns:
            The task that was trained on all rows.

        Raises:
            ValueError: For a wrong option, or data that will not do for one of the folds, before
                anything is written.
        """
        folder = check_output(output, resume, folds=True)
        places = [folder / FOLDS / str(options.fold) for options in self._folds]
        self._check(places)
        with _many_graphs(), FolderLock(folder, f"{FOLDS}/lock") as lock:
            lock.hold()
            for options, place in zip(self._folds, places, strict=True):
                self._train_fold(options, place, tensorboard, save_every)
            return self._train_on_all(folder, places, tensorboard, save_every)

    def _train_fold(
        self, options: Any, place: pathlib.Path, tensorboard: bool, save_every: float
    ) -> None:
        print(f"Fold {options.fold} of {options.folds}:", flush=True)
        if (place / METRICS).is_file():
            print(f"It had ended; its run is {place}.", flush=True)
        else:
            begun = (place / CONFIG).is_file()
            job = self._job(options)
            job.advises = options.fold == 1  # once, for parts of the same data
            job.run(place, begun, tensorboard=tensorboard, save_every=save_every)

    def _check(self, places: list[pathlib.Path]) -> None:
        """Checks the folds that were begun, and of the others whether they can be."""
        for options, place in zip(self._folds, places, strict=True):
            before = recorded_settings(place)
            if before is not None:
                self._check_begun(options, place, before)
                continue
            if isinstance(options, Cached):  # a look keeps nothing
                options = dataclasses.replace(options, cache=None)
            job = self._job(options)
            job.check_options()
            with without_notes(), contextlib.redirect_stdout(io.StringIO()):
                raw = job.read_splits()
                job.validated(job.made_task(raw["train"]), raw["validation"])

    def _check_begun(self, options: Any, place: pathlib.Path, before: Mapping[str, Any]) -> None:
        """Checks that all folds have the same options, the number of epochs too, and data."""
        options = options.resuming(before)
        options.check_paths()
        check_resumable(place, before, options)
        epochs = options.recorded(before).epochs
        if options.epochs != epochs:
            raise UserError(
                f"Expected the number of epochs that {place} was begun with, for all folds have "
                f"the same. Received: epochs={epochs}, now {options.epochs}"
            )
        check_unchanged(place, read_config(place), data_digests(options))

    def _train_on_all(
        self,
        folder: pathlib.Path,
        places: list[pathlib.Path],
        tensorboard: bool,
        save_every: float,
    ) -> Task:
        rates = [best_rates(epochs_of_rule(place)) for place in places]
        middle = median_place([len(each) for each in rates])
        # What was chosen by the data of the fold holds with its learning rates alone.
        options = self._options.resuming(recorded_settings(places[middle]) or {})
        before = recorded_settings(folder)
        if before is not None:
            check_resumable(folder, before, options)
        print(f"All rows, with the epochs and learning rates of fold {middle + 1}:", flush=True)
        job = self._job(options)
        job.chosen = read_config(places[middle]).get(CHOSEN, [])
        job.save_every = save_every
        with FolderLock(folder, LOCK) as lock, Stopping(folder) as job.stopping:
            task, _, fitted = job.fit(lock, GivenRates(rates[middle]), tensorboard=tensorboard)
            task = job.decided_as(task, places, folder)
        job.draw_curve(task, fitted, folder)
        metrics = [read_json(place / METRICS) for place in places]
        content = _metrics(metrics, fitted.history)
        content["parameters"] = task.model.count_params()
        content[EXAMPLES] = _examples(places[0], folder) if job.shows_targets else {}
        write_json(folder / METRICS, content)
        print_folds(content["test"], content["test_std"], len(places))
        return task


@contextlib.contextmanager
def _many_graphs() -> Iterator[None]:
    """Keeps TensorFlow from a warning: it takes the graphs of many models for those of one."""

    def is_other(record: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in record.getMessage()

    log = logging.getLogger("tensorflow")
    log.addFilter(is_other)
    try:
        yield
    finally:
        log.removeFilter(is_other)


def _metrics(folds: list[dict[str, Any]], history: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums up the metrics of all folds, and the epochs of the training on all rows."""
    means, deviations = figures_of_folds([each["test"] for each in folds])
    seconds = [row["seconds"] for row in history] + [each["training_seconds"] for each in folds]
    of_each = [
        {"fold": number, "rows": each["test"]["examples"], "test": each["test"]}
        for number, each in enumerate(folds, start=1)
    ]
    return {
        "test": means,
        "test_std": deviations,
        "validation": figures_of_folds([each["validation"] for each in folds])[0],
        "folds": of_each,
        "epochs": len(history),
        "epoch": len(history),
        "training_seconds": round(sum(seconds), 1),
    }


def _examples(fold: pathlib.Path, folder: pathlib.Path) -> dict[str, Any]:
    """Takes over the inputs with their right outputs of a fold, with the files that they name."""
    if (fold / EXAMPLES).is_dir():
        shutil.copytree(fold / EXAMPLES, folder / EXAMPLES, dirs_exist_ok=True)
    return read_json(fold / METRICS)[EXAMPLES]
