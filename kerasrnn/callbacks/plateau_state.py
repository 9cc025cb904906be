"""What `PlateauHalving` remembers of an epoch."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from kerasrnn.callbacks.rule_state import RuleState

__all__ = ["PlateauState"]


@dataclasses.dataclass(frozen=True)
class PlateauState(RuleState):
    """The state of the rule that waits, after one epoch.

    Args:
        epoch: The epoch it was taken after, counted from 0 as `fit` does.
        learning_rate: The rate for the next epoch.
        waited: Epochs in a row without a gain that counts, since the last halving.
        fruitless: Halvings in a row after which there was no gain that counts.
        stopped: Whether the rule has ended the training.
        best: The least negative log-likelihood so far, `inf` before the first finite one.
        best_epoch: The epoch that had it, -1 where that is none.
        snapshot: The file name of the snapshot of that epoch, or of the initial weights.
        history: What happened in each epoch so far, see `PlateauHalving`.
    """

    reference: ClassVar[str] = "best"

    epoch: int
    learning_rate: float
    waited: int
    fruitless: int
    stopped: bool
    best: float
    best_epoch: int
    snapshot: str
    history: list[dict[str, Any]]

    @property
    def snapshot_in_words(self) -> str:
        """What the snapshot holds, for people."""
        known = self.best_epoch >= 0
        return f"weights of epoch {self.best_epoch + 1}" if known else "initial weights"
