"""`kerasrnn train TASK --dry-run`: what a training would see, and about how long it would take."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from kerasrnn.datasets import validate
from kerasrnn.options.groups import Cached
from kerasrnn.tasks.advice.batch_counts import count_batches, named_batches
from kerasrnn.tasks.advice.batch_memory import check_batch_memory
from kerasrnn.tasks.advice.before_training import print_advice
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.preview import example_lines
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.vocabulary import PADDING, Vocabulary

__all__ = ["dry_run"]

SHOWN = 5  # examples
COUNTED = 2000  # batches at most whose padding is counted
# Batches that are not timed, since the graph is made in them, and batches and seconds that are.
WARM_UP, TIMED, LONGEST = 3, 50, 10.0


def dry_run(job: Job) -> None:
    """Prints what a training would see, and writes nothing.

    These are the sizes of the splits; the first examples of training as the model sees them; the
    sizes of the vocabularies, and how many tokens of the validation split they have not; the share
    of padding; the number of parameters; an estimate of the time of an epoch, for which a few
    batches train a model that nobody keeps.

    Args:
        job: The training.

    Raises:
        ValueError: As the training itself would, for wrong settings or data.
    """
    job.check_options()
    if isinstance(job.options, Cached):  # what is encoded for a look is not kept
        job.options = dataclasses.replace(job.options, cache=None)
    keras.utils.set_random_seed(job.options.seed)
    raw = job.read_splits()
    task = job.made_task(raw["train"])
    check_batch_memory(job, task, raw)
    job.choose_recurrence(task, raw)
    batches, num_batches, validation = job.streams(task, raw, 0)
    model = job.compiled_model(task, num_batches)
    batches = job.varied(batches, task, raw["train"], 0)
    validate(model, *next(iter(validation)))
    names = job.names(task)
    print("Splits:")
    for split, examples in raw.items():
        print(f"  {split:<11}{_size(examples):>9,} {job.unit}")
    size = job.options.batch_size
    print(f"An epoch: {num_batches:,} batches of at most {size} {job.rows}")
    counts = count_batches(named_batches(model, validation), job.counted_names(task))
    _print_vocabularies(names, counts.unknown)
    steps = [_steps(x) for x, *_ in named_batches(model, batches, min(num_batches, COUNTED))]
    _print_padding(steps)
    print(f"Parameters: {task.model.count_params():,}")
    _print_time(_seconds(job, model, batches, steps), num_batches)
    print_advice(job, task, counts)
    print(f"The first {SHOWN} {job.rows} of training as the model sees them:")
    for i, (x, y, _) in enumerate(_rows(model, job.first_batches(task, raw, SHOWN)), start=1):
        first, *others = example_lines(x, y, names)
        print("\n".join([f"{i:>3}  {first}", *(f"     {line}" for line in others)]))
    print("This was a dry run: nothing was written.")


def _size(examples) -> int:
    """The number of examples of a data set, or of rows of one or several series."""
    if hasattr(examples, "starts"):
        return examples.rows
    if hasattr(examples, "values"):
        return len(examples.values)
    number = int(examples.cardinality())
    return number if number >= 0 else int(examples.reduce(np.int64(0), lambda n, *_: n + 1))


def _rows(model: keras.Model, batches) -> Iterable[tuple]:
    """Yields the first rows of batches."""
    found = (
        ({name: value[i] for name, value in x.items()}, y[i], None)
        for x, y, _ in named_batches(model, batches)
        for i in range(len(y))
    )
    return itertools.islice(found, SHOWN)


def _steps(x: Mapping[str, np.ndarray]) -> dict[str, tuple[int, int]]:
    """Counts the steps that are no padding, and all, of each sequence of a batch."""
    masks = {
        name: value if value.dtype == bool else value != PADDING
        for name, value in x.items()
        if value.ndim == 2 and value.dtype.kind in "bi" and name != "targets"
    }
    return {name: (int(mask.sum()), mask.size) for name, mask in masks.items()}


def _print_vocabularies(names: Mapping[str, Any], unknown: Mapping[str, Any]) -> None:
    for name, (number, spoken) in unknown.items():
        rate = number / max(spoken, 1)
        print_wrapped(
            f"Vocabulary of {name}: {len(names[name]):,} ids; out-of-vocabulary rate {rate:.2%} of "
            f"{spoken:,} in the validation split"
        )
    labels = names.get("labels")
    if labels is not None and not isinstance(labels, Vocabulary):
        shown = ", ".join(labels[:20]) + (", …" if len(labels) > 20 else "")
        print_wrapped(f"Labels: {len(labels)}: {shown}")


def _print_padding(steps: list[dict[str, Any]]) -> None:
    shares = []
    for name in steps[0]:
        real, whole = (sum(each[name][i] for each in steps) for i in (0, 1))
        shares.append(f"{1 - real / whole:.1%} of {whole:,} steps of {name}")
    if shares:
        shares = ", ".join(shares).replace("steps of mask", "steps")
        print_wrapped(f"Padding in an epoch: {shares}")


def _seconds(
    job: Job, model: keras.Model, batches, steps: list[dict[str, Any]]
) -> tuple[float, int]:
    """Estimates the seconds of an epoch from a few batches, and returns their number too."""
    watch = _Watch()
    model.fit(
        batches,
        steps_per_epoch=WARM_UP + TIMED,
        callbacks=[*job.callbacks(), watch],
        shuffle=False,
        verbose=0,
    )
    timed = range(WARM_UP, len(watch.ends))
    # A batch costs what it has steps, padding included.
    costs = [max(1, sum(whole for _, whole in each.values())) for each in steps]
    cost = sum(costs[i % len(costs)] for i in timed)
    return (watch.ends[-1] - watch.ends[WARM_UP - 1]) / cost * sum(costs), len(timed)


def _print_time(estimate: tuple[float, int], num_batches: int) -> None:
    seconds, timed = estimate
    seconds *= max(1.0, num_batches / COUNTED)
    shown = f"{seconds:.2g} seconds" if seconds < 100 else f"{seconds / 60:.2g} minutes"
    if seconds >= 5940:
        shown = f"{seconds / 3600:.2g} hours"
    print_wrapped(
        f"Time of an epoch here: about {shown}, without validation (estimated from {timed} batches)"
    )


class _Watch(keras.callbacks.Callback):
    """Notes when each batch ended, and stops when enough are timed."""

    def __init__(self):
        super().__init__()
        self.ends: list[float] = []

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(time.perf_counter())
        if len(self.ends) > WARM_UP and self.ends[-1] - self.ends[WARM_UP - 1] > LONGEST:
            self.model.stop_training = True
