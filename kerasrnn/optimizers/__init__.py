"""Optimizers that keep averages of the weights, which are good from the first steps on."""

from kerasrnn.optimizers.averaging import (
    AveragingAdam,
    AveragingSGD,
    averaging,
    epochs_momentum,
)

__all__ = ["AveragingAdam", "AveragingSGD", "averaging", "epochs_momentum"]
