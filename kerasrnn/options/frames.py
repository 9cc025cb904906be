"""The options of `kerasrnn train frames`."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from kerasrnn.options.groups import Bidirectional, NamedData
from kerasrnn.options.ranges import Count

__all__ = ["Frames"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frames(NamedData, Bidirectional):
    """Train a many-to-many model that labels each frame of a video.

    Args:
        data: `moving_digits`, or a tensorflow-datasets name of videos with a class for each frame.
        features: Features of the data set or columns of the file to read, such as
            frames=video,tags=classes; found by their kinds and usual names by default.
        batch_size: Videos in a batch.

    Example:

    >>> options.Frames(data="moving_digits").batch_size
    32
    """

    task: ClassVar[str] = "frames"
    embedded: ClassVar[tuple[str, ...]] = ("moving_digits",)

    batch_size: Count = 32
