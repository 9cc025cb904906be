"""What a halving rule remembers of an epoch, and how a file holds it."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any, ClassVar, Self, cast

from kerasrnn.checks import UserError

__all__ = ["RuleState"]


class RuleState:
    """The state of a halving rule after one epoch; a dataclass of each rule has its fields.

    Attributes:
        epoch: The epoch it was taken after, counted from 0 as `fit` does.
        learning_rate: The rate for the next epoch.
        stopped: Whether the rule has ended the training.
        snapshot: The file name of the snapshot that weights would be put back from.
        history: What happened in each epoch so far, see `HalvingRule`.
    """

    # The field with a negative log-likelihood, which may be `inf`.
    reference: ClassVar[str]

    epoch: int
    learning_rate: float
    stopped: bool
    snapshot: str
    history: list[dict[str, Any]]

    def answers_for(self, epoch: int) -> bool:
        """Tells whether a run may go on from it after an epoch.

        Args:
            epoch: The epoch; any later one too, once the training is stopped and nothing changes.
        """
        return self.epoch == epoch or (self.stopped and self.epoch < epoch)

    def to_json(self) -> str:
        """Returns the state as standard JSON, in which `nan` and `inf` are strings."""
        fields = dataclasses.asdict(cast(Any, self))
        fields[self.reference] = _finite_or_text(fields[self.reference])
        for record in fields["history"]:
            record["value"] = _finite_or_text(record["value"])
        return json.dumps(fields, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what `to_json` wrote.

        Raises:
            ValueError: For the state of another rule.
        """
        fields = json.loads(text)
        expected = {field.name for field in dataclasses.fields(cast(Any, cls))}
        if set(fields) != expected:
            raise UserError(f"Expected a state with {sorted(expected)}. Received: {sorted(fields)}")
        fields[cls.reference] = float(fields[cls.reference])
        for record in fields["history"]:
            record["value"] = float(record["value"])
        return cls(**fields)


def _finite_or_text(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
