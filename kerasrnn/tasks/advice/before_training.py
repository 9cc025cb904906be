"""Advice that a training, or a dry run, prints before the first epoch."""

from __future__ import annotations

from typing import Any

import keras

from kerasrnn.tasks.advice.advice import FEW_ROWS, advice
from kerasrnn.tasks.advice.batch_counts import BatchCounts, count_batches, named_batches
from kerasrnn.tasks.job_batches import JobBatches
from kerasrnn.tasks.printing import print_wrapped

__all__ = ["advise", "print_advice"]

# Batches of the validation split at most that are counted: a look, which costs no epoch.
COUNTED = 1000


def advise(job: JobBatches, task: Any, model: keras.Model, validation: Any) -> None:
    """Counts in validation batches, and prints what does not suit.

    Args:
        job: The training.
        task: The task.
        model: What is fitted.
        validation: Batches of the validation split.
    """
    names = job.names(task)
    looked_at = COUNTED if set(names) - {"labels"} else FEW_ROWS * job.judges_rows
    batches = named_batches(model, validation, looked_at)
    print_advice(job, task, count_batches(batches, names))


def print_advice(job: JobBatches, task: Any, counts: BatchCounts) -> None:
    """Prints a note for each sentence of advice.

    Args:
        job: The training.
        task: The task.
        counts: What was counted in its validation split.
    """
    rows = job.rows if job.judges_rows else None
    for sentence in advice(job.options, counts, job.counted_labels(task), rows=rows):
        print_wrapped(f"Note: {sentence}")
