"""Videos of a user's own with a label for each frame: a table of paths, or arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.datasets.readers.local_files import examples_of_rows, file_of_split, form_of
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.table_rows import ALSO_TABLES, TABLES, numbered_rows
from kerasrnn.datasets.sequences.array_file import ARRAYS
from kerasrnn.datasets.videos.video_arrays import videos_of_arrays
from kerasrnn.datasets.videos.video_file import read_frames, reshaped
from kerasrnn.datasets.videos.video_table import videos_of_table
from kerasrnn.files import found_in
from kerasrnn.options.source import Split

__all__ = ["VIDEO_FILES", "video_inputs", "videos_of_files"]

VIDEO_FILES = (*TABLES, *ARRAYS, *ALSO_TABLES)
FILES = (*TABLES, *ARRAYS)


def videos_of_files(
    data: str | os.PathLike[str],
    split: Split,
    names: Mapping[str, Sequence[str]],
    encoding: str = "utf-8",
    shape: Sequence[int] | None = None,
    size: Sequence[int] | None = None,
) -> tf.data.Dataset:
    """Reads the videos of a split.

    Args:
        data: A table, see `videos_of_table`, or arrays, see `videos_of_arrays`; or a folder with
            such a file for each split.
        split: `"train"`, `"validation"` or `"test"`; `None` for all of a file.
        names: What `feature_names` returned.
        encoding: That of a table.
        shape: Height, width and channels to give the frames; those of the first one of the
            training split by default, which a note says where others differ.
        size: Height and width alone.

    Returns:
        A `tf.data.Dataset` of `(frames, labels)`, `(T, H, W, C)` uint8 and `(T,)` string.

    Raises:
        ValueError: As these functions, and for too few videos for three splits.
    """
    if shape is None:
        first, _ = file_of_split(data, "train", FILES, ALSO_TABLES)
        frames, _ = _frames(next(iter(_films(first, names, encoding)))[0])
        height, width = size or frames.shape[1:3]
        shape = (height, width, frames.shape[3])
    wanted = tuple(shape)
    path, part = file_of_split(data, split, FILES, ALSO_TABLES)
    films = _films(path, names, encoding)
    others = sum(_frames(film, wanted)[1] for film, _ in films)  # a bad one is found before writing
    if others:
        note(
            f"{path}: frames of another size than {wanted[0]} × {wanted[1]}, in {others:,} of "
            f"{len(films):,} videos, are resized to it"
        )

    def rows() -> Iterator[tuple]:
        return ((_frames(film, wanted)[0], list(labels)) for film, labels in films)

    signature = (tf.TensorSpec((None, *wanted), tf.uint8), tf.TensorSpec((None,), tf.string))
    return examples_of_rows(rows, part, path, "videos", signature)


def _films(path, names, encoding: str) -> list[tuple[Any, Sequence[str]]]:
    if form_of(path) in ARRAYS:
        return list(videos_of_arrays(path, names))
    return [(each.path, each.labels) for each in videos_of_table(path, names, encoding)]


def _frames(film, shape: Sequence[int] | None = None) -> tuple[np.ndarray, bool]:
    if not isinstance(film, np.ndarray):
        return read_frames(film, shape)
    if shape is None or film.shape[1:] == tuple(shape):
        return film, False
    other = film.shape[1:3] != tuple(shape[:2])
    return np.stack([reshaped(frame, shape) for frame in film]), other


def video_inputs(
    path: str | os.PathLike[str],
    names: Mapping[str, Sequence[str]],
    encoding: str,
    shape: Sequence[int],
) -> Iterator[Any]:
    """Reads videos to predict from a file as the training takes it, with or without labels.

    Args:
        path: A table with the column `video`, or arrays.
        names: What `feature_names` returned.
        encoding: That of a table.
        shape: Height, width and channels of the frames.

    Yields:
        The paths of the videos of a table, each once; or arrays `(T, H, W, C)` uint8.
    """
    if form_of(path) in ARRAYS:
        for film, _ in videos_of_arrays(path, names, labelled=False):
            yield _frames(film, shape)[0]
        return
    folder, seen = os.path.dirname(os.fspath(path)), set()
    chosen = {role: names[role] for role in ("video",) if role in names}
    for _, (video,) in numbered_rows(path, ("video",), chosen, encoding):
        if video not in seen:
            seen.add(video)
            yield found_in(folder, video)
