"""Training on several devices and workers, by the strategies of TensorFlow."""

from kerasrnn.distribute.fitting import evaluate, fit
from kerasrnn.distribute.strategies import (
    Worker,
    agreed,
    is_chief,
    lost_workers,
    scope,
    this_worker,
    values_of,
)

__all__ = [
    "Worker",
    "agreed",
    "evaluate",
    "fit",
    "is_chief",
    "lost_workers",
    "scope",
    "this_worker",
    "values_of",
]
