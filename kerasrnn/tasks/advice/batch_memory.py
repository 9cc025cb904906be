"""Whether this machine can hold what a training keeps of its largest batch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kerasrnn.checks import check_memory
from kerasrnn.options.groups import Recurrent
from kerasrnn.options.layer_memory import BYTES, recurrent_bytes, state_bytes
from kerasrnn.tasks.job_batches import JobBatches

__all__ = ["batch_bytes", "check_batch_memory"]


def batch_bytes(options: Any, model: keras.Model, rows: int, steps: Sequence[int]) -> int:
    """Returns the bytes that a training step keeps for the gradients of a batch, at least.

    These are the states of the recurrent layers at each step, and what the model gives: the logits.

    Args:
        options: Those of the training.
        model: The model of the task.
        rows: The rows of the batch.
        steps: How long its rows are, padding included: a number for each side of it, that of the
            outputs last.

    Example:

    >>> given = options.Tag(data="tags.conll", units=3, bidirectional=False, cell="gru")
    >>> model = kerasrnn.models.many_to_many(11, 7, units=3, cell="gru", bidirectional=False)
    >>> batch_bytes(given, model, 2, [5])  # 4 * 2 * 5 * (3 * 3 + 7)
    640
    """
    last = steps[-1] if steps else 1
    shapes = [
        [rows, *(last if size is None else size for size in each.shape[1:])]
        for each in model.outputs
    ]
    states = state_bytes(options, rows * sum(steps)) if isinstance(options, Recurrent) else 0
    return BYTES * sum(map(math.prod, shapes)) + states


def check_batch_memory(
    job: JobBatches, task: Any, raw: Mapping[str, Any], accumulate: int = 1
) -> None:
    """Raises a `UserError` where this machine cannot hold the largest training batch.

    With a GPU, whose memory is another one, nothing is checked.

    Args:
        job: The training.
        task: The task.
        raw: The raw examples by split.
        accumulate: In how many parts, one after the other, a batch is computed.
    """
    if keras.distribution.list_devices("gpu"):
        return
    options = job.options
    sizes = job.sizes_of_batches(task, raw)
    rows, steps = max(sizes, key=lambda size: size[0] * (sum(size[1]) or 1), default=(0, []))
    rows = -(-rows // accumulate)
    needed = batch_bytes(options, task.model, rows, steps)
    if isinstance(options, Recurrent):
        needed += recurrent_bytes(options)
    shown = " and ".join(f"{each:,}" for each in steps)
    what = f"{rows:,} {job.rows} in a batch" + (f", of {shown} steps" if steps else "")
    check_memory("the model and its largest batch", needed, what)
