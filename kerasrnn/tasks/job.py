"""What `kerasrnn train TASK` does: check, read, build, fit, evaluate, draw."""

from __future__ import annotations

import abc
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kerasrnn.datasets import validate
from kerasrnn.files import LOCK, FolderLock, check_output, read_config, write_beside
from kerasrnn.losses import CrossEntropy, SmoothedCrossEntropy
from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.options import Options
from kerasrnn.options.groups import LabelSmoothing, Recurrent
from kerasrnn.plotting import learning_curve
from kerasrnn.tasks.advice.batch_memory import check_batch_memory
from kerasrnn.tasks.advice.before_training import advise
from kerasrnn.tasks.advice.chosen_recurrence import chosen_recurrence, stacks_of
from kerasrnn.tasks.folds.given_rates import GivenRates
from kerasrnn.tasks.job_options import JobOptions
from kerasrnn.tasks.loading import load
from kerasrnn.tasks.pretrained.starting_vectors import freezing
from kerasrnn.tasks.runs.origin import CHOSEN, check_unchanged, data_digests, origin_of, utc_date
from kerasrnn.tasks.states.run_folder import begin_run
from kerasrnn.tasks.states.run_state import RunState, last_state
from kerasrnn.tasks.states.save_state import restore_seeds
from kerasrnn.tasks.states.stopping import Stopping
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.tensorboard import check_tensorboard, tensorboard_logs
from kerasrnn.tasks.training import (
    Fitted,
    check_resumable,
    fit_model,
    print_metrics,
    recorded_settings,
    schedule_of,
    write_metrics,
)
from kerasrnn.tasks.workers.devices import ONE_DEVICE

__all__ = ["Job"]


class Job(JobOptions):
    """One training from a data set's name or a file to a folder that holds everything.

    A subclass says what is particular to its task; `run` is the same for all.

    Args:
        options: The options of the training.

    Attributes:
        monitor: The entry of the logs that the schedule compares, lower is better.
        curve: The metric that `learning_curve.png` shows.
        unit: What is counted in a split.
        rows: What is counted in a batch.
        shows_targets: Whether the answers that `report` returns are those of the data.
        advises: Whether it prints what does not suit before it begins.
    """

    monitor = "val_perplexity"
    curve = "perplexity"
    unit = rows = "examples"
    shows_targets = True
    advises = True

    def __init__(self, options: Options):
        super().__init__(options)
        self.save_every = 0.0
        self.devices = ONE_DEVICE
        self.stopping: Stopping | None = None

    @abc.abstractmethod
    def new_task(self, train: Any) -> Task:
        """Builds vocabularies and model from the raw training examples."""

    def made_task(self, train: Any) -> Task:
        """Builds them with the dtype of the options; nothing that Keras keeps for others changes.

        Args:
            train: The raw training examples.
        """
        self.follow_vectors()
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(self.dtype)
        try:
            return self.new_task(train)
        finally:
            keras.config.set_dtype_policy(before)

    def report(
        self, task: Task, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Evaluates on the test split and draws; returns metrics and `{input: right answer}`.

        The inputs are lines that the task can parse; on them an export is compared.
        """
        return task.evaluate(test), {}

    def loss(self) -> keras.losses.Loss:
        """Returns the loss; padding weighs nothing in it."""
        if isinstance(self.options, LabelSmoothing) and self.options.label_smoothing:
            return SmoothedCrossEntropy(self.options.label_smoothing)
        return CrossEntropy()

    def metrics(self, task: Task) -> list[Any]:
        """Returns what is measured after each epoch, beside the loss."""
        return [Perplexity(), TokenAccuracy()]

    def curve_of(self, task: Task) -> str:
        """Returns the metric that `learning_curve.png` shows: `curve`, unless the task decides."""
        return self.curve

    def fitted_model(self, task: Task) -> keras.Model:
        """Returns what is fitted: the model, or another one over its layers."""
        return task.model

    def run(
        self,
        output: str | os.PathLike[str],
        resume: bool = False,
        *,
        tensorboard: bool = False,
        save_every: float = 0.0,
    ) -> Task:
        """Trains, evaluates and draws, and writes it all into one folder.

        Args:
            output: The folder of the run, new or empty unless `resume`.
            resume: Continue the run that is there, from where it was last saved.
            tensorboard: Write logs for TensorBoard into the folder too.
            save_every: How many minutes an epoch may go on until what it has done is saved; 0
                saves at ends of epochs alone.

        Returns:
            The trained task, with the weights of its best epoch.

        Raises:
            ValueError: For a wrong option, before anything is written.
            DivergedError: Where the validation of the last epoch is not finite.
            StoppedError: Where SIGTERM has come.
        """
        folder = check_output(output, resume)
        self.save_every = save_every
        with FolderLock(folder, LOCK) as lock, Stopping(folder) as self.stopping:
            task, raw, fitted = self.fit(lock, tensorboard=tensorboard)
            if not self.devices.is_chief:
                return task
            if self.devices.strategy is not None:  # the rest is for one device
                task = load(folder)
            task = self.decided(task, raw["validation"], folder)
            metrics, examples = self.report(task, raw["test"], folder)
            write_metrics(folder, task, fitted, metrics, examples)
            self.draw_curve(task, fitted, folder)
        print_metrics(metrics)
        return task

    def decided(self, task: Any, validation: Any, folder: pathlib.Path) -> Any:
        """Returns the trained task with what is chosen on the validation split, and keeps that."""
        return task

    def decided_as(self, task: Any, folds: Sequence[pathlib.Path], folder: pathlib.Path) -> Any:
        """Returns the task of all rows with what the runs of folds have chosen, and keeps that."""
        return task

    def draw_curve(self, task: Task, fitted: Fitted, folder: pathlib.Path) -> None:
        """Draws the learning curve into the folder of the run."""
        kept = None if fitted.monitor is None else fitted.kept
        picture = learning_curve(fitted.history, self.curve_of(task), kept)
        write_beside(folder / "learning_curve.png", picture.savefig)

    def fit(
        self, lock: FolderLock, rates: GivenRates | None = None, *, tensorboard: bool = False
    ) -> tuple[Task, dict[str, Any], Fitted]:
        """Trains into a folder, from the end of the last epoch of the run that is there, if any.

        Args:
            lock: That of the folder of the run, which is held as soon as a run is there.
            rates: The learning rate of each epoch of a training that no validation steers.
            tensorboard: Write logs for TensorBoard into the folder too.

        Returns:
            The trained task with its best weights, the raw examples by split, and all epochs.

        Raises:
            ValueError: For a wrong option, before anything is written.
        """
        folder = lock.folder
        before = recorded_settings(folder)
        if before is not None:
            lock.hold()
            self.options = self.options.resuming(before)
        self.check_options()
        self.devices.check(self.options.batch_size, self.carries_states())
        if tensorboard:
            check_tensorboard()
        if before is not None:
            check_resumable(folder, before, self.options)
            self.resumed = folder
        keras.utils.set_random_seed(self.options.seed)
        raw = self.read_splits()
        digests = data_digests(self.options)
        state = None if before is None else last_state(folder)
        if state is None:
            with self.devices.scope():
                task = self.made_task(raw["train"])
            check_batch_memory(self, task, raw, self.devices.accumulate)
            self.choose_recurrence(task, raw)
            task.origin = {"date": utc_date(), "digests": digests, CHOSEN: self.chosen}
            begin_run(task, lock)
        else:
            self.devices.check_state(state, self.carries_states())
            check_unchanged(folder, origin_of(read_config(folder)), digests)
            with self.devices.scope():
                task = load(folder, state.path)
                restore_seeds(task.model, state.record())
        logs = [tensorboard_logs(folder)] if tensorboard else []
        return task, raw, self._fit(task, raw, folder, state, logs, rates)

    def choose_recurrence(self, task: Task, raw: Mapping[str, Any]) -> None:
        """Chooses how recurrent layers are computed, where that was left out."""
        chosen = chosen_recurrence(self, task, raw, self.devices.parts)
        if chosen is not None:
            self.choose({"recurrence": chosen[0]}, chosen[1])
            task.settings = {**task.settings, **self.options.record()}

    def compiled_model(self, task: Task, steps_per_epoch: int) -> keras.Model:
        """Returns what is fitted, compiled; the model of the task is compiled too.

        Args:
            task: The task.
            steps_per_epoch: Batches of an epoch.
        """
        if isinstance(self.options, Recurrent):
            for stack in stacks_of(task.model):
                stack.recurrence = self.options.recurrence or "keras"
        model = self.fitted_model(task)
        if not task.model.compiled:
            optimizer = self.optimizer(steps_per_epoch)
            self._compile(task.model, optimizer, task)
            # Its variables are in the order of the weights of the model that is saved.
            optimizer.build(task.model.trainable_variables)
        if model is not task.model:
            self._compile(model, task.model.optimizer, task)
        model.jit_compile = False  # of a run that goes on too
        return model

    def _compile(self, model: keras.Model, optimizer: Any, task: Task) -> None:
        # On a GPU Keras would let XLA compile some models, anew for each length of a batch.
        metrics = self.metrics(task)
        model.compile(optimizer, self.loss(), weighted_metrics=metrics, jit_compile=False)

    def _fit(
        self,
        task: Task,
        raw: Mapping[str, Any],
        folder: pathlib.Path,
        state: RunState | None,
        logs,
        rates,
    ) -> Fitted:
        _, steps, validation = self.streams(task, raw, 0)
        print(f"batches: {steps:,} for training; {self.padding_in_words(task, raw)}")
        print(f"compiled by XLA: {self.compiled_in_words()}")
        with self.devices.scope():
            model = self.compiled_model(task, steps)
        validate(model, *next(iter(validation)))
        if self.advises and state is None and rates is None:
            advise(self, task, model, validation)

        def batches(epoch: int, skipped: int) -> Any:
            stream = self.streams(task, raw, epoch)[0].skip(skipped)
            return self.varied(stream, task, raw["train"], epoch * steps + skipped)

        within = self.devices.saves_within(self.carries_states())
        return fit_model(
            task,
            model,
            batches,
            steps,
            validation,
            folder=folder,
            state=state,
            schedule=rates or schedule_of(self.options, self.monitor, folder),
            epochs=self.options.epochs if rates is None else len(rates.rates),
            callbacks=[*self.callbacks(), *logs],
            save_every=self.save_every if within else 0.0,
            stopping=self.stopping if within else None,
            devices=self.devices,
        )

    def callbacks(self) -> list[Any]:
        """Returns the callbacks that the task needs beside those of every training."""
        return [*freezing(self.options)]
