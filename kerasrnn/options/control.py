"""What belongs to one run of a training, and is no option of what is trained."""

from __future__ import annotations

import dataclasses

from kerasrnn.options.fields import check_fields
from kerasrnn.options.ranges import NonNegative, Parts
from kerasrnn.options.words import Strategy

__all__ = ["Control"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Control:
    """How `kerasrnn train TASK` runs.

    Args:
        config: YAML file with any of these options, or the name of a recipe; the command line wins
            over it.
        output: Folder of the run, which gets the model, its vocabularies or labels, metrics and
            pictures.
        resume: Continue the run in the output folder from where it was last saved.
        save_every: Minutes after which an epoch that goes on is saved, and after which it is saved
            again; 0 saves at ends of epochs alone.
        strategy: Where to compute: with `mirrored` on all GPUs of this machine, with `multi-worker`
            on the workers that TF_CONFIG names. Each computes its rows of a batch, of `batch_size`
            in all; the first worker writes. By default in this process alone.
        workers: Start so many processes on this machine, with `--strategy multi-worker` and an
            equal part of its cores each, and start all again from what was saved last when one
            dies.
        accumulate: Compute each batch in so many parts, one after the other, where memory does not
            hold it at once; what is learned stays the same.
        tensorboard: Write the figures of each epoch for TensorBoard too, into the folder
            `tensorboard` of the run.
        dry_run: Train nothing and write no run: show splits, examples as the model sees them,
            vocabularies, padding, parameters and about how long an epoch takes. A data set of
            tensorflow-datasets that is not prepared yet is downloaded and prepared.
    """

    config: str | None = None
    output: str
    resume: bool = False
    save_every: NonNegative = 5.0
    strategy: Strategy | None = None
    workers: Parts = 1
    accumulate: Parts = 1
    tensorboard: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
