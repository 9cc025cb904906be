"""A schedule that was made before, which steers by nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

__all__ = ["GivenRates"]


class GivenRates(keras.callbacks.Callback):
    """Sets the learning rate of each epoch.

    A resumed training needs no state for it. It stands where `tasks.training.fit_model` has a
    halving rule.

    Args:
        rates: The learning rate of each epoch, the first one first.
    """

    def __init__(self, rates: Sequence[float]):
        super().__init__()
        self.rates = list(rates)
        self.monitor = "loss"
        self.gain: float | None = None
        self.goes_on_within: bool = False
        self.history: list[Mapping[str, Any]] = []

    @property
    def gain_in_words(self) -> str:
        """What the gain is, for people."""
        return "none, for all rows train and none validate"

    def stopped_after(self, epochs: int) -> bool:
        """Tells whether the training ends before its last epoch, which it never does."""
        return False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.optimizer.learning_rate = self.rates[epoch]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = self.rates[epoch]
