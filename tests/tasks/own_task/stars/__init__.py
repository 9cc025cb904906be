"""A task that is no part of the package: how many stars a text gives."""

import dataclasses
from typing import ClassVar

from kerasrnn import tasks
from kerasrnn.options.groups import Bidirectional, Embedded, Encoded, NamedData, Pooled, Text
from kerasrnn.options.ranges import Positive

__all__ = ["Stars", "register_stars"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stars(NamedData, Text, Bidirectional, Pooled, Embedded, Encoded):
    """Train a many-to-one model that says how many stars a text gives.

    Args:
        data: A .tsv file: a text, a tab and a number of stars on each line.
        most: The greatest number of stars.

    Example:

    >>> Stars(data="reviews.tsv", units=5).most
    5.0
    """

    task: ClassVar[str] = "stars"

    most: Positive = 5.0


def stars() -> tasks.TaskParts:
    """Imports what belongs to the task."""
    from stars.task import StarGiver, StarsJob

    return tasks.TaskParts((StarGiver,), StarsJob)


def register_stars() -> None:
    """What the entry point names."""
    tasks.register(Stars, stars)
