"""The options of `kerasrnn train frames`."""

from __future__ import annotations

import dataclasses
import re
from typing import Annotated, Any, ClassVar

from kerasrnn.checks import UserError, check_size
from kerasrnn.options.fields import Unrecorded
from kerasrnn.options.groups import Bidirectional, Encoded, NamedData
from kerasrnn.options.ranges import Count

__all__ = ["Frames", "height_and_width"]


def height_and_width(value: str | None) -> tuple[int, int] | None:
    """Reads the size of an image, height first.

    Args:
        value: Such as `"48x64"`; one number for both; `None` for none.

    Raises:
        UserError: For anything else.

    Example:

    >>> height_and_width("48x64"), height_and_width("32"), height_and_width(None)
    ((48, 64), (32, 32), None)
    """
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9})(?:[x×]([0-9]{1,9}))?", str(value).strip())
    if found is None:
        raise UserError(
            f"Expected `image_size` to be height and width, such as 48x64. Received: {value!r}"
        )
    height, width = found[1], found[2] or found[1]
    return check_size("image_size", int(height)), check_size("image_size", int(width))


def _check_image_size(name: str, value: Any) -> str:
    height_and_width(value)
    return str(value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frames(NamedData, Bidirectional, Encoded):
    """Train a many-to-many model that labels each frame of a video.

    Args:
        data: `moving_digits`, a tensorflow-datasets name of videos with a class for each frame, a
            .csv, .tsv or .jsonl file (columns video, the path of a folder of images or of an
            animated GIF; frame, the name of an image or the number of a frame, from 1; and label),
            a .npz file (arrays frames, lengths and labels), or a folder with such a file for each
            split. Of each twenty videos of a file the 19th is for validation and the 20th for test.
        features: Features of the data set or columns of the file to read, such as
            frames=video,tags=classes; found by their kinds and usual names by default.
        image_size: Height and width that frames are resized to, such as 48x64; by default those of
            the first frame of a file.
        batch_size: Videos in a batch.

    Example:

    >>> options.Frames(data="moving_digits").batch_size
    32
    """

    task: ClassVar[str] = "frames"
    embedded: ClassVar[tuple[str, ...]] = ("moving_digits",)

    image_size: Annotated[str | None, _check_image_size, Unrecorded(None)] = None
    batch_size: Count = 32
