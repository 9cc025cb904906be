"""The options of a training: checked, and chosen by the data where they were left out."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import keras

from kerasrnn.datasets import Examples, check_cache
from kerasrnn.optimizers import FusedAdam, averaging, epochs_momentum
from kerasrnn.options import DataSize, Options
from kerasrnn.options.groups import Cached, Recurrent
from kerasrnn.options.layer_memory import check_layer_memory
from kerasrnn.options.words import DType
from kerasrnn.tasks.job_batches import JobBatches
from kerasrnn.tasks.pretrained.starting_vectors import size_of_files
from kerasrnn.tasks.printing import print_wrapped

__all__ = ["JobOptions"]

# What options are checked with before the data are read.
FEW = DataSize(examples=1, length=1)


class JobOptions(JobBatches):
    """The options of one training, and the optimizer that they name.

    Args:
        options: The options of the training.

    Attributes:
        unit: What is counted in a split.
        unused: The names of options that mean nothing for what is read, and are not chosen.
        chosen: The names of the options that were left out and have followed the data.
        resumed: The folder of the run that goes on, if one does.
    """

    unit = "examples"
    unused: tuple[str, ...] = ()

    def __init__(self, options: Options):
        super().__init__(options)
        self.chosen: list[str] = []
        self.resumed: pathlib.Path | None = None

    def check(self) -> None:  # noqa: B027 (there may be nothing to check)
        """Checks what options mean together, by building a small model, before data are read."""

    def check_options(self) -> None:
        """Raises a `ValueError` for a wrong option, before any data are read."""
        given, self.options = self.options, self.options.following(FEW)
        check_layer_memory(self.options)
        self.check()
        if self.options.ema_epochs:
            averaging(self.optimizer_kind())
        self.options = given
        self.options.check_paths()
        if isinstance(self.options, Cached) and self.options.cache is not None:
            check_cache(self.options.cache)

    def choose(self, values: Mapping[str, Any], reason: str) -> None:
        """Gives options that were left out their values, and says so.

        Args:
            values: By name what options are that are `None` now; others stay as they were given.
            reason: Why, behind "chosen".
        """
        values = {name: value for name, value in values.items() if name not in self.unused}
        left = {name: value for name, value in values.items() if value is not None}
        left = {name: value for name, value in left.items() if getattr(self.options, name) is None}
        self.options = dataclasses.replace(self.options, **left)
        self.chosen += left
        if left:
            shown = ", ".join(f"{name} {value}" for name, value in left.items())
            print_wrapped(f"chosen {reason}: {shown}")

    def follow(self, size: DataSize) -> None:
        """Chooses the options that were left out by the size of the training data."""
        self.choose(
            self.options.following(size).record(),
            f"by {size.examples:,} {self.unit} for training, {size.length:.0f} steps long on "
            "average",
        )

    def follow_vectors(self) -> None:
        """Chooses the size of token vectors by the files of vectors, where it was left out."""
        size = size_of_files(self.options)
        if size is not None and "embedding" in {e.name for e in self.options.fields() if e.follows}:
            self.choose({"embedding": size}, "by the word vectors")

    def follow_examples(self, examples: Examples, vocabulary: int = 0) -> None:
        """Does so by encoded training examples, which are kept for the batches."""
        lengths = self.encoded(examples, "train").lengths().max(axis=1)
        length = float(lengths.mean()) if len(lengths) else 0.0
        self.follow(DataSize(len(lengths), length, vocabulary))

    def optimizer(self, steps_per_epoch: int) -> keras.optimizers.Optimizer:
        """Returns the optimizer, whose learning rate is a number.

        Args:
            steps_per_epoch: Batches of an epoch.
        """
        kind, options, averages = self.optimizer_kind(), self.options, {}
        if options.ema_momentum:
            averages = {"use_ema": True, "ema_momentum": options.ema_momentum}
        elif options.ema_epochs:
            kind = averaging(kind)
            averages = {"ema_momentum": epochs_momentum(options.ema_epochs, steps_per_epoch)}
        made = kind(options.learning_rate, global_clipnorm=options.clipnorm, **averages)
        if self.dtype == "mixed_float16":  # whose smallest gradients would be 0
            return keras.optimizers.LossScaleOptimizer(made)
        return made

    @property
    def dtype(self) -> DType:
        """The dtype policy of the model."""
        return self.options.dtype if isinstance(self.options, Recurrent) else "float32"

    def optimizer_kind(self) -> type[keras.optimizers.Optimizer]:
        """Returns the class of the optimizer."""
        return FusedAdam

    def compiled_in_words(self) -> str:
        """Says what XLA compiles, which takes seconds for each new shape of a batch."""
        if isinstance(self.options, Recurrent) and self.options.recurrence == "compiled":
            return "the loops of recurrent layers, for each shape of a batch"
        return "nothing, so that batches of all lengths run at once"
