"""What `LearningRateHalving` remembers of an epoch."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

__all__ = ["HalvingState"]


@dataclasses.dataclass(frozen=True)
class HalvingState:
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

    epoch: int
    learning_rate: float
    halving: bool
    stopped: bool
    previous: float
    snapshot: str
    history: list[dict[str, Any]]

    def answers_for(self, epoch: int) -> bool:
        """Tells whether a run may go on from it after an epoch.

        Args:
            epoch: The epoch; any later one too, once the training is stopped and nothing changes.
        """
        return self.epoch == epoch or (self.stopped and self.epoch < epoch)

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

    def to_json(self) -> str:
        """Returns the state as standard JSON, in which `nan` and `inf` are strings."""
        fields = dataclasses.asdict(self)
        fields["previous"] = _finite_or_text(self.previous)
        for record in fields["history"]:
            record["value"] = _finite_or_text(record["value"])
        return json.dumps(fields, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> HalvingState:
        """Reads what `to_json` wrote."""
        fields = json.loads(text)
        fields["previous"] = float(fields["previous"])
        for record in fields["history"]:
            record["value"] = float(record["value"])
        return cls(**fields)


def _finite_or_text(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
