"""What a halving rule decides after an epoch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

__all__ = ["Decision"]


@dataclasses.dataclass(frozen=True)
class Decision:
    """What a rule decides after an epoch.

    Args:
        words: It in words.
        accepted: Whether weights and optimizer variables of the epoch are the new snapshot.
        restored: Whether those of the snapshot are put back.
        halved: Whether the learning rate is multiplied by the factor.
        stopped: Whether the training ends.
        memory: The fields of the rule's next state that are its own, by name.
    """

    words: str
    accepted: bool
    restored: bool
    halved: bool
    stopped: bool
    memory: Mapping[str, Any]
