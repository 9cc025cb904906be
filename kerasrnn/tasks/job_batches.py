"""How the data of a training become batches: read, encoded, kept, varied."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.datasets import (
    Examples,
    class_weights,
    count_labels,
    drop_words,
    source_digest,
    weigh_classes,
)
from kerasrnn.options import Options, Source
from kerasrnn.options.groups import Batches, Cached, ClassWeights, NamedData, WordDropout
from kerasrnn.tasks.task import Task

__all__ = ["SPLITS", "JobBatches"]

SPLITS = ("train", "validation", "test")


class JobBatches(abc.ABC):
    """The data of one training.

    Args:
        options: The options of the training.

    Attributes:
        rows: What is counted in a batch.
        judges_rows: Whether answers to rows are right or wrong, so that their number says how well
            an accuracy is known.
    """

    # Those of the class of its task, which a subclass names.
    options: Any
    rows = "examples"
    judges_rows = False

    def __init__(self, options: Options):
        self.options = options
        self._encoded: dict[str, Examples] = {}

    @abc.abstractmethod
    def read(self, split: str) -> Any:
        """Reads the raw examples of a split."""

    def source(self, split: str) -> Source:
        """Says where a split is read from, and how."""
        return self.options.source(self.options.data, split)

    @abc.abstractmethod
    def examples(self, task: Task, raw: Any) -> Examples:
        """Encodes raw examples."""

    def read_splits(self) -> dict[str, Any]:
        """Reads the raw examples of all splits."""
        return {split: self.read(split) for split in SPLITS}

    def carries_states(self) -> bool:
        """Tells whether each row of a batch goes on where that of the batch before ended."""
        return False

    def names(self, task: Task) -> dict[str, Any]:
        """Names the vocabulary of each input of ids, and under `labels` what the labels are."""
        return {}

    def counted_names(self, task: Task) -> dict[str, Any]:
        """Returns those of `names` of whose inputs a dry run counts what the vocabulary lacks."""
        return self.names(task)

    def first_batches(self, task: Task, raw: Mapping[str, Any], number: int) -> Any:
        """Makes batches of one training example each, in the order of the file, for a look."""
        return self.examples(task, raw["train"]).take(number).batches(1)

    def varied(self, batches: Any, task: Any, train: Any, first_batch: int) -> Any:
        """Gives training batches what validation has not: weights of classes, dropped words.

        Args:
            batches: The stream of training batches.
            task: The task.
            train: The raw training examples.
            first_batch: The number of the batch that the stream begins with.

        Returns:
            The stream of other batches.
        """
        options = self.options
        if isinstance(options, ClassWeights) and options.class_weights:
            batches = self.weighed(batches, options.class_weights, task, train)
        rate = options.word_dropout if isinstance(options, WordDropout) else 0
        if not rate:
            return batches
        return drop_words(batches, rate, seed=options.seed, first_batch=first_batch)

    def weighed(self, batches: Any, wanted: str, task: Any, train: Any) -> Any:
        """Gives training batches the weights of classes, as sample weights.

        Args:
            batches: The stream of training batches.
            wanted: The option.
            task: The task.
            train: The raw training examples.
        """
        counts = self.label_counts(task, train)
        return weigh_classes(batches, class_weights(wanted, task.labels, counts))

    def label_counts(self, task: Any, train: Any) -> np.ndarray:
        """Returns how often each label occurs in the raw training examples, `(L,)` int64."""
        return count_labels(train, task.labels)

    def counted_labels(self, task: Any) -> dict[str, int]:
        """Returns how often each label occurs in training, as `new_task` has counted them on its
        way; `{}` where there are none, or the task was loaded."""
        return {}

    def check_class_weights(self, labels: Sequence[str]) -> None:
        """Raises a `ValueError` for weights of classes that are not those of the labels."""
        if self.options.class_weights:
            class_weights(self.options.class_weights, labels)

    def streams(self, task: Task, raw: Mapping[str, Any], done: int) -> tuple[Any, int, Any]:
        """Makes the batches to fit on.

        Args:
            task: The task.
            raw: The raw examples by split.
            done: Number of epochs that have ended.

        Returns:
            The endless stream of training batches, the number of them in an epoch, and the
            batches of the validation split.
        """
        size, seed, options = self.options.batch_size, self.options.seed, self.batching()
        raw = {**raw, "validation": self.validated(task, raw["validation"])}
        train, validation = (
            self.encoded(self.examples(task, raw[split]), split)
            for split in ("train", "validation")
        )
        batches, steps = train.epochs(size, seed=seed, first_epoch=done, **options)
        return batches, steps, validation.batches(size, **options)

    def padding_in_words(self, task: Task, raw: Mapping[str, Any]) -> str:
        """Says how much padding the training batches have.

        Args:
            task: The task.
            raw: The raw examples by split.
        """
        train = self.encoded(self.examples(task, raw["train"]), "train")
        waste = train.padding_waste(self.options.batch_size, **self.batching())
        return f"{waste:.1%} of their steps are padding"

    def sizes_of_batches(
        self, task: Task, raw: Mapping[str, Any]
    ) -> Iterable[tuple[int, list[int]]]:
        """Gives the rows of each training batch of an epoch, and how long each side of it is.

        Args:
            task: The task.
            raw: The raw examples by split.
        """
        train = self.encoded(self.examples(task, raw["train"]), "train")
        return train.sizes_of_batches(self.options.batch_size, **self.batching())

    def validated(self, task: Task, validation: Any) -> Any:
        """Returns the raw examples to validate on: all of the split, unless the task says less."""
        return validation

    def batching(self) -> dict[str, Any]:
        """Returns the options of the batches, beside `batch_size`."""
        if not isinstance(self.options, Batches):
            return {}
        return {
            "batch_tokens": self.options.batch_tokens,
            "static_shapes": self.options.static_shapes,
        }

    def cache(self, split: str) -> tuple[str, dict[str, Any]] | None:
        """Returns the folder for encoded examples, if any, and what tells the source of a split."""
        options = self.options
        if not isinstance(options, Cached) or options.cache is None:
            return None
        folder = options.data_dir if isinstance(options, NamedData) else None
        digests = [source_digest(each, folder) for each in options.sources()]
        return options.cache, {**options.reading(), "split": split, "data": digests}

    def encoded(self, examples: Examples, split: str) -> Examples:
        """Returns the examples of a split, which are encoded once, whoever asks for them.

        Args:
            examples: What `examples` returned.
            split: The split whose raw examples they encode.
        """
        before = self._encoded.get(split)
        if before is None or not examples.key or before.key != examples.key:
            cache = self.cache(split)
            self._encoded[split] = examples if cache is None else examples.cached(*cache)
        return self._encoded[split]
