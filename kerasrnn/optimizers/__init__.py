"""Keras' optimizers in fewer operations, lazy ones, and averages of the weights."""

from kerasrnn.optimizers.averaging import (
    AveragingAdam,
    AveragingLazyAdam,
    AveragingSGD,
    averaging,
    epochs_momentum,
)
from kerasrnn.optimizers.fused import FusedAdam, FusedSGD
from kerasrnn.optimizers.lazy_adam import LazyAdam

__all__ = [
    "AveragingAdam",
    "AveragingLazyAdam",
    "AveragingSGD",
    "FusedAdam",
    "FusedSGD",
    "LazyAdam",
    "averaging",
    "epochs_momentum",
]
