"""A learning rate that falls in a straight line over a whole training."""

from __future__ import annotations

from typing import Any

from kerasrnn.tasks.folds.given_rates import GivenRates

__all__ = ["LinearDecay"]

# What remains of the rate at the end, as in word2vec's program.
LEAST = 1e-4


class LinearDecay(GivenRates):
    """Lowers the learning rate with each batch, from its start to nearly 0 (Mikolov et al. 2013a).

    The rate depends on the number of batches that the optimizer has seen, so that a resumed
    training needs no state for it.

    Args:
        learning_rate: The rate at the start.
        epochs: The number of epochs.

    """

    def __init__(self, learning_rate: float, epochs: int):
        super().__init__([learning_rate] * epochs)
        self.monitor = "pair_loss"
        self._steps = 1

    def begin(self, learning_rate: float, steps: int) -> None:
        """Sets what is known once the data are read.

        Args:
            learning_rate: The rate at the start.
            steps: Batches of an epoch.
        """
        self.rates, self._steps = [learning_rate] * len(self.rates), steps

    @property
    def gain_in_words(self) -> str:
        """What the gain is, for people."""
        return "none, for the learning rate falls by itself, and the last weights are kept"

    def rate(self, batches: int) -> float:
        """Returns the learning rate behind a number of batches.

        Example:

        >>> decay = LinearDecay(0.025, epochs=5)
        >>> [round(decay.rate(batches), 7) for batches in (0, 1, 5)]
        [0.025, 0.02, 2.5e-06]
        """
        left = 1 - batches / (self._steps * len(self.rates))
        return self.rates[0] * max(LEAST, left)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._batches = int(self.model.optimizer.iterations)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.model.optimizer.learning_rate = self.rate(self._batches)
        self._batches += 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = self.rate(self._batches)
