"""Options that mean the same for all tasks, a class for those that go together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter

__all__ = [
    "BatchOptions",
    "BatchParameter",
    "FileOptions",
    "FileParameter",
    "FitOptions",
    "FitParameter",
    "flat_options",
]

# Nothing is to be gained from `--no-dry-run`.
Flag = Annotated[bool, Parameter(negative="")]


@dataclasses.dataclass(frozen=True)
class FitOptions:
    """How a model is fitted, and what the training shows.

    Args:
        learning_rate: Learning rate at the start; plain SGD wants 1 or more.
        clipnorm: The greatest global norm of the gradient.
        ema_momentum: What remains of the average of the weights at each step, such as 0.999; the
            average is what is validated, tested and saved. 0 for none.
        min_improvement: What the loss of the validation split is to be divided by in each epoch, at
            least. The first epoch that does not starts the halving of the learning rate, the second
            one ends the training. Averages of weights, which improve slowly, want less, such as
            1.001.
        seed: Seed of every random choice.
        resume: Continue the run in the output folder from the end of its last epoch.
        tensorboard: Write the figures of each epoch for TensorBoard too, into the folder
            `tensorboard` of the run.
        dry_run: Train nothing and write no run: show splits, examples as the model sees them,
            vocabularies, padding, parameters and about how long an epoch takes. A data set of
            tensorflow-datasets that is not prepared yet is downloaded and prepared.
    """

    learning_rate: float = 0.003
    clipnorm: float = 1.0
    ema_momentum: float = 0.0
    min_improvement: float = 1.003
    seed: int = 1
    resume: bool = False
    tensorboard: Flag = False
    dry_run: Flag = False


@dataclasses.dataclass(frozen=True)
class BatchOptions:
    """How examples become batches.

    Args:
        batch_tokens: Instead of `batch_size`, the greatest number of tokens of a batch, padding
            included; of pairs, those of the longer side.
        static_shapes: Whether batches come in few shapes, for compilers that want that.
    """

    batch_tokens: int | None = None
    static_shapes: bool = False


@dataclasses.dataclass(frozen=True)
class FileOptions:
    """How files are read.

    Args:
        encoding: Encoding of the files, such as latin-1 or cp949.
    """

    encoding: str = "utf-8"


FitParameter = Annotated[FitOptions, Parameter(name="*")]
BatchParameter = Annotated[BatchOptions, Parameter(name="*")]
FileParameter = Annotated[FileOptions, Parameter(name="*")]


def flat_options(options: Mapping) -> dict:
    """Puts the options of these classes among the others, each under its own name."""
    found = {}
    for name, value in options.items():
        found.update(vars(value) if dataclasses.is_dataclass(value) else {name: value})
    return found
