"""Labels of the frames of videos, in a table: a row for each frame."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Mapping, Sequence

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets.readers.table_rows import numbered_rows
from kerasrnn.datasets.videos.video_file import frame_paths, is_animation, read_frames
from kerasrnn.files import WHITE_SPACE, wrong_line

__all__ = ["LabelledVideo", "videos_of_table"]

ROLES = ("video", "frame", "label")


@dataclasses.dataclass(frozen=True)
class LabelledVideo:
    """A video and its labels.

    Attributes:
        path: A folder of image files, or a GIF.
        labels: One for each frame, in their order.
    """

    path: pathlib.Path
    labels: tuple[str, ...]


def videos_of_table(
    path: str | os.PathLike[str], names: Mapping[str, Sequence[str]], encoding: str = "utf-8"
) -> list[LabelledVideo]:
    """Reads which videos a table names, and the label of each of their frames.

    Args:
        path: A `.csv`, `.tsv` or `.jsonl` file with the columns `video`, the path of a folder of
            images or of a GIF from the folder of the file; `frame`, the name of an image file, with
            or without its ending, or of a GIF the number of the frame, from 1; and `label`. Rows
            may be in any order.
        names: What the file calls these columns, if not so.
        encoding: That of the file.

    Returns:
        The videos, in the order in which they come.

    Raises:
        UserError: For a video that is not there, a label of no frame, a frame that has two, or
            frames without labels; the line is named.
    """
    rows: dict[str, list[tuple[int, str, str]]] = {}
    for line, (video, frame, label) in numbered_rows(path, ROLES, names, encoding):
        video, frame, label = (each.strip(WHITE_SPACE) for each in (video, frame, label))
        if not label:
            raise wrong_line(path, line, f"a label for the frame {frame!r} of {video!r}", "none")
        rows.setdefault(video, []).append((line, frame, label))
    return [_video(path, *each) for each in rows.items()]


def _video(path, name: str, rows: list[tuple[int, str, str]]) -> LabelledVideo:
    place = pathlib.Path(path).parent / name
    line = rows[0][0]
    if place.is_dir():
        files = [each.name for each in frame_paths(place)]
    elif is_animation(place) and place.is_file():
        files = [str(i + 1) for i in range(len(read_frames(place)[0]))]
    else:
        received = f"{name!r}, which is {'a file' if place.exists() else 'not there'}"
        raise wrong_line(path, line, "a folder of images or an animated GIF", received)
    places = {file: i for i, file in enumerate(files)}
    for i, file in enumerate(files):  # a name without its ending too
        places.setdefault(pathlib.PurePath(file).stem, i)
    labels: dict[int, str] = {}
    for line, frame, label in rows:
        if frame not in places:
            expected = f"a frame of {name!r}, one of {first_of(files, 3)}"
            raise wrong_line(path, line, expected, repr(frame))
        if places[frame] in labels:
            raise wrong_line(path, line, f"one label for the frame {frame!r} of {name!r}", "two")
        labels[places[frame]] = label
    missing = [file for i, file in enumerate(files) if i not in labels]
    if missing:
        raise UserError(
            f"{path}: expected a label for each frame of {name!r}. Received: none for "
            f"{first_of(missing, 3)}"
        )
    return LabelledVideo(place, tuple(labels[i] for i in range(len(files))))
