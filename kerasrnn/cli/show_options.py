"""The options of what a training shows, the same for all tasks."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from cyclopts import Parameter

__all__ = ["ShowOptions", "ShowParameter"]


@dataclasses.dataclass(frozen=True)
class ShowOptions:
    """What a training shows, before it begins and on its way.

    Args:
        tensorboard: Write the figures of each epoch for TensorBoard too, into the folder
            `tensorboard` of the run.
        dry_run: Train nothing and write nothing: show splits, examples as the model sees them,
            vocabularies, padding, parameters and about how long an epoch takes.
    """

    tensorboard: bool = False
    dry_run: bool = False


ShowParameter = Annotated[ShowOptions, Parameter(name="*", negative="")]
