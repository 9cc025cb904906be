"""Which way recurrent layers are computed in a training that leaves it open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from kerasrnn.layers import PatchRecurrence, RecurrentStack
from kerasrnn.layers.recurrence.faster_way import faster_way
from kerasrnn.options.groups import Recurrent
from kerasrnn.options.words import Recurrence
from kerasrnn.tasks.job_batches import JobBatches

__all__ = ["chosen_recurrence", "stacks_of"]


def stacks_of(model: keras.Model) -> list[RecurrentStack]:
    """Returns the recurrent stacks of a model."""
    inner = (each.stack if isinstance(each, PatchRecurrence) else each for each in model.layers)
    return [each for each in inner if isinstance(each, RecurrentStack)]


def chosen_recurrence(
    job: JobBatches, task: Any, raw: Mapping[str, Any], parts: int
) -> tuple[Recurrence, str] | None:
    """Chooses how recurrent layers are computed, see `faster_way`.

    Args:
        job: The training.
        task: The task.
        raw: The raw examples by split.
        parts: Into how many parts a batch is cut.

    Returns:
        The way and the reason; `None` where there are no such layers, or it was said.
    """
    stacks = stacks_of(task.model)
    if not stacks or not isinstance(job.options, Recurrent) or job.options.recurrence is not None:
        return None
    sizes = ((-(-rows // parts), steps) for rows, steps in job.sizes_of_batches(task, raw))
    return faster_way(stacks[0], sizes, job.options.epochs or 0)
