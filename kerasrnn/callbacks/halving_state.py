"""What `LearningRateHalving` remembers of an epoch."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from kerasrnn.callbacks.rule_state import RuleState

__all__ = ["HalvingState"]


@dataclasses.dataclass(frozen=True)
class HalvingState(RuleState):
    """The state of Mikolov's rule after one epoch.

    Args:
        epoch: The epoch it was taken after, counted from 0 as `fit` does.
        learning_rate: The rate for the next epoch.
        halving: Whether halving has started.
        stopped: Whether the rule has ended the training.
        previous: The negative log-likelihood of that epoch, `inf` where it was not finite.
        snapshot: The file name of the snapshot of the last epoch that was not worse.
        history: What happened in each epoch so far, see `LearningRateHalving`.
    """

    reference: ClassVar[str] = "previous"

    epoch: int
    learning_rate: float
    halving: bool
    stopped: bool
    previous: float
    snapshot: str
    history: list[dict[str, Any]]

    def in_words(self, worse: bool, failure: bool) -> str:
        """Says for people what the rule decides after the next epoch.

        Args:
            worse: Whether that epoch was worse than this one.
            failure: Whether its gain was too small.
        """
        if worse:
            accepted = [record["epoch"] for record in self.history if not record["restored"]]
            origin = f"weights of epoch {accepted[-1] + 1}" if accepted else "initial weights"
            words = f"worse, {origin} restored"
        elif not self.history:
            words = "first epoch"
        else:
            words = "gain too small" if failure else "improved"
        if failure:
            words += ", second failure, training stops" if self.halving else ", halving starts"
        return words
