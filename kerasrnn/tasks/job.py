"""What `kerasrnn train TASK` does: check, read, build, fit, evaluate, draw."""

from __future__ import annotations

import abc
import pathlib
from collections.abc import Mapping

import keras

from kerasrnn.checks import UserError
from kerasrnn.datasets import (
    check_cache,
    class_weights,
    count_labels,
    drop_words,
    source_digest,
    validate,
    weigh_classes,
)
from kerasrnn.files import check_output, write_beside
from kerasrnn.losses import SmoothedCrossEntropy
from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.option_ranges import check_options
from kerasrnn.plotting import learning_curve
from kerasrnn.tasks.loading import load
from kerasrnn.tasks.run_folder import last_epoch, restore_seeds
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.tensorboard import check_tensorboard, tensorboard_logs
from kerasrnn.tasks.training import (
    check_resumable,
    fit_model,
    print_metrics,
    recorded_settings,
    write_metrics,
)
from kerasrnn.tasks.unrecorded import UNRECORDED, with_unrecorded

__all__ = ["Job"]

SPLITS = ("train", "validation", "test")
# Options that say where raw examples come from, and which of them are read how.
SOURCES, READING = ("data", "validation_data", "test_data"), ("features", "turns", "whole_file")
NEWER = ("encoding", "bad_rows")


class Job(abc.ABC):
    """One training from a data set's name or a file to a folder that holds everything.

    A subclass says what is particular to its task; `run` is the same for all.

    Args:
        settings: The options of the command line, but for the output folder.

    Attributes:
        monitor: The entry of the logs that the halving rule compares.
        curve: The metric that `learning_curve.png` shows.
        unit: What is counted in a split.
        rows: What is counted in a batch.
    """

    monitor = "val_perplexity"
    curve = "perplexity"
    unit = rows = "examples"

    def __init__(self, settings: Mapping):
        self.settings = dict(settings)

    @abc.abstractmethod
    def check(self) -> None:
        """Checks the settings of the model, by building a small one."""

    @abc.abstractmethod
    def read(self, split: str):
        """Reads the raw examples of a split."""

    def source(self, split: str) -> tuple:
        """Returns what every reader of `datasets` takes first: data, split and folder."""
        return self.settings["data"], split, self.settings["data_dir"]

    def reading(self) -> dict:
        """Returns the options of every reader of files: which columns, and their encoding."""
        encoding = self.settings.get("encoding") or UNRECORDED["encoding"]
        return {"features": self.settings.get("features"), "encoding": encoding}

    @abc.abstractmethod
    def new_task(self, train) -> Task:
        """Builds vocabularies and model from the raw training examples."""

    @abc.abstractmethod
    def examples(self, task: Task, raw):
        """Encodes raw examples; returns `datasets.Examples`."""

    @abc.abstractmethod
    def report(self, task: Task, test, folder: pathlib.Path) -> tuple[dict, dict]:
        """Evaluates on the test split and draws; returns metrics and `{input: right answer}`."""

    def loss(self) -> keras.losses.Loss:
        """Returns the loss; padding weighs nothing in it."""
        if self.settings.get("label_smoothing"):
            return SmoothedCrossEntropy(self.settings["label_smoothing"])
        return keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        )

    def metrics(self) -> list:
        """Returns what is measured after each epoch, beside the loss."""
        return [Perplexity(), TokenAccuracy()]

    def optimizer(self) -> keras.optimizers.Optimizer:
        """Returns the optimizer, whose learning rate is a number."""
        kind, momentum = self.optimizer_kind(), self.settings.get("ema_momentum")
        averages = {"use_ema": True, "ema_momentum": momentum} if momentum else {}
        clipnorm = self.settings["clipnorm"]
        return kind(self.settings["learning_rate"], global_clipnorm=clipnorm, **averages)

    def optimizer_kind(self) -> type[keras.optimizers.Optimizer]:
        """Returns the class of the optimizer."""
        return keras.optimizers.Adam

    def fitted_model(self, task: Task) -> keras.Model:
        """Returns what is fitted: the model, or another one over its layers."""
        return task.model

    def names(self, task: Task) -> dict:
        """Names the vocabulary of each input of ids, and under `labels` what the labels are."""
        return {}

    def check_settings(self) -> None:
        """Raises a `ValueError` for a wrong setting, before any data are read."""
        check_options(self.settings)
        self.check()
        if self.settings.get("cache") is not None:
            check_cache(self.settings["cache"])

    def read_splits(self) -> dict:
        """Reads the raw examples of all splits."""
        return {split: self.read(split) for split in SPLITS}

    def first_batches(self, task: Task, raw: Mapping, number: int):
        """Makes batches of one training example each, in the order of the file, for a look."""
        return self.examples(task, raw["train"]).take(number).batches(1)

    def run(self, output: str, resume: bool = False, *, tensorboard: bool = False) -> Task:
        """Trains, evaluates and draws, and writes it all into one folder.

        Args:
            output: The folder of the run, new or empty unless `resume`.
            resume: Continue the run that is there, from the end of its last epoch.
            tensorboard: Write logs for TensorBoard into the folder too.

        Returns:
            The trained task.

        Raises:
            ValueError: For a wrong setting, before anything is written.
        """
        folder = check_output(output, resume)
        self.settings = with_unrecorded(self.settings, recorded_settings(folder, self.settings))
        self.check_settings()
        if tensorboard:
            check_tensorboard()
        check_resumable(folder, self.settings)
        keras.utils.set_random_seed(self.settings["seed"])
        raw = self.read_splits()
        done, saved = last_epoch(folder)
        if saved is None:
            task = self.new_task(raw["train"])
            _begin(task, folder)
        else:
            task = load(folder, saved)
            restore_seeds(task.model, saved)
        logs = [tensorboard_logs(folder)] if tensorboard else []
        history = self._fit(task, raw, folder, done, logs)
        metrics, examples = self.report(task, raw["test"], folder)
        write_metrics(folder, task, history, metrics, examples)
        write_beside(folder / "learning_curve.png", learning_curve(history, self.curve).savefig)
        print_metrics(metrics)
        return task

    def compiled_model(self, task: Task) -> keras.Model:
        """Returns what is fitted, compiled; the model of the task is compiled too."""
        model = self.fitted_model(task)
        if not task.model.compiled:
            task.model.compile(self.optimizer(), self.loss(), weighted_metrics=self.metrics())
            # Its variables are in the order of the weights of the model that is saved.
            task.model.optimizer.build(task.model.trainable_variables)
        if model is not task.model:
            model.compile(task.model.optimizer, self.loss(), weighted_metrics=self.metrics())
        return model

    def _fit(self, task: Task, raw: Mapping, folder: pathlib.Path, done: int, logs) -> list[dict]:
        model = self.compiled_model(task)
        batches, steps, validation = self.streams(task, raw, done)
        batches = self.varied(batches, task, raw["train"], done * steps)
        validate(model, *next(iter(validation)))
        return fit_model(
            task,
            model,
            batches,
            steps,
            validation,
            folder=folder,
            epochs=self.settings["epochs"],
            monitor=self.monitor,
            min_improvement=self.settings.get("min_improvement"),
            callbacks=[*self.callbacks(), *logs],
        )

    def callbacks(self) -> list:
        """Returns the callbacks that the task needs beside those of every training."""
        return []

    def varied(self, batches, task: Task, train, first_batch: int):
        """Gives training batches what validation has not: weights of classes, dropped words.

        Args:
            batches: The stream of training batches.
            task: The task.
            train: The raw training examples.
            first_batch: The number of the batch that the stream begins with.

        Returns:
            The stream of other batches.
        """
        if self.settings.get("class_weights"):
            counts = count_labels(train, task.labels)
            weights = class_weights(self.settings["class_weights"], task.labels, counts)
            batches = weigh_classes(batches, weights)
        rate = self.settings.get("word_dropout")
        if not rate:
            return batches
        return drop_words(batches, rate, seed=self.settings["seed"], first_batch=first_batch)

    def check_class_weights(self, labels) -> None:
        """Raises a `ValueError` for weights of classes that are not those of the labels."""
        if self.settings.get("class_weights"):
            class_weights(self.settings["class_weights"], labels)

    def streams(self, task: Task, raw: Mapping, done: int):
        """Makes the batches to fit on.

        Args:
            task: The task.
            raw: The raw examples by split.
            done: Number of epochs that have ended.

        Returns:
            The endless stream of training batches, the number of them in an epoch, and the
            batches of the validation split.
        """
        size, seed, options = self.settings["batch_size"], self.settings["seed"], self.batching()
        train, validation = (
            self._kept(self.examples(task, raw[split]), split) for split in ("train", "validation")
        )
        batches, steps = train.epochs(size, seed=seed, first_epoch=done, **options)
        waste = train.padding_waste(size, **options)
        print(f"batches: {steps:,} for training; {waste:.1%} of their steps are padding")
        return batches, steps, validation.batches(size, **options)

    def batching(self) -> dict:
        """Returns the options of the batches, beside `batch_size`."""
        return {
            "batch_tokens": self.settings.get("batch_tokens"),
            "static_shapes": bool(self.settings.get("static_shapes")),
        }

    def cache(self, split: str) -> tuple[str, dict] | None:
        """Returns the folder for encoded examples, if any, and what tells the source of a split."""
        folder = self.settings.get("cache")
        if folder is None:
            return None
        source = {name: self.settings.get(name) for name in READING}
        # Not beside the others, so that what is cached already is found.
        for name in NEWER:
            if self.settings.get(name, UNRECORDED[name]) != UNRECORDED[name]:
                source[name] = self.settings[name]
        data = [self.settings[name] for name in SOURCES if self.settings.get(name)]
        digests = [source_digest(each, self.settings.get("data_dir")) for each in data]
        return folder, {**source, "split": split, "data": digests}

    def _kept(self, examples, split: str):
        cache = self.cache(split)
        return examples if cache is None else examples.cached(*cache)

    def _chosen(self, names) -> dict:
        # What a run of an earlier version, which is resumed, was not told has its default.
        return {name: self.settings[name] for name in names if name in self.settings}


def _begin(task: Task, folder: pathlib.Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        task.save_settings(folder)
    except OSError as error:
        raise UserError(f"Expected an output folder that can be written. {error}") from None
