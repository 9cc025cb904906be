"""What is counted of training examples, by which options that a user leaves out are chosen."""

from __future__ import annotations

import dataclasses

__all__ = ["DataSize", "chosen_batch_size", "chosen_epochs"]

SEEN, STEPS = 600_000, 45_000_000  # examples, and steps of them, in all epochs together
FEWEST, MOST = 5, 30  # epochs


@dataclasses.dataclass(frozen=True)
class DataSize:
    """The size of a training split.

    Args:
        examples: The number of examples.
        length: Their mean number of steps, such as tokens; of pairs that of the longer side.
        vocabulary: The number of ids; of pairs that of the larger vocabulary.
        entities: Whether labels mark entities, such as B-PER.
    """

    examples: int
    length: float
    vocabulary: int = 0
    entities: bool = False


def chosen_epochs(size: DataSize) -> int:
    """Returns how many epochs there are at most; the schedule ends most trainings sooner.

    As many as show 600,000 examples in all, or 45 million steps where that is less, but 5 to 30.

    Example:

    >>> [chosen_epochs(DataSize(examples, 9)) for examples in (2000, 50_000, 670_000)]
    [30, 12, 5]
    >>> chosen_epochs(DataSize(22_500, 297))  # long texts
    6
    """
    examples = max(size.examples, 1)
    epochs = min(SEEN / examples, STEPS / (examples * max(size.length, 1)))
    return min(max(int(epochs), FEWEST), MOST)


def chosen_batch_size(size: DataSize) -> int:
    """Returns how many examples are in a batch: 32 of up to 15,000 examples, 64 of more."""
    return 32 if size.examples <= 15_000 else 64
