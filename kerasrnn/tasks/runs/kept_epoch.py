"""Which epoch of a run is kept: the best one so far, as the state of the run records it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["KeptEpoch", "kept_epoch"]

BEST = "best"


@dataclasses.dataclass(frozen=True)
class KeptEpoch:
    """The epoch whose weights `model.keras` holds.

    Args:
        epoch: Its number, from 1.
        value: What its validation had, as monitored.
    """

    epoch: int
    value: float

    @classmethod
    def after(cls, kept: KeptEpoch | None, epoch: int, value: float) -> KeptEpoch | None:
        """Returns what is kept after another epoch: the better one, `None` where none is finite.

        Args:
            kept: What was kept before.
            epoch: Its number, from 1.
            value: Its value; lower is better.

        Example:

        >>> KeptEpoch.after(KeptEpoch(4, 1.19987), 6, 1.20263)
        KeptEpoch(epoch=4, value=1.19987)
        """
        better = math.isfinite(value) and (kept is None or value < kept.value)
        return cls(epoch, value) if better else kept


def kept_epoch(
    record: Mapping[str, Any], history: Sequence[Mapping[str, float]], monitor: str
) -> KeptEpoch | None:
    """Reads which epoch of a run is kept.

    Args:
        record: That of its state, see `RunState.record`.
        history: A row for each epoch.
        monitor: The entry of the rows that is monitored.

    Returns:
        The epoch, `None` where none was good. Where an older version has not recorded it, it is the
        last epoch that Mikolov's rule accepted, whose weights were saved.
    """
    if BEST in record:
        return None if record[BEST] is None else KeptEpoch(**record[BEST])
    kept, previous = None, math.inf
    for row in history:
        value = row[monitor]
        if math.isfinite(value) and value <= previous:
            kept = KeptEpoch(int(row["epoch"]) + 1, value)
        previous = value if math.isfinite(value) else math.inf
    return kept
